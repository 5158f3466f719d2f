//! `CloudWatch` metrics in the embedded format: one JSON line on standard output, which Lambda's log turns into metrics.
//!
//! The crates for it bring a metrics facade with registries and background flushing, which a function that writes one line per run
//! does not need.

use serde_json::{Map, Value, json};

/// The unit of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A count.
    Count,
    /// A time, in milliseconds.
    Milliseconds,
}

/// A metric of one run, or of one request.
pub type Metric = (&'static str, Unit, u64);

/// Where lines of metrics are written.
pub type Sink = fn(&Value);

/// Standard output, which on Lambda is the log.
pub fn print(line: &Value) {
    println!("{line}");
}

/// The metrics of one run of a function, in `CloudWatch`'s embedded metric format.
///
/// The table is the only dimension: it distinguishes deployments, and each further dimension is charged per metric. The function is a
/// field beside it, for searches of the log.
pub fn line(table: &str, function: &str, now_millis: i64, metrics: &[Metric]) -> Value {
    let definitions: Vec<Value> =
        metrics.iter().map(|(name, unit, _)| json!({ "Name": name, "Unit": format!("{unit:?}") })).collect();
    let mut line = Map::new();
    line.insert(
        "_aws".into(),
        json!({ "Timestamp": now_millis, "CloudWatchMetrics": [
            { "Namespace": "Holdpoint", "Dimensions": [["table"]], "Metrics": definitions }
        ] }),
    );
    line.insert("table".into(), table.into());
    line.insert("function".into(), function.into());
    line.extend(metrics.iter().map(|(name, _, value)| ((*name).to_owned(), (*value).into())));
    Value::Object(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_its_numbers_are() {
        let line = line("t", "sweep", 5, &[("Due", Unit::Count, 2), ("OldestLag", Unit::Milliseconds, 70)]);
        assert_eq!(
            line,
            json!({
                "_aws": { "Timestamp": 5, "CloudWatchMetrics": [{
                    "Namespace": "Holdpoint",
                    "Dimensions": [["table"]],
                    "Metrics": [{ "Name": "Due", "Unit": "Count" }, { "Name": "OldestLag", "Unit": "Milliseconds" }],
                }] },
                "table": "t", "function": "sweep", "Due": 2, "OldestLag": 70,
            })
        );
    }
}
