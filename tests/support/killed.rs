//! A process that is killed in the middle of something.

use std::pin::Pin;
use std::task::{Context, Poll};

/// Polls a future a number of times, then drops it: a process that is killed at that await point.
pub struct Killed<F>(Pin<Box<F>>, usize);

impl<F: Future> Killed<F> {
    /// Kills `future` after `polls`.
    pub fn after(polls: usize, future: F) -> Self {
        Self(Box::pin(future), polls)
    }
}

impl<F: Future> Future for Killed<F> {
    /// What the future came to, if it was not killed before.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.1 == 0 {
            return Poll::Ready(None);
        }
        self.1 -= 1;
        self.0.as_mut().poll(context).map(Some)
    }
}

/// Runs a case with a kill after 1, 2, 3, … polls, until it says that nothing was killed any more; the number of polls of that last run.
pub async fn killed_at_each_point(case: impl AsyncFn(usize) -> bool) -> usize {
    let mut polls = 1;
    while case(polls).await {
        polls += 1;
    }
    println!("killed at {} points", polls - 1);
    polls
}
