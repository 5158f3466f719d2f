//! The side that starts children, at most a few at once, and ends those that take too long.

use super::ARGUMENT;
use super::frame::{Answer, head, parse};
use crate::job::{Format, Job, Rendered, Unavailable, is_jpeg};
use crate::limits::{
    CHILD_TIME, CHILDREN, DOCUMENT_BYTES, PAGE_BYTES, PICTURE_BYTES, TURN_TIME, WAITING, WORDS,
};
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::{Semaphore, TryAcquireError};
use tokio::time::timeout;

/// Starts children.
pub struct Renderer {
    program: PathBuf,
    children: Semaphore,
    /// Those who have a turn and those who wait for one.
    places: Semaphore,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// By the document.
    #[error("{0}")]
    Unavailable(#[from] Unavailable),
    /// Too many are rendered at the moment.
    #[error("too many pages are rendered at the moment")]
    Busy,
    /// No child can be started.
    #[error("no child process: {0}")]
    Child(#[from] io::Error),
}

impl Renderer {
    /// With children of this executable, which must begin with [`super::serve`].
    pub fn of_this_executable() -> Self {
        // The same file, even if another one has been put in its place since.
        let itself = PathBuf::from("/proc/self/exe");
        let itself = if itself.exists() { Ok(itself) } else { std::env::current_exe() };
        Self::of(itself.unwrap_or_default())
    }

    /// With children of another executable.
    pub fn of(program: PathBuf) -> Self {
        Self { program, children: Semaphore::new(CHILDREN), places: Semaphore::new(CHILDREN + WAITING) }
    }

    /// Renders a page.
    ///
    /// # Errors
    /// Why it cannot be, or not now.
    pub async fn render(&self, document: Arc<[u8]>, job: &Job) -> Result<Rendered, Failure> {
        if document.len() > DOCUMENT_BYTES {
            return Err(Unavailable::TooLarge.into());
        }
        let _place = match self.places.try_acquire() {
            Ok(place) => place,
            Err(TryAcquireError::NoPermits | TryAcquireError::Closed) => return Err(Failure::Busy),
        };
        let turn = timeout(TURN_TIME, self.children.acquire()).await;
        let _turn = turn.map_err(|_| Failure::Busy)?.map_err(|_| Failure::Busy)?;
        let job_head = head(job).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let mut child = self.start()?;
        let ended = timeout(CHILD_TIME, talk(&mut child, &job_head, &document)).await;
        let Ok(ended) = ended else {
            child.kill().await?;
            return Err(Unavailable::TooComplex.into());
        };
        let (output, status) = ended?;
        Ok(understand(&output, status, job)?)
    }

    fn start(&self) -> io::Result<Child> {
        Command::new(&self.program)
            .arg(ARGUMENT)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
    }
}

/// Tells a child what to do, and reads what it answers, up to the limit.
async fn talk(child: &mut Child, job: &[u8], document: &[u8]) -> io::Result<(Vec<u8>, ExitStatus)> {
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let tell = async move {
        let Some(mut stdin) = stdin else { return };
        // A child that has ended does not read: how it ended says why.
        if stdin.write_all(job).await.is_ok() {
            let _ = stdin.write_all(document).await;
        }
    };
    let hear = async move {
        let mut output = Vec::new();
        let Some(stdout) = stdout else { return Ok(output) };
        let limit = 4 + PAGE_BYTES + PICTURE_BYTES;
        stdout.take(limit as u64 + 1).read_to_end(&mut output).await?;
        // What is too long is no answer.
        if output.len() > limit {
            output.clear();
        }
        Ok::<_, io::Error>(output)
    };
    let ((), output) = tokio::join!(tell, hear);
    let output = output?;
    if output.is_empty() {
        // It may still write.
        let _ = child.start_kill();
    }
    Ok((output, child.wait().await?))
}

/// What a child has said. It may have been taken over by the document: nothing of it is believed that is not what it should be.
fn understand(output: &[u8], status: ExitStatus, job: &Job) -> Result<Rendered, Unavailable> {
    if !status.success() {
        // A panic is a defect of the renderer that a broken file shows. Otherwise a limit was reached.
        return Err(if status.code() == Some(101) {
            Unavailable::Unreadable
        } else {
            Unavailable::TooComplex
        });
    }
    let (answer, at) = parse::<Answer>(output, PAGE_BYTES).ok_or(Unavailable::TooComplex)?;
    let page = match answer {
        Answer::Unavailable(unavailable) => return Err(unavailable),
        Answer::Page(page) => page,
    };
    let places = page.words.iter().flat_map(|word| word.place);
    let sound = page.words.len() <= WORDS
        && page.page == job.page
        && page.width.is_finite()
        && page.height.is_finite()
        && places.into_iter().all(|part| (0.0..=1.0).contains(&part));
    let picture = Some(output[at..].to_vec()).filter(|picture| !picture.is_empty());
    let drawn = match (&picture, job.picture) {
        (None, _) => true,
        (Some(bytes), Some(asked)) => is_jpeg(bytes) || is_picture(bytes, asked.format),
        (Some(_), None) => false,
    };
    if sound && drawn { Ok(Rendered { page, picture }) } else { Err(Unavailable::Unreadable) }
}

fn is_picture(bytes: &[u8], format: Format) -> bool {
    match format {
        Format::Webp => matches!(bytes, [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..]),
        Format::Png => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
    }
}
