//! Who gave no answer in this run. A call that waited in vain stands for all others to the same receiver: each of them would
//! wait as long, and everybody else behind it.

use crate::outbound::CallFault;
use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

/// A failure that took longer than this costs as much as no answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is said of a try that was not made.
pub(crate) const NOT_CALLED: &str = "not called: another call just now got no answer";

/// The receivers that are not called any more in this run.
#[derive(Default)]
pub(crate) struct Silence(Mutex<HashSet<String>>);

impl Silence {
    /// Whether that receiver is not to be called.
    pub(crate) fn of(&self, receiver: &str) -> bool {
        self.0.lock().is_ok_and(|silent| silent.contains(receiver))
    }

    /// Takes note of how a call to it ended, and how long that took.
    pub(crate) fn note(&self, receiver: &str, answer: &Result<u16, CallFault>, took: Duration) {
        let in_vain = match answer {
            Ok(200..=299) | Err(CallFault::NotAllowed(_)) => false,
            Ok(_) => took > PATIENCE,
            Err(CallFault::NotSent(_) | CallFault::Lost(_)) => true,
        };
        if in_vain && let Ok(mut silent) = self.0.lock() {
            silent.insert(receiver.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_comes_at_once_is_an_answer_and_one_that_lets_wait_is_none() {
        let (soon, late) = (Duration::from_millis(999), Duration::from_secs(9));
        let lost = || Err(CallFault::Lost("timed out".into()));
        let not_sent = || Err(CallFault::NotSent("refused".into()));
        let not_allowed = || Err(CallFault::NotAllowed("the URL".into()));
        for (answer, took, silent) in [
            (Ok(204), late, false),
            (Ok(500), soon, false),
            (Ok(500), late, true),
            (lost(), soon, true),
            (not_sent(), soon, true),
            (not_allowed(), late, false),
        ] {
            let silence = Silence::default();
            silence.note("one", &answer, took);
            assert_eq!((silence.of("one"), silence.of("another")), (silent, false), "{answer:?}");
        }
    }
}
