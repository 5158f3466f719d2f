//! What one request costs: calls, sequential round trips, capacity units. Counted where the calls are made.

use aws_sdk_dynamodb::types::ConsumedCapacity;
use std::future::Future;
use std::sync::Mutex;
use std::time::Instant;

tokio::task_local! {
    static METER: Meter;
}

/// Counts the DynamoDB calls made inside [`Meter::measure`].
#[derive(Debug, Default)]
pub struct Meter(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    spans: Vec<(Instant, Instant)>,
    read_units: f64,
    write_units: f64,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Calls, the SDK's own retries not counted.
    pub calls: usize,
    /// The longest chain of calls of which each began after the one before had ended. Exact on a single-threaded runtime,
    /// which our functions have; with more threads, a quick answer can make parallel calls look sequential.
    pub round_trips: usize,
    /// Read capacity units, as DynamoDB reported them.
    pub read_units: f64,
    /// Write capacity units, as DynamoDB reported them; it reports none for a failed condition.
    pub write_units: f64,
}

impl Meter {
    /// Runs `future` and returns what its DynamoDB calls cost. Calls of tasks that it spawns are not counted; a nested
    /// measurement counts for both.
    pub async fn measure<F: Future>(future: F) -> (F::Output, Usage) {
        let (output, counted) = METER
            .scope(Self::default(), async {
                let output = future.await;
                (output, METER.with(Self::take))
            })
            .await;
        let usage = counted.usage();
        Self::count(|outer| outer.absorb(counted));
        (output, usage)
    }

    fn take(&self) -> Counted {
        self.0.lock().map_or_else(|_| Counted::default(), |mut counted| std::mem::take(&mut counted))
    }

    fn count(change: impl FnOnce(&mut Counted)) {
        // Outside a measured request there is no meter, and nothing to count.
        let _ = METER.try_with(|meter| {
            if let Ok(mut counted) = meter.0.lock() {
                change(&mut counted);
            }
        });
    }
}

impl Counted {
    fn absorb(&mut self, inner: Self) {
        self.spans.extend(inner.spans);
        self.read_units += inner.read_units;
        self.write_units += inner.write_units;
    }

    fn usage(&self) -> Usage {
        let mut spans = self.spans.clone();
        spans.sort_by_key(|(_, end)| *end);
        let mut last_end = None;
        let mut round_trips = 0;
        for (start, end) in spans {
            if last_end.is_none_or(|last| start >= last) {
                round_trips += 1;
                last_end = Some(end);
            }
        }
        Usage {
            calls: self.spans.len(),
            round_trips,
            read_units: self.read_units,
            write_units: self.write_units,
        }
    }
}

/// Counts one SDK call. The SDK's futures are large (16 KB); on the heap, they do not enlarge ours. This is no `async fn`
/// because that would store its argument beside the box.
pub(in crate::store) fn call<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let future = Box::pin(future);
    async move {
        let start = Instant::now();
        let output = future.await;
        Meter::count(|counted| counted.spans.push((start, Instant::now())));
        output
    }
}

/// Counts the units of reads.
pub(in crate::store) fn read<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
    let units: f64 = consumed.into_iter().filter_map(ConsumedCapacity::capacity_units).sum();
    Meter::count(|counted| counted.read_units += units);
}

/// Counts the units of writes.
pub(in crate::store) fn written<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
    let units: f64 = consumed.into_iter().filter_map(ConsumedCapacity::capacity_units).sum();
    Meter::count(|counted| counted.write_units += units);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn round_trips_count_only_calls_that_had_to_wait() {
        let zero = Instant::now();
        let at = |millis| zero + Duration::from_millis(millis);
        let spans = vec![(at(0), at(5)), (at(0), at(9)), (at(1), at(4)), (at(9), at(12)), (at(9), at(10))];
        let usage = Counted { spans, ..Counted::default() }.usage();
        assert_eq!((usage.calls, usage.round_trips), (5, 2));
    }
}
