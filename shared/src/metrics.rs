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

/// Which metrics are written (`HOLDPOINT_METRICS`): each name in use costs as much a month, however small its numbers are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// All of them.
    #[default]
    Full,
    /// Those of the alarms that say that work is failing or stuck.
    Minimal,
}

/// What is written at [`Level::Minimal`]: what those alarms look at (`template.yaml`).
const MINIMAL: [&str; 5] = ["DeadLetters", "DeliveryLag", "RecordsKept", "ResumeFailed", "SweepLag"];

impl Level {
    /// The level of a word of the settings.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "full" => Some(Self::Full),
            "minimal" => Some(Self::Minimal),
            _ => None,
        }
    }

    /// Whether a metric is written.
    ///
    /// A count of zero is not: an alarm or a sum takes a missing one for zero, and it would be paid for. A time is, also zero: it is a
    /// measurement (a claim in the very millisecond of the opening), and the two lags say that their function runs at all.
    fn writes(self, (name, unit, value): &Metric) -> bool {
        let is_said = *unit == Unit::Milliseconds || *value > 0;
        is_said && (self == Self::Full || MINIMAL.contains(name))
    }
}

/// The metrics of one run of a function, in `CloudWatch`'s embedded metric format; `None` if there is nothing to write.
///
/// The table is the only dimension: it distinguishes deployments, and each further dimension is charged per metric. The function is a
/// field beside it, for searches of the log.
pub fn line(
    level: Level,
    (table, function): (&str, &str),
    now_millis: i64,
    metrics: &[Metric],
) -> Option<Value> {
    let metrics: Vec<&Metric> = metrics.iter().filter(|metric| level.writes(metric)).collect();
    if metrics.is_empty() {
        return None;
    }
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
    Some(Value::Object(line))
}

/// Prints the metrics of one run, if there is anything to write.
pub fn print_line(level: Level, of: (&str, &str), now_millis: i64, metrics: &[Metric]) {
    if let Some(line) = line(level, of, now_millis, metrics) {
        print(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_its_numbers_are() {
        let metrics = [("Due", Unit::Count, 2), ("OldestLag", Unit::Milliseconds, 70)];
        let line = line(Level::Full, ("t", "sweep"), 5, &metrics).unwrap();
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

    #[test]
    fn a_count_of_zero_is_not_written_and_a_time_of_zero_is() {
        let metrics = [
            ("LeasesDue", Unit::Count, 0),
            ("SweepLag", Unit::Milliseconds, 0),
            ("TimeToClaim", Unit::Milliseconds, 0),
        ];
        let names = |metrics: &[Metric]| -> Vec<String> {
            let line = line(Level::Full, ("t", "f"), 5, metrics).unwrap_or_default();
            let defined = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().cloned();
            let defined = defined.unwrap_or_default().into_iter();
            defined.map(|metric| metric["Name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&metrics), ["SweepLag", "TimeToClaim"]);
        assert_eq!(line(Level::Full, ("t", "f"), 5, &metrics[..1]), None, "nothing is left to print");
    }

    #[test]
    fn minimal_writes_what_its_alarms_look_at_and_nothing_else() {
        let all = ["Claims", "TimeToClaim", "Events", "BusFailures", "SweepFailures", "RedeliverFailures"];
        for (name, unit) in all.into_iter().zip([Unit::Count, Unit::Milliseconds].into_iter().cycle()) {
            assert!(Level::Full.writes(&(name, unit, 1)), "{name}");
            assert!(!Level::Minimal.writes(&(name, unit, 1)), "{name}");
        }
        for name in MINIMAL {
            assert!(Level::Minimal.writes(&(name, Unit::Count, 1)), "{name}");
            assert!(!Level::Minimal.writes(&(name, Unit::Count, 0)), "{name}");
        }
        assert!(Level::Minimal.writes(&("DeliveryLag", Unit::Milliseconds, 0)), "the heartbeat");
        assert_eq!(
            ["full", "minimal", "", "Full"].map(Level::parse),
            [Some(Level::Full), Some(Level::Minimal), None, None]
        );
    }
}
