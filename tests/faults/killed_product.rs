//! The real binary with a data folder, killed (SIGKILL) at random moments while clients write, and started again.

use crate::driver::{self, ACTORS, Driver};
use crate::{checker, history, table};
use local::emulator::Emulator;
use shared::api::App;
use shared::store::Store;
use std::process::{Command, Stdio};
use std::time::Duration;
use tests::fault_plan::Dice;
use tests::product::{self, Product};

/// How often it is killed.
const KILLS: usize = 5;
/// How many operations there are between two kills, more or less.
const OPERATIONS: usize = 90;

/// Starts it and kills it before it has come up.
fn kill_at_its_start(dice: &mut Dice, port: u16, arguments: &[&str]) {
    let mut command = Command::new(product::binary());
    command.args(arguments).args(["--no-demo", "--port", &port.to_string()]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(dice.below(60)));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_it_has_lost_nothing_that_was_acknowledged() {
    let seed = Dice::seed(21);
    let mut dice = Dice::new(seed);
    let folder = product::folder("killed");
    let data = folder.join("data");
    let arguments = ["--data-dir", data.to_str().unwrap()];
    let driver = Driver::with_keys(product::keys(&data, &ACTORS), seed, "killed");
    let port = product::free_port();
    let mut running = Product::start(port, arguments);
    let mut script = driver.command(&running.url, OPERATIONS * (KILLS + 1), Duration::from_mins(3));
    let mut clients = script.spawn().unwrap();
    for _ in 0..KILLS {
        let moment = driver.progress() + 1 + usize::try_from(dice.below(OPERATIONS as u64)).unwrap();
        while driver.progress() < moment && clients.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(dice.below(10)));
        }
        running.kill();
        if dice.below(2) == 0 {
            kill_at_its_start(&mut dice, port, &arguments);
        }
        running = Product::start(port, arguments);
    }
    assert!(clients.wait().unwrap().success());
    running.kill();

    let history = driver.history();
    let emulator = Emulator::in_folder(&data).unwrap();
    let app = App::new(Store::new(emulator.client(), "holdpoint"));
    let overlays = driver.overlays(&app, &history).await;
    let mut wrong = checker::check(&history, &overlays);
    wrong.extend(table::leftovers(&emulator.client(), "holdpoint", &overlays).await);
    let leases = table::leases(&emulator.client(), "holdpoint", &overlays, &history).await;
    println!("{leases}");
    wrong.extend(leases.missing);
    println!("seed {seed}; killed {KILLS} times; {}", history::summary(&history));
    println!("{}; {} violations", driver::shape(&overlays), wrong.len());
    driver.conclude(&wrong);
    let unknown = history.iter().filter(|it| it.outcome == history::Outcome::Unknown).count();
    let done = history.iter().filter(|it| it.outcome == history::Outcome::Done).count();
    assert!(unknown >= KILLS && done > 100, "{done} done, {unknown} unknown");
    std::fs::remove_dir_all(folder).unwrap();
}
