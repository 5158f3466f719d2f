//! What the handlers log, caught for each thread.

use std::cell::RefCell;
use std::io::Write;
use std::sync::Once;
use tracing_subscriber::fmt::MakeWriter;

thread_local! {
    /// What the handlers of this thread's test have logged.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Writes to the log of the thread it is used on.
struct Captured;

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| log.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}

/// For the whole process: a subscriber of one thread only is forgotten where another thread logs first.
pub fn capture() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_max_level(tracing::Level::INFO)
            .with_writer(Captured)
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
}

/// What this thread has logged since the last look.
pub fn logged() -> String {
    String::from_utf8(LOG.take()).unwrap()
}
