//! How a function runs: what its environment tells it, and how it answers Lambda.

pub mod config;
pub mod lambda;
