//! Cold starts: process start to first answer, peak memory, bytes; each build of `claim` against a bare `lambda_http` function.

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::json;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tests::Desk;
use tests::rie::{self, Lambda};

/// How a binary is built: its name in the table, the crate, and what of the release profile is otherwise.
struct Build {
    name: &'static str,
    package: &'static str,
    profile: &'static [(&'static str, &'static str)],
}

const BUILDS: [Build; 6] = [
    Build { name: "hello, bare lambda_http", package: "hello", profile: &[] },
    Build { name: "claim, as committed", package: "claim", profile: &[] },
    Build {
        name: "claim, opt-level 3",
        package: "claim",
        profile: &[("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3")],
    },
    Build {
        name: "claim, opt-level z",
        package: "claim",
        profile: &[("CARGO_PROFILE_RELEASE_OPT_LEVEL", "z")],
    },
    Build {
        name: "claim, no LTO, 16 units",
        package: "claim",
        profile: &[("CARGO_PROFILE_RELEASE_LTO", "off"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")],
    },
    Build {
        name: "claim, panic abort",
        package: "claim",
        profile: &[("CARGO_PROFILE_RELEASE_PANIC", "abort")],
    },
];

/// One start.
struct Start {
    first: Duration,
    second: Duration,
    peak_kb: u64,
}

/// Builds, measures alternately, and says it as a table in Markdown.
pub(crate) fn table(runs: usize, only: &str) -> String {
    let chosen = BUILDS.iter().filter(|build| build.package == "hello" || build.name.contains(only));
    let built: Vec<(&Build, PathBuf)> = chosen.map(|build| (build, binary(build))).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let desk = runtime.block_on(Desk::new());
    let mut starts: Vec<Vec<Start>> = built.iter().map(|_| Vec::new()).collect();
    for run in 0..runs {
        for (place, (_, binary)) in built.iter().enumerate() {
            // Two reviews for each start: opening is not measured.
            let reviews = [0, 1].map(|nth| format!("run-{run}-{place}-{nth}"));
            for review in &reviews {
                runtime.block_on(desk.open_at("agent", review, "extract", 0));
            }
            starts[place].push(start(&desk, binary, &reviews));
        }
    }
    let base = medians(&starts[0]);
    let mut table = String::from(
        "| build | first answer ÷ hello's | quartiles | second ÷ hello's | peak memory ÷ hello's | zipped, KB |\n\
         |---|---|---|---|---|---|\n",
    );
    for ((build, binary), starts) in built.iter().zip(&starts) {
        let [low, first, high, second, peak] = medians(starts);
        let _ = writeln!(
            table,
            "| {} | {:.2} | {:.2}–{:.2} | {:.2} | {:.2} | {} |",
            build.name,
            first / base[1],
            low / base[1],
            high / base[1],
            second / base[3],
            peak / base[4],
            deflated(binary) / 1000,
        );
    }
    let _ = writeln!(
        table,
        "\n{runs} starts of each, alternating; hello's first answer: {:.1} ms.",
        base[1] * 1e3
    );
    table
}

/// Of the first answers, quartiles and median; of the second ones and of memory, the median.
fn medians(starts: &[Start]) -> [f64; 5] {
    let at = |part: usize, of: fn(&Start) -> f64| {
        let mut all: Vec<f64> = starts.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[(all.len() - 1) * part / 4]
    };
    let first = |start: &Start| start.first.as_secs_f64();
    #[allow(clippy::cast_precision_loss)] // kilobytes
    let peak = |start: &Start| start.peak_kb as f64;
    [at(1, first), at(2, first), at(3, first), at(2, |start| start.second.as_secs_f64()), at(2, peak)]
}

/// The emulator starts the function's process with the first event, so the first answer's time holds the process's start.
fn start(desk: &Desk, binary: &Path, reviews: &[String; 2]) -> Start {
    let lambda = Lambda::start(binary, rie::environment(desk));
    let timed = |run: &String| {
        let path = format!("/v1/workflows/reviews/{run}/extract/claim");
        let parameters = json!({ "run_id": run, "block_id": "extract" });
        let route = "POST /v1/workflows/reviews/{run_id}/{block_id}/claim";
        let body = json!({ "version_stamp": 0 }).to_string();
        let event = rie::request(route, &path, desk.key("dana"), &parameters, Some(&body));
        let began = Instant::now();
        let answer = lambda.invoke(&event);
        let took = began.elapsed();
        assert_eq!(answer["statusCode"], 200, "{answer}");
        took
    };
    Start { first: timed(&reviews[0]), second: timed(&reviews[1]), peak_kb: lambda.peak_memory_kb() }
}

/// Builds into a target directory of its own below the shared one, so that builds are kept.
fn binary(build: &Build) -> PathBuf {
    let slug: String = build.name.chars().filter(char::is_ascii_alphanumeric).collect();
    let folder = rie::target().join("bench").join(slug);
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--release", "--locked", "--quiet", "-p", build.package, "--target-dir"])
        .arg(&folder);
    cargo.envs(build.profile.iter().copied()).current_dir(rie::workspace());
    eprintln!("building {}", build.name);
    assert!(cargo.status().unwrap().success(), "{}", build.name);
    folder.join("release").join(build.package)
}

/// What the binary weighs in a zip file.
fn deflated(binary: &Path) -> usize {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&std::fs::read(binary).unwrap()).unwrap();
    encoder.finish().unwrap().len()
}
