//! Signing in at an issuer, with an issuer that forges what a test wants forged.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod admitted;
mod issuer;
mod refused;
mod sessions;
mod world;
