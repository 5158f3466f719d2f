//! The outbox. The path of one event:
//!
//! 1. `batch`: a batch of the stream, its reviews side by side. New audit entries become events; for each target, in order,
//! 2. `deliver`: events of this review pending for it already? Then the event goes behind them. Else
//! 3. `attempt`: one call, when it is its turn and the circuit breaker allows it. If it fails, the event is pending;
//! 4. `redeliver`, each minute: pending events again, until they are delivered or become dead letters.
//!
//! `record` is what a batch is made of. A record that can never be published is kept (`keep`), and published by a later build (`replay`).
//!
//! `callback` is the path of a decision to the run that waits; `leases` keeps leases in step with claims. `context` is what
//! all of them share. Each module imports those below it only: `replay`, `batch` and `redeliver`, then `keep`, `deliver` and `callback`,
//! then `attempt`, then `context` and `record`, then the crate's `pacing`, then its `targets`.

mod attempt;
pub(crate) mod batch;
mod callback;
pub(crate) mod context;
mod deliver;
pub(crate) mod keep;
mod leases;
mod notify;
pub(crate) mod record;
pub(crate) mod redeliver;
pub(crate) mod replay;
