//! A disk that fills up under the local product: it says so in our shape, loses nothing that it acknowledged, and goes
//! on when there is room again.
//!
//! Once on a file system of a few megabytes, which only root can make (in a mount namespace of the product's own, which
//! goes away with it), and once by a limit on the size of files, which everybody can set.

use crate::checker;
use crate::http::Http;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::REVIEWS;
use tests::fault_plan::Dice;
use tests::product::{self, Product};
use tests::rie::must;

const REVIEW: &str = "/v1/workflows/reviews/run_1/block";

/// Text that does not get smaller by compression.
fn noise(dice: &mut Dice, bytes: usize) -> String {
    (0..bytes)
        .map(|_| char::from(b'0' + u8::try_from(dice.below(75)).unwrap()))
        .filter(|it| *it != '\\')
        .collect()
}

/// Writes versions until the disk is full, has `make_room` free some, and goes on.
fn fill(product: &Product, data: &Path, make_room: impl FnOnce()) {
    let key = product::keys(data, &["user_1"]).remove("user_1").unwrap();
    let http = Http::new(&product.url, &key);
    assert_eq!(http.post(REVIEWS, &tests::opening("run_1", "block", 0)).status, 201);
    let mut dice = Dice::new(3);
    let mut acknowledged: Vec<Value> = vec![json!(tests::opening("run_1", "block", 0)["snapshot"])];
    let refused = loop {
        let rev = acknowledged.len() - 1;
        let snapshot = json!({ "number": rev, "text": noise(&mut dice, 150_000) });
        let edit = json!({ "version_stamp": rev, "snapshot": snapshot, "command_id": format!("edit-{rev}") });
        let answer = http.post(&format!("{REVIEW}/versions"), &edit);
        if answer.status != 200 {
            println!("the disk was full after {rev} versions: {} {}", answer.status, answer.body);
            assert_eq!(answer.refusal(), (503, "unavailable"), "{}", answer.body);
            break edit;
        }
        acknowledged.push(snapshot);
        assert!(rev < 60, "the disk does not fill up");
    };
    assert!(acknowledged.len() > 2, "{}", acknowledged.len());
    // Still full, again and again: whatever is tried is refused in our shape, and what is there can be read.
    for _ in 0..tests::amount(1, 3) {
        let answer = http.post(&format!("{REVIEW}/versions"), &refused);
        assert_eq!(answer.refusal(), (503, "unavailable"), "{}", answer.body);
        is_there(&http, &acknowledged);
    }
    make_room();
    assert_eq!(http.post(&format!("{REVIEW}/versions"), &refused).status, 200);
    acknowledged.push(refused["snapshot"].clone());
    is_there(&http, &acknowledged);
    let claim = json!({ "version_stamp": acknowledged.len() - 1 });
    assert_eq!(http.post(&format!("{REVIEW}/claim"), &claim).status, 200);
}

fn is_there(http: &Http, acknowledged: &[Value]) {
    let answer = http.get(REVIEW);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(checker::whole(&answer.body), [""; 0]);
    let versions = answer.body["versions"].as_array().unwrap();
    assert_eq!(versions.len(), acknowledged.len());
    assert!(versions.iter().zip(acknowledged).all(|(version, snapshot)| version["snapshot"] == *snapshot));
}

#[test]
fn on_a_full_disk_nothing_acknowledged_is_lost_and_it_goes_on_when_there_is_room() {
    let may_mount =
        Command::new("unshare").args(["--mount", "mount", "-t", "tmpfs", "none", "/mnt"]).output();
    if !may_mount.as_ref().is_ok_and(|output| output.status.success()) {
        eprintln!(
            "NOT TESTED on a full file system: mounting one is refused here ({may_mount:?}). The limit on the size of \
                   files, the next test, stands in for it."
        );
        return;
    }
    let disk = product::folder("full-disk");
    let data = disk.join("data");
    let mut command = Command::new("unshare");
    let script =
        r#"mount -t tmpfs -o size=6m none "$0" && head -c 2500000 /dev/zero > "$0/filler" && exec "$@""#;
    command
        .args(["--mount", "sh", "-c", script])
        .arg(&disk)
        .arg(product::binary())
        .arg("--data-dir")
        .arg(&data);
    let product = Product::of(command, product::free_port());
    // The disk is only there for the product's process, and through it.
    let there = |path: &Path| PathBuf::from(format!("/proc/{}/root{}", product.id(), path.display()));
    let filler = there(&disk.join("filler"));
    fill(&product, &there(&data), || std::fs::remove_file(&filler).unwrap());

    // What is on the disk is complete: another product finds all of it there.
    let copy = disk.join("copy");
    must(Command::new("cp").arg("-r").arg(there(&data)).arg(&copy));
    let key = product::keys(&there(&data), &["user_2"]).remove("user_2").unwrap();
    let before = Http::new(&product.url, &key).get(REVIEW).body;
    drop(product);
    let key = product::keys(&copy, &["user_3"]).remove("user_3").unwrap();
    let again = Product::start(product::free_port(), [Path::new("--data-dir"), &copy]);
    assert_eq!(Http::new(&again.url, &key).get(REVIEW).body, before);
    drop(again);
    std::fs::remove_dir_all(disk).unwrap();
}

#[test]
fn at_the_limit_of_a_files_size_it_is_the_same() {
    let folder = product::folder("file-limit");
    let data = folder.join("data");
    let mut command = Command::new("sh");
    // In blocks of 512 bytes; the signal is ignored, so that a write that is too much fails instead.
    command.args(["-c", r#"trap "" XFSZ; ulimit -S -f 6000; exec "$@""#, "sh"]);
    command.arg(product::binary()).arg("--data-dir").arg(&data);
    let product = Product::of(command, product::free_port());
    let process = product.id().to_string();
    fill(&product, &data, || {
        must(Command::new("prlimit").args(["--pid", &process, "--fsize=unlimited:"]));
    });
    drop(product);
    std::fs::remove_dir_all(folder).unwrap();
}
