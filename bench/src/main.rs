//! Benchmarks: `cargo run --release -p bench -- <suite>`. Each time is a ratio to something that was measured in the same run.
//!
//! Each suite prints its results and writes them to `docs/bench/`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Counts and times here are far below 2^53, and none is negative.
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

mod alternative_designs;
mod calls;
mod cold;
mod desk;
mod hottest;
mod load;
mod peers;
mod plot;
mod prices;
mod report;
mod runtime_api;
mod sample;
mod scale;
mod test_app;
mod units;
mod warm;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about, version)]
struct Arguments {
    #[command(subcommand)]
    suite: Suite,
}

#[derive(Subcommand)]
enum Suite {
    /// Process start to first answered claim: built in several ways, and in other languages.
    Cold {
        /// Starts of each.
        #[arg(long, default_value_t = 40)]
        runs: usize,
        /// Of the builds, only those whose name contains this; the bare function is always measured.
        #[arg(long, default_value = "")]
        only: String,
        /// Another build of `claim`, such as an earlier commit's, in the same run instead of the other languages. Prints, and writes nothing.
        #[arg(long, value_name = "BINARY")]
        before: Option<std::path::PathBuf>,
    },
    /// Handlers against the bare SDK calls that they need.
    Warm {
        /// Pairs of each call.
        #[arg(long, default_value_t = 1000)]
        rounds: usize,
        /// Calls whose instructions are counted, with valgrind; 0: none.
        #[arg(long, default_value_t = 100)]
        counted: usize,
    },
    /// Capacity units, round trips and dollars, against other designs.
    Units,
    /// Many reviews, many claims, many clients.
    Scale {
        /// How many reviews.
        #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000, 100_000])]
        sizes: Vec<usize>,
        /// Calls of each at each size.
        #[arg(long, default_value_t = 200)]
        rounds: usize,
    },
    /// When a partition gets too hot: a simulation with measured units.
    Hottest {
        /// Seed of the random choices.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Pages of documents against `pdftoppm` and pdf.js, and a whole review by keyboard in a browser.
    Desk {
        /// The documents: all PDFs in this folder.
        #[arg(long, default_value = "local/demo/documents")]
        documents: std::path::PathBuf,
        /// Times that each page is rendered by each.
        #[arg(long, default_value_t = 5)]
        rounds: usize,
    },
    /// What `warm` has valgrind count.
    #[command(hide = true)]
    Count { verb: warm::Verb, way: warm::Way, calls: usize },
}

fn main() {
    match Arguments::parse().suite {
        Suite::Cold { runs, only, before: None } => cold::suite(runs, &only, None).save(),
        Suite::Cold { runs, only, before } => cold::suite(runs, &only, before).print(),
        Suite::Warm { rounds, counted } => warm::suite(rounds, counted).save(),
        Suite::Units => units::suite().save(),
        Suite::Scale { sizes, rounds } => scale::suite(&sizes, rounds).save(),
        Suite::Hottest { seed } => hottest::suite(seed).save(),
        Suite::Desk { documents, rounds } => desk::suite(&documents, rounds).save(),
        Suite::Count { verb, way, calls } => warm::count(verb, way, calls),
    }
}
