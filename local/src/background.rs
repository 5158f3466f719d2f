//! A server on a thread and a runtime of its own: what it does holds up nobody else.

use std::io::Error;
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// A running server. Dropping it stops it; requests under way are finished first.
pub(crate) struct Background {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Starts `serve` with the listener and with what ends when the server is to stop. It runs when this returns.
    pub(crate) fn start<F>(name: &str, workers: usize, listener: TcpListener, serve: F) -> Result<Self, Error>
    where
        F: AsyncFnOnce(tokio::net::TcpListener, Stopped) -> Result<(), Error> + Send + 'static,
    {
        listener.set_nonblocking(true)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let (report, started) = mpsc::channel();
        let thread = std::thread::Builder::new().name(name.into()).spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
            let served = runtime.and_then(|runtime| {
                runtime.block_on(async {
                    let listener = tokio::net::TcpListener::from_std(listener)?;
                    // Fails only if the caller is gone.
                    let _ = report.send(());
                    serve(listener, Stopped(stopped)).await
                })
            });
            // A server that ends is found out by its callers.
            drop(served);
        })?;
        started.recv().map_err(|_| Error::other("its thread ended at once"))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }

    /// Stops it, and waits for that.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What a server waits for, to stop.
pub(crate) struct Stopped(oneshot::Receiver<()>);

impl Stopped {
    /// Ends when the server is to stop.
    pub(crate) async fn wait(self) {
        drop(self.0.await);
    }
}
