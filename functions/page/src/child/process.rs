//! The child: limits itself, reads, renders once, answers.

use super::ARGUMENT;
use super::frame::{Answer, head, parse};
use crate::job::{Job, Unavailable};
use crate::limits::{CHILD_BYTES, CHILD_CPU_SECONDS, DOCUMENT_BYTES};
use crate::render::render;
use std::io::{self, Read, Write};
use std::process::ExitCode;

/// Longest job, in bytes.
const JOB_BYTES: usize = 4096;

/// Renders one page, if this process was started for that: call it before anything else.
pub fn serve() -> Option<ExitCode> {
    (std::env::args_os().nth(1)? == ARGUMENT).then(|| match work() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

fn work() -> io::Result<()> {
    limit()?;
    let mut input = Vec::new();
    io::stdin().take((DOCUMENT_BYTES + JOB_BYTES) as u64).read_to_end(&mut input)?;
    let (job, at) = parse::<Job>(&input, JOB_BYTES).ok_or(io::ErrorKind::InvalidData)?;
    let document = input.split_off(at);
    drop(input);
    let (answer, picture) = match render(document, &job) {
        Ok(rendered) => (Answer::Page(rendered.page), rendered.picture.unwrap_or_default()),
        Err(unavailable) => (Answer::Unavailable(unavailable), Vec::new()),
    };
    let head = head(&answer).or_else(|| head(&Answer::Unavailable(Unavailable::TooComplex)));
    let mut output = io::stdout();
    output.write_all(&head.unwrap_or_default())?;
    output.write_all(&picture)?;
    output.flush()
}

/// What this process may use, from here on. It cannot be taken back.
#[cfg(unix)]
fn limit() -> io::Result<()> {
    use rlimit::Resource;
    // Memory, processor time, files beyond the three that it has, bytes written to files, memory dumps.
    let limits = [
        (Resource::AS, CHILD_BYTES),
        (Resource::CPU, CHILD_CPU_SECONDS),
        (Resource::NOFILE, 3),
        (Resource::FSIZE, 0),
        (Resource::CORE, 0),
    ];
    for (resource, limit) in limits {
        match resource.set(limit, limit) {
            // Not every system has a limit of the address space. Where we deploy, it has.
            Err(error) if cfg!(target_os = "linux") => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn limit() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
