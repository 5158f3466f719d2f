//! The database that goes away under the product: killed, started again elsewhere, or silent.

use crate::checker;
use crate::http::{Answer, Http};
use serde_json::json;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tests::REVIEWS;
use tests::product::{self, Product};

/// What a forwarder does with a connection.
#[derive(Clone, Debug)]
enum Way {
    To(String),
    /// Takes it, and never says anything.
    Silent,
}

/// A fixed address in front of a database that comes back at another one.
struct Forwarder {
    url: String,
    way: Arc<Mutex<Way>>,
}

impl Forwarder {
    fn start(way: Way) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let way = Arc::new(Mutex::new(way));
        let shared = way.clone();
        std::thread::spawn(move || {
            let mut silent = Vec::new();
            for client in listener.incoming() {
                let client = client.unwrap();
                match shared.lock().unwrap().clone() {
                    Way::Silent => silent.push(client),
                    Way::To(address) => forward(&client, &address),
                }
            }
        });
        Self { url, way }
    }

    fn go(&self, way: Way) {
        *self.way.lock().unwrap() = way;
    }
}

/// Carries bytes both ways until one side ends; a connection to nobody is closed.
fn forward(client: &TcpStream, address: &str) {
    let Ok(server) = TcpStream::connect(address) else { return };
    for (from, to) in [(client, &server), (&server, client)] {
        let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        std::thread::spawn(move || {
            let mut bytes = [0; 16 * 1024];
            while let Ok(count @ 1..) = from.read(&mut bytes) {
                if to.write_all(&bytes[..count]).is_err() {
                    break;
                }
            }
            let _ = to.shutdown(Shutdown::Both);
            let _ = from.shutdown(Shutdown::Both);
        });
    }
}

/// Where the emulator of the product on this folder listens.
fn database(data: &Path) -> Way {
    let endpoint = std::fs::read_to_string(data.join("dynamodb-endpoint")).unwrap();
    let (url, _) = local::emulator::url_and_access_key(&endpoint);
    Way::To(url.trim_start_matches("http://").to_owned())
}

fn unavailable(answer: &Answer) {
    assert_eq!(answer.refusal(), (503, "unavailable"), "{}", answer.body);
    assert_eq!(answer.retry_after.as_deref(), Some("1"));
}

#[test]
fn without_its_database_it_says_503_and_goes_on_when_that_is_back() {
    let folder = product::folder("lost-database");
    let data = folder.join("data");
    let key = product::keys(&data, &["user_1"]).remove("user_1").unwrap();
    // The database's process is another product, whose own API nobody uses.
    let of_database = ["--data-dir", data.to_str().unwrap()];
    let process = Product::start(product::free_port(), of_database);
    let forwarder = Forwarder::start(database(&data));
    // The folder's access key stays the same, wherever its database listens.
    let access_key = std::fs::read_to_string(data.join("dynamodb-access-key")).unwrap();
    let endpoint = forwarder.url.replace("://", &format!("://{access_key}@"));
    let arguments = ["--dynamodb-endpoint", &endpoint];
    let product = Product::start(product::free_port(), arguments);
    let http = Http::new(&product.url, &key);
    let review = format!("{REVIEWS}/run_1/block");
    let claim = |stamp: u64| http.post(&format!("{review}/claim"), &json!({ "version_stamp": stamp }));
    let edit = json!({ "version_stamp": 1, "snapshot": { "total": 1 } });

    assert_eq!(http.post(REVIEWS, &tests::opening("run_1", "block", 0)).status, 201);
    assert_eq!(claim(0).status, 200);
    process.kill();
    unavailable(&http.post(&format!("{review}/versions"), &edit));
    unavailable(&http.get(&review));
    unavailable(&http.get(REVIEWS));

    let again = Product::start(product::free_port(), of_database);
    forwarder.go(database(&data));
    assert_eq!(http.post(&format!("{review}/versions"), &edit).body["rev"], 2, "as if nothing had been");

    forwarder.go(Way::Silent);
    // Connections that are open already still lead there: only with that process gone does everybody meet the silence.
    again.kill();
    unavailable(&claim(2));
    let _third = Product::start(product::free_port(), of_database);
    forwarder.go(database(&data));
    let claimed = claim(2);
    assert_eq!((claimed.status, claimed.body["rev"].as_u64()), (200, Some(3)), "{}", claimed.body);
    let overlay = http.get(&review).body;
    assert_eq!(checker::whole(&overlay), [""; 0]);
    assert_eq!((overlay["rev"].as_u64(), overlay["head_seq"].as_u64()), (Some(3), Some(1)));
    drop(product);
    std::fs::remove_dir_all(folder).unwrap();
}
