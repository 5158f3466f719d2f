//! Cold starts: process start to first answer, peak memory, bytes; each build of `claim`, and the same claim in other
//! languages, against a bare `lambda_http` function.

use crate::peers::{self, Peer};
use crate::plot;
use crate::report::{Report, Table, ratio, whole};
use crate::runtime_api::Function;
use crate::sample::Sample;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tests::TestApp;
use tests::rie;

/// How a binary is built: its name in the table, the crate, and what of the release profile is otherwise.
struct Build {
    name: &'static str,
    package: &'static str,
    profile: &'static [(&'static str, &'static str)],
    /// The root certificates that it trusts.
    roots: Roots,
}

/// Which root certificates the process finds.
#[derive(Clone, Copy)]
enum Roots {
    /// The default: Amazon's own, which are in the binary.
    Own,
    /// All files of the system.
    System,
    /// The system's one file with all of them.
    Bundle,
}

const BUILDS: [Build; 9] = [
    Build { name: "hello, bare lambda_http", package: "hello", profile: &[], roots: Roots::Own },
    Build { name: "the four bare calls, Rust SDK", package: "bare", profile: &[], roots: Roots::Own },
    Build { name: COMMITTED, package: "claim", profile: &[], roots: Roots::Own },
    Build {
        name: "claim, opt-level 3",
        package: "claim",
        profile: &[("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3")],
        roots: Roots::Own,
    },
    Build {
        name: "claim, opt-level z",
        package: "claim",
        profile: &[("CARGO_PROFILE_RELEASE_OPT_LEVEL", "z")],
        roots: Roots::Own,
    },
    Build {
        name: "claim, no LTO, 16 units",
        package: "claim",
        profile: &[("CARGO_PROFILE_RELEASE_LTO", "off"), ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")],
        roots: Roots::Own,
    },
    Build {
        name: "claim, panic abort",
        package: "claim",
        profile: &[("CARGO_PROFILE_RELEASE_PANIC", "abort")],
        roots: Roots::Own,
    },
    Build { name: "claim, roots from one file", package: "claim", profile: &[], roots: Roots::Bundle },
    Build { name: "claim, the system's roots", package: "claim", profile: &[], roots: Roots::System },
];

const COMMITTED: &str = "claim, as committed";

/// A build of `claim` that was made elsewhere: an earlier commit's.
const BEFORE: Build = Build { name: "claim, before", package: "claim", profile: &[], roots: Roots::Own };

/// What is measured.
enum Subject {
    Build(&'static Build, PathBuf),
    Peer(Peer),
}

impl Subject {
    const fn name(&self) -> &'static str {
        match self {
            Self::Build(build, _) => build.name,
            Self::Peer(peer) => peer.name,
        }
    }

    fn command(&self) -> Command {
        match self {
            Self::Build(_, binary) => {
                let mut command = Command::new(binary);
                command.env_clear();
                command
            }
            Self::Peer(peer) => peer.command(),
        }
    }

    /// The environment that sets the process's root certificates.
    fn roots(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Build(build, _) => roots(build.roots),
            Self::Peer(_) => None,
        }
    }

    fn zipped(&self) -> usize {
        match self {
            Self::Build(_, binary) => zipped(binary),
            Self::Peer(peer) => peer.zipped(),
        }
    }
}

/// One start.
struct Start {
    first: Duration,
    second: Duration,
    peak_kb: u64,
}

/// Builds, installs, and measures alternately.
pub(crate) fn suite(runs: usize, only: &str, before: Option<PathBuf>) -> Report {
    let chosen = BUILDS.iter().filter(|build| build.package != "claim" || build.name.contains(only));
    let mut subjects: Vec<Subject> = chosen.map(|build| Subject::Build(build, binary(build))).collect();
    let is_comparison = before.is_some();
    if let Some(binary) = before {
        subjects.push(Subject::Build(&BEFORE, binary));
    } else {
        subjects.extend([peers::python(), peers::node()].map(Subject::Peer));
    }
    let starts = measure(runs, &subjects);
    let mut report = Report::new("cold");
    report.text(
        "From just before the process is spawned to its first answered claim, over a stand-in for Lambda's runtime API: AWS's own\n\
         emulator starts the process together with itself, so that with it nobody can say when that began. The table is in the\n\
         emulated DynamoDB, over plain HTTP on loopback; a claim makes four calls to it, hello none. *The four bare calls* makes them\n\
         from a function without rules, errors, logs or overlay: what is left of a claim when only the SDK's part remains.",
    );
    report.table(to_hello(&subjects, &starts));
    report.text(format!(
        "{runs} starts of each, alternating; hello's first answer: {:.1} ms, its zip: {} KB.",
        first(&starts[0]).median() * 1e3,
        subjects[0].zipped() / 1000,
    ));
    if is_comparison {
        return report;
    }
    let picture: Vec<(String, f64)> = subjects
        .iter()
        .zip(&starts)
        .map(|(subject, of)| (subject.name().to_owned(), first(of).median() / first(&starts[0]).median()))
        .collect();
    let title = "First answered claim after process start";
    let svg = plot::bars(title, "times the bare lambda_http function's (logarithmic)", 0.9, &picture);
    report.picture("first-answer", "First answers, as multiples of hello's", &svg);
    if let Some(table) = to_peers(&subjects, &starts) {
        report.table(table);
    }
    report.text(format!(
        "Peers: {}. Both make the four calls that our claim makes, on the items that `open` wrote, and answer the overlay \
         (`bench/peers`). Python: `boto3.client`, one call after the other, on AWS's `awslambdaric`, byte-compiled. Node.js: three of \
         the calls side by side, one minified bundle by esbuild with the SDK in it, on a runtime loop of our own, because \
         `aws-lambda-ric` 4 asks for Node.js 22 and a native build. Their zips hold the SDK, and not what Lambda's \
         managed runtime brings; leaving boto3 to that runtime too would make Python's a few KB.",
        peers::versions(),
    ));
    report
}

