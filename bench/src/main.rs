//! What it costs: `cargo run --release -p bench -- <suite>`. Every figure of time is a ratio to something measured in the same run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cold;
mod runtime_api;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about, version)]
struct Arguments {
    #[command(subcommand)]
    suite: Suite,
}

#[derive(Subcommand)]
enum Suite {
    /// Process start to first answered claim, built in several ways.
    Cold {
        /// Starts of each build.
        #[arg(long, default_value_t = 40)]
        runs: usize,
        /// Of the builds, only those whose name contains this; the bare function is always measured.
        #[arg(long, default_value = "")]
        only: String,
    },
}

fn main() {
    match Arguments::parse().suite {
        Suite::Cold { runs, only } => print!("{}", cold::table(runs, &only)),
    }
}
