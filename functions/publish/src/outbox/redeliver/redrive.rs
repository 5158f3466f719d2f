//! Redrives: dead letters, and what waits for a retry, made due at once.

use super::due::{PAGE, set_aside};
use super::report::Redelivered;
use crate::outbox::context::BatchContext;
use shared::store::{Due, DueItem, DuePages};

/// Steps for one target in one run: 100 items each.
const STEPS: usize = 20;

/// Makes due what is pending for one target, because somebody has asked for it; the rest is left to the next run.
pub(super) async fn one_target(context: &BatchContext<'_>, asked: &DueItem, done: &mut Redelivered) {
    for _ in 0..STEPS {
        match context.store().redrive_step(asked, context.started_at).await {
            Ok(step) => {
                done.redriven += step.moved;
                if !step.more || !context.has_time() {
                    done.more |= step.more;
                    return;
                }
            }
            Err(error) => {
                done.errors += 1;
                set_aside(context, asked, &error).await;
                return;
            }
        }
    }
    done.more = true;
}

/// Makes all dead letters due.
pub(super) async fn all_dead_letters(context: &BatchContext<'_>, done: &mut Redelivered) {
    let (store, now) = (context.store(), context.started_at);
    let mut pages = DuePages::new(Due::DeadLetters, now);
    while pages.has_next() && context.has_time() {
        let Ok(dead_letters) = pages.next(store, PAGE).await else {
            done.errors += 1;
            continue;
        };
        for dead_letter in &dead_letters {
            match store.redrive(dead_letter, now).await {
                Ok(redriven) => done.redriven += u64::from(redriven),
                Err(_) => done.errors += 1,
            }
        }
    }
}