/// Starts each of them in turn, `runs` times.
fn measure(runs: usize, subjects: &[Subject]) -> Vec<Vec<Start>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let app = runtime.block_on(TestApp::new());
    let mut starts: Vec<Vec<Start>> = subjects.iter().map(|_| Vec::new()).collect();
    for run in 0..runs {
        // A different one begins each time, so that none always follows the same one.
        for place in (0..subjects.len()).map(|nth| (nth + run) % subjects.len()) {
            let subject = &subjects[place];
            // Two reviews for each start: opening is not measured.
            let reviews = [0, 1].map(|nth| format!("run-{run}-{place}-{nth}"));
            for review in &reviews {
                runtime.block_on(app.open_at("agent", review, "extract", 0));
            }
            starts[place].push(runtime.block_on(start(&app, subject, &reviews)));
        }
    }
    starts
}

fn first(starts: &[Start]) -> Sample {
    Sample::of(starts.iter().map(|start| start.first.as_secs_f64()))
}

fn second(starts: &[Start]) -> Sample {
    Sample::of(starts.iter().map(|start| start.second.as_secs_f64()))
}

fn peak(starts: &[Start]) -> Sample {
    Sample::of(starts.iter().map(|start| start.peak_kb as f64))
}

fn to_hello(subjects: &[Subject], starts: &[Vec<Start>]) -> Table {
    let mut table = Table::new(
        "Ratios to a bare lambda_http function",
        &["function", "first answer", "quartiles", "second answer", "peak memory", "zip", "zip, KB"],
    );
    let hello = &starts[0];
    let (base, zip) = (first(hello).median(), subjects[0].zipped());
    for (subject, starts) in subjects.iter().zip(starts) {
        let bytes = subject.zipped();
        table.row([
            subject.name().into(),
            ratio(first(starts).median() / base),
            first(starts).quartiles(1.0 / base).into(),
            ratio(second(starts).median() / second(hello).median()),
            ratio(peak(starts).median() / peak(hello).median()),
            ratio(bytes as f64 / zip as f64),
            whole(bytes as f64 / 1000.0),
        ]);
    }
    table
}

/// Ours against the same claim elsewhere, start by start.
fn to_peers(subjects: &[Subject], starts: &[Vec<Start>]) -> Option<Table> {
    let ours = subjects.iter().position(|subject| subject.name() == COMMITTED)?;
    let columns = ["function", "its first answer ÷ ours", "quartiles", "second answer", "peak memory", "zip"];
    let mut table =
        Table::new("What the same claim costs elsewhere, as multiples of ours as committed", &columns);
    for (subject, of) in subjects.iter().zip(starts) {
        if !matches!(subject, Subject::Peer(_)) {
            continue;
        }
        let pairs = of.iter().zip(&starts[ours]);
        let paired = Sample::of(pairs.map(|(its, our)| its.first.as_secs_f64() / our.first.as_secs_f64()));
        table.row([
            subject.name().into(),
            ratio(paired.median()),
            paired.quartiles(1.0).into(),
            ratio(second(of).median() / second(&starts[ours]).median()),
            ratio(peak(of).median() / peak(&starts[ours]).median()),
            ratio(subject.zipped() as f64 / subjects[ours].zipped() as f64),
        ]);
    }
    Some(table)
}

async fn start(app: &TestApp, subject: &Subject, reviews: &[String; 2]) -> Start {
    let environment = rie::environment(app).into_iter().chain(subject.roots());
    let [first, second] = reviews.each_ref().map(|run| claim(app, run));
    let command = subject.command();
    let began = Instant::now();
    let mut function = Function::start(command, environment, &first).await;
    let answer = function.answer().await;
    let first = began.elapsed();
    assert_eq!(answer["statusCode"], 200, "{}: {answer}", subject.name());
    let began = Instant::now();
    function.send(&second).await;
    let answer = function.answer().await;
    let second = began.elapsed();
    assert_eq!(answer["statusCode"], 200, "{}: {answer}", subject.name());
    Start { first, second, peak_kb: function.peak_memory_kb() }
}

fn claim(app: &TestApp, run: &str) -> Value {
    let path = format!("/v1/workflows/reviews/{run}/extract/claim");
    let parameters = json!({ "run_id": run, "block_id": "extract" });
    let route = "POST /v1/workflows/reviews/{run_id}/{block_id}/claim";
    let body = json!({ "version_stamp": 0 }).to_string();
    rie::request(route, &path, app.key("dana"), &parameters, Some(&body))
}

/// The environment that makes a process use other root certificates than its own.
fn roots(roots: Roots) -> Option<(&'static str, String)> {
    match roots {
        Roots::Own => None,
        Roots::System => Some(("SSL_CERT_DIR", "/etc/ssl/certs".into())),
        Roots::Bundle => Some(("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt".into())),
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

/// The size of a file, or of all files of a folder, in a zip file, in bytes.
pub(crate) fn zipped(path: &Path) -> usize {
    /// The size of a zip file's two headers of each file, without its name.
    const ENTRY: usize = 76;
    if path.is_dir() {
        return std::fs::read_dir(path).unwrap().map(|entry| zipped(&entry.unwrap().path())).sum();
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&std::fs::read(path).unwrap()).unwrap();
    encoder.finish().unwrap().len() + ENTRY + 2 * path.file_name().unwrap().len()
}
