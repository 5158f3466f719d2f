//! The published Python client, in a virtual environment of its own under `target/`.

use crate::rie::{must, target};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

/// The client whose API we speak, and the library whose signatures we make.
const PACKAGES: [&str; 2] = ["retab==0.0.142", "standardwebhooks==1.1.0"];

/// The interpreter of a virtual environment that has the client; made once, then kept.
pub fn interpreter() -> PathBuf {
    static MAKING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = MAKING.lock().unwrap();
    let environment = target().join("conformance-venv");
    let interpreter = environment.join("bin/python");
    let complete = environment.join("complete");
    if std::fs::read_to_string(&complete).is_ok_and(|packages| packages == PACKAGES.join(" ")) {
        return interpreter;
    }
    let _ = std::fs::remove_dir_all(&environment);
    must(Command::new("python3").args(["-m", "venv"]).arg(&environment));
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    must(Command::new(&interpreter).args(install).args(PACKAGES));
    std::fs::write(complete, PACKAGES.join(" ")).unwrap();
    interpreter
}
