//! Somebody who means harm, with and without a key.
//!
//! **On timing.** Nothing here measures how long a wrong key takes. No secret is compared with another: the key that comes is
//! hashed (SHA-256), and the hash is the key of the item that is asked for, in the process's cache or in the table. What an
//! attacker could learn from the time a look-up takes is a prefix of a hash of their own guess, which says nothing about
//! anybody's key of 256 random bits; and whether a key is unknown, revoked or expired is one look-up and one answer
//! (`authentication.rs`). Only a malformed one is refused without a look-up, and that it is malformed they know.

mod bombs;
mod cursors;
mod headers;
mod logs;
mod matrix;
mod organizations;
mod sign_in;
mod slow;
mod tags;
