//! Cold starts: process start to first answer, peak memory, bytes; each build of `claim` against a bare `lambda_http` function.

use crate::runtime_api::Function;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tests::Desk;
use tests::rie;

/// How a binary is built: its name in the table, the crate, and what of the release profile is otherwise.
struct Build {
    name: &'static str,
    package: &'static str,
    profile: &'static [(&'static str, &'static str)],
    /// The system's root certificates, of which the SDK's client reads all there are.
    roots: Roots,
}

/// Which root certificates the process finds.
#[derive(Clone, Copy)]
enum Roots {
    /// All files of the system.
    System,
    /// The system's one file with all of them.
    Bundle,
    /// Those of Amazon alone.
    Amazon,
}

const BUILDS: [Build; 8] = [
    Build { name: "hello, bare lambda_http", package: "hello", profile: &[], roots: Roots::System },
    Build { name: "claim, as committed", package: "claim", profile: &[], roots: Roots::System },
    Build {
        name: "claim, opt-level 3",
        package: "claim",
        profile: &[("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3")],
        roots: Roots::System,
    },
    Build {
        name: "claim, opt-level z",
        package: "claim",
        profile: &[("CARGO_PROFILE_RELEASE_OPT_LEVEL", "z")],
        roots: Roots::System,
    },
    Build {
        name: "claim, no LTO, 16 units",
        package: "claim",
        profile: &[("CARGO_PROFILE_RELEASE_LTO", "off"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")],
        roots: Roots::System,
    },
    Build {
        name: "claim, panic abort",
        package: "claim",
        profile: &[("CARGO_PROFILE_RELEASE_PANIC", "abort")],
        roots: Roots::System,
    },
    Build { name: "claim, roots from one file", package: "claim", profile: &[], roots: Roots::Bundle },
    Build { name: "claim, Amazon's roots alone", package: "claim", profile: &[], roots: Roots::Amazon },
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
            let roots = roots(built[place].0.roots);
            starts[place].push(runtime.block_on(start(&desk, binary, roots, &reviews)));
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

async fn start(desk: &Desk, binary: &Path, roots: Option<PathBuf>, reviews: &[String; 2]) -> Start {
    let roots = roots.map(|file| ("SSL_CERT_FILE", file.to_str().unwrap().to_owned()));
    let environment = rie::environment(desk).into_iter().chain(roots);
    let [first, second] = reviews.each_ref().map(|run| claim(desk, run));
    let began = Instant::now();
    let mut function = Function::start(binary, environment, &first).await;
    assert_eq!(function.answer().await["statusCode"], 200);
    let first = began.elapsed();
    let began = Instant::now();
    function.send(&second).await;
    assert_eq!(function.answer().await["statusCode"], 200);
    Start { first, second: began.elapsed(), peak_kb: function.peak_memory_kb() }
}

fn claim(desk: &Desk, run: &str) -> Value {
    let path = format!("/v1/workflows/reviews/{run}/extract/claim");
    let parameters = json!({ "run_id": run, "block_id": "extract" });
    let route = "POST /v1/workflows/reviews/{run_id}/{block_id}/claim";
    let body = json!({ "version_stamp": 0 }).to_string();
    rie::request(route, &path, desk.key("dana"), &parameters, Some(&body))
}

/// The file that a process is told to take its root certificates from.
fn roots(roots: Roots) -> Option<PathBuf> {
    const FOLDER: &str = "/etc/ssl/certs";
    match roots {
        Roots::System => None,
        Roots::Bundle => Some(Path::new(FOLDER).join("ca-certificates.crt")),
        Roots::Amazon => {
            let file = rie::target().join("bench/amazon-roots.pem");
            let of_amazon = |path: &PathBuf| {
                let name = path.file_name().unwrap().to_string_lossy();
                name.starts_with("Amazon_Root") || name.starts_with("Starfield_Services_Root")
            };
            let files =
                std::fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path()).filter(of_amazon);
            let all: String = files.map(|path| std::fs::read_to_string(path).unwrap()).collect();
            assert!(!all.is_empty(), "{FOLDER} holds no root certificate of Amazon's");
            std::fs::write(&file, all).unwrap();
            Some(file)
        }
    }
}

/// Builds into a target directory of its own below the shared one, so that builds are kept.
fn binary(build: &Build) -> PathBuf {
    let same = BUILDS.iter().find(|it| (it.package, it.profile) == (build.package, build.profile)).unwrap();
    let slug: String = same.name.chars().filter(char::is_ascii_alphanumeric).collect();
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
