//! The real binary, as a person starts it.

use crate::rie::{must, target, workspace};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;

/// Builds binaries of the workspace, in the profile and the target directory of these tests.
///
/// Of the whole workspace, so that what `cargo test --workspace` has built serves. And without what cargo tells a test of its
/// own package: `ring` is built anew whenever that changes, and most of the rest with it.
pub fn build(which: &[&str]) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--workspace", "--locked"]).args(which).current_dir(workspace());
    let of_this_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(of_this_package)) {
        command.env_remove(name);
    }
    must(&mut command);
}

/// The binary, built by the first who asks for it.
pub fn binary() -> PathBuf {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| build(&["--bin", "holdpoint"]));
    target().join("debug").join("holdpoint")
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A folder of this test's own, empty.
pub fn folder(test: &str) -> PathBuf {
    let folder = target().join("tmp").join(format!("{test}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Makes keys that may do everything, of actors of these ids, in a data folder that nobody is using.
pub fn keys(data: &Path, actors: &[&'static str]) -> BTreeMap<&'static str, String> {
    let mut keys = BTreeMap::new();
    for actor in actors {
        let mut command = Command::new(binary());
        command.args([
            "keys",
            "create",
            "--id",
            actor,
            "--name",
            "Somebody",
            "--scopes",
            "read,review,runtime",
        ]);
        let output = command.arg("--data-dir").arg(data).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        keys.insert(*actor, text.lines().next().unwrap().to_owned());
    }
    keys
}

/// A running product. Dropping it kills it (SIGKILL).
pub struct Product {
    child: Child,
    /// Where it listens.
    pub url: String,
}

impl Product {
    /// Starts it on a port, without demo data, and waits until it listens.
    pub fn start(port: u16, arguments: impl IntoIterator<Item = impl AsRef<std::ffi::OsStr>>) -> Self {
        let mut command = Command::new(binary());
        command.args(arguments);
        Self::of(command, port)
    }

    /// As [`Product::start`], with a command that starts the binary in its own way.
    pub fn of(mut command: Command, port: u16) -> Self {
        command.args(["--no-demo", "--port", &port.to_string()]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut banner = String::new();
        while !banner.contains("Ctrl-C stops") {
            assert!(stdout.read_line(&mut banner).unwrap() > 0, "it ended: {banner} {:?}", child.wait());
        }
        // Whatever else it prints is read, so that its pipe never fills.
        std::thread::spawn(move || stdout.read_to_end(&mut Vec::new()));
        Self { child, url: format!("http://127.0.0.1:{port}") }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: nothing of it ends in order.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
