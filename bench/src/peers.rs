//! The same claim in other languages, as their users write it (`bench/peers`), with the packages that it needs.

use std::path::{Path, PathBuf};
use std::process::Command;
use tests::rie::{self, must};

/// A function of another language, installed.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// What the customer's package holds.
    package: PathBuf,
    /// What starts the process.
    start: Box<dyn Fn() -> Command>,
}

impl Peer {
    pub(crate) fn command(&self) -> Command {
        (self.start)()
    }

    /// What its package weighs in a zip file, in bytes.
    pub(crate) fn zipped(&self) -> usize {
        crate::cold::zipped(&self.package)
    }
}

fn source(language: &str) -> PathBuf {
    rie::workspace().join("bench/peers").join(language)
}

fn target(language: &str) -> PathBuf {
    let folder = rie::target().join("bench/peers").join(language);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs `install` unless what it would install, by these files, is there.
fn once(folder: &Path, by: &[PathBuf], install: impl FnOnce()) {
    let wanted: String = by.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let complete = folder.join("complete");
    if std::fs::read_to_string(&complete).is_ok_and(|there| there == wanted) {
        return;
    }
    install();
    std::fs::write(complete, wanted).unwrap();
}

/// Python with boto3, on AWS's own runtime client. What the managed runtime brings is beside the package.
pub(crate) fn python() -> Peer {
    let (source, target) = (source("python"), target("python"));
    let (package, runtime) = (target.join("package"), target.join("runtime"));
    let installed = [(package.clone(), "requirements.txt"), (runtime.clone(), "runtime.txt")];
    once(&target, &["requirements.txt", "runtime.txt"].map(|file| source.join(file)), || {
        for (folder, requirements) in &installed {
            let _ = std::fs::remove_dir_all(folder);
            let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"];
            let mut pip_install = Command::new("python3");
            pip_install.args(pip).arg(folder).arg("-r").arg(source.join(requirements));
            must(pip_install.env("PIP_ROOT_USER_ACTION", "ignore"));
        }
    });
    std::fs::copy(source.join("handler.py"), package.join("handler.py")).unwrap();
    must(Command::new("python3").args(["-m", "compileall", "-q", "handler.py"]).current_dir(&package));
    let python = said(Command::new("python3").args(["-c", "import sys; print(sys.executable)"]));
    let path = std::env::join_paths([&package, &runtime]).unwrap();
    let start = {
        let package = package.clone();
        move || {
            let mut command = Command::new(&python);
            command.args(["-m", "awslambdaric", "handler.handler"]);
            // On Lambda both names of the region are set; boto3 knows this one.
            command.env_clear().env("PYTHONPATH", &path).env("AWS_DEFAULT_REGION", "eu-west-1");
            command.current_dir(&package);
            command
        }
    };
    Peer { name: "Python, boto3", package, start: Box::new(start) }
}

/// Node.js with the AWS SDK v3, bundled and minified into one file.
pub(crate) fn node() -> Peer {
    let (source, target) = (source("node"), target("node"));
    let package = target.join("package");
    once(&target, &[source.join("package.json")], || {
        std::fs::copy(source.join("package.json"), target.join("package.json")).unwrap();
        let npm = ["install", "--silent", "--no-fund", "--no-audit", "--prefix"];
        must(Command::new("npm").args(npm).arg(&target));
    });
    for file in ["handler.mjs", "runtime.mjs"] {
        std::fs::copy(source.join(file), target.join(file)).unwrap();
    }
    let esbuild = ["handler.mjs", "--bundle", "--minify", "--platform=node", "--target=node20"];
    must(
        Command::new(target.join("node_modules/.bin/esbuild"))
            .args(esbuild)
            .args(["--format=cjs", "--log-level=error", "--outfile=package/index.cjs"])
            .current_dir(&target),
    );
    let node = said(Command::new("node").args(["-p", "process.execPath"]));
    let start = move || {
        let mut command = Command::new(&node);
        command.args(["runtime.mjs", "package/index.cjs"]).env_clear().current_dir(&target);
        command
    };
    Peer { name: "Node.js, AWS SDK v3", package, start: Box::new(start) }
}

/// The versions of the two languages, as they were measured.
pub(crate) fn versions() -> String {
    let python = said(Command::new("python3").arg("--version"));
    format!("{python}, Node.js {}", said(Command::new("node").arg("--version")).trim_start_matches('v'))
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
