//! Alarms look at metrics that exist, and at everything that can fail.

use super::grants::{app, functions, is_transformed};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// An alarm: what it looks at, how, and whether it is there with `Monitoring=minimal`, too.
struct Alarm {
    name: &'static str,
    metrics: &'static [&'static str],
    /// Statistic, seconds, periods looked at, periods over the threshold, threshold.
    rule: (&'static str, i64, i64, i64, i64),
    is_minimal: bool,
}

const fn alarm(
    name: &'static str,
    metrics: &'static [&'static str],
    rule: (&'static str, i64, i64, i64, i64),
    is_minimal: bool,
) -> Alarm {
    Alarm { name, metrics, rule, is_minimal }
}

/// Once is enough.
const ONCE: (&str, i64, i64, i64, i64) = ("Sum", 300, 1, 1, 0);
/// Two of three periods, so that one that passes wakes nobody.
const TWICE: (&str, i64, i64, i64, i64) = ("Sum", 300, 3, 2, 0);
const SURGE: (&str, i64, i64, i64, i64) = ("Sum", 300, 3, 2, 100);

const ALARMS: [Alarm; 15] = [
    alarm("BusFailuresAlarm", &["Holdpoint/BusFailures/table"], TWICE, false),
    alarm("DeadLettersAlarm", &["Holdpoint/DeadLetters/table"], ONCE, true),
    alarm("DeadlineFailuresAlarm", &["Holdpoint/DeadlineFailures/table"], TWICE, false),
    alarm("DeliveryLagAlarm", &["Holdpoint/DeliveryLag/table"], ("Maximum", 300, 2, 2, 600_000), true),
    alarm("ForbiddenAlarm", &["Holdpoint/Forbidden/table"], SURGE, false),
    alarm(
        "IteratorAgeAlarm",
        &["AWS/Lambda/IteratorAge/FunctionName"],
        ("Maximum", 300, 2, 2, 300_000),
        true,
    ),
    alarm("RecordsKeptAlarm", &["Holdpoint/RecordsKept/table"], ONCE, true),
    alarm("RecordsLostAlarm", &["AWS/Lambda/DestinationDeliveryFailures/FunctionName"], ONCE, true),
    alarm("RedeliverFailuresAlarm", &["Holdpoint/RedeliverFailures/table"], TWICE, false),
    alarm("ResumeFailedAlarm", &["Holdpoint/ResumeFailed/table"], ONCE, true),
    // It must see two bad minutes while a release waits for five.
    alarm("ServerErrorsAlarm", &["AWS/ApiGateway/5xx/ApiId"], ("Sum", 60, 10, 2, 0), true),
    alarm("SweepFailuresAlarm", &["Holdpoint/SweepFailures/table"], TWICE, false),
    alarm("SweepLagAlarm", &["Holdpoint/SweepLag/table"], ("Maximum", 300, 2, 2, 300_000), true),
    alarm(
        "TableThrottlesAlarm",
        &[
            "AWS/DynamoDB/ReadThrottleEvents/TableName",
            "AWS/DynamoDB/ReadThrottleEvents/TableName/queue",
            "AWS/DynamoDB/ReadThrottleEvents/TableName/queue-by-workflow",
            "AWS/DynamoDB/ReadThrottleEvents/TableName/due",
            "AWS/DynamoDB/WriteThrottleEvents/TableName",
            "AWS/DynamoDB/WriteThrottleEvents/TableName/queue",
            "AWS/DynamoDB/WriteThrottleEvents/TableName/queue-by-workflow",
            "AWS/DynamoDB/WriteThrottleEvents/TableName/due",
        ],
        TWICE,
        false,
    ),
    alarm("UnauthenticatedAlarm", &["Holdpoint/Unauthenticated/table"], SURGE, false),
];

/// Whose metric it is, by the dimension's name: what its value must refer to.
const OF: [(&str, &str); 4] = [
    ("table", "TableName"),
    ("TableName", "TableName"),
    ("FunctionName", "PublishFunction"),
    ("ApiId", "Api"),
];

/// The metrics that an alarm looks at: namespace, name, dimension, and the index where it is one of the table's.
fn metrics(alarm: &Value) -> Vec<String> {
    let one = |metric: &Value| {
        let mut parts = vec![metric["Namespace"].as_str().unwrap(), metric["MetricName"].as_str().unwrap()];
        for dimension in metric["Dimensions"].as_array().unwrap() {
            let name = dimension["Name"].as_str().unwrap();
            if name == "GlobalSecondaryIndexName" {
                parts.push(dimension["Value"].as_str().unwrap());
            } else {
                let of = OF.iter().find(|(known, _)| *known == name).unwrap().1;
                assert_eq!(dimension["Value"]["Ref"], of, "{parts:?}");
                parts.push(name);
            }
        }
        parts.join("/")
    };
    match alarm["Metrics"].as_array() {
        Some(list) => {
            let shown: Vec<&Value> = list.iter().filter(|it| it["ReturnData"] != false).collect();
            assert_eq!((shown.len(), &shown[0]["Expression"]), (1, &"SUM(METRICS())".into()));
            list.iter()
                .filter(|it| it.get("MetricStat").is_some())
                .map(|it| one(&it["MetricStat"]["Metric"]))
                .collect()
        }
        None => vec![one(alarm)],
    }
}

/// Statistic and seconds, of the alarm or of each of its metrics.
fn statistics(alarm: &Value) -> Vec<(&str, i64)> {
    match alarm["Metrics"].as_array() {
        Some(list) => list
            .iter()
            .filter_map(|it| it.get("MetricStat"))
            .map(|it| (it["Stat"].as_str().unwrap(), it["Period"].as_i64().unwrap()))
            .collect(),
        None => vec![(alarm["Statistic"].as_str().unwrap(), alarm["Period"].as_i64().unwrap())],
    }
}

fn alarms(app: &Map<String, Value>) -> BTreeMap<String, &Value> {
    app.iter()
        .filter(|(_, it)| it["Type"] == "AWS::CloudWatch::Alarm")
        .map(|(name, it)| (name.clone(), it))
        .collect()
}

#[test]
fn each_alarm_tells_somebody_and_looks_at_what_the_list_says() {
    let app = app();
    let alarms = alarms(&app);
    assert_eq!(
        alarms.keys().map(String::as_str).collect::<Vec<_>>(),
        ALARMS.iter().map(|it| it.name).collect::<Vec<_>>()
    );
    let operate = std::fs::read_to_string(super::workspace().join("docs/operate.md")).unwrap();
    for expected in &ALARMS {
        let (name, alarm) = (expected.name, &alarms[expected.name]["Properties"]);
        assert_eq!(metrics(alarm), expected.metrics, "{name}");
        let (statistic, seconds, periods, over, threshold) = expected.rule;
        assert!(statistics(alarm).iter().all(|it| *it == (statistic, seconds)), "{name}");
        let number = |field: &str| alarm[field].as_i64();
        assert_eq!(number("EvaluationPeriods"), Some(periods), "{name}");
        assert_eq!(number("DatapointsToAlarm").unwrap_or(periods), over, "{name}");
        assert_eq!(number("Threshold"), Some(threshold), "{name}");
        assert_eq!(alarm["ComparisonOperator"], "GreaterThanThreshold", "{name}");
        assert_eq!(alarms[name].get("Condition").is_none(), expected.is_minimal, "{name}");
        let page = super::grants::kebab(name.strip_suffix("Alarm").unwrap());
        assert_eq!(alarm["AlarmName"]["Fn::Sub"], format!("${{AWS::StackName}}-{page}"));
        assert!(
            operate.contains(&format!("`{page}`")),
            "docs/operate.md does not say what to do about {page}"
        );
        for told in ["AlarmActions", "OKActions"] {
            assert_eq!(alarm[told][0]["Ref"], "AlarmTopic", "{name} tells nobody");
        }
    }
}

#[test]
fn a_lag_without_a_value_is_an_alarm_and_any_other_metric_without_one_is_none() {
    let app = app();
    let breaching =
        alarms(&app).into_iter().filter(|(_, it)| it["Properties"]["TreatMissingData"] == "breaching");
    assert_eq!(breaching.map(|(name, _)| name).collect::<Vec<_>>(), ["DeliveryLagAlarm", "SweepLagAlarm"]);
}

/// Wherever metrics are named in the code.
fn code() -> String {
    let sources = [
        "shared/src/api/responses/request_metrics.rs",
        "functions/sweep/src/lib.rs",
        "functions/publish/src/outbox/batch.rs",
        "functions/publish/src/outbox/redeliver/report.rs",
    ];
    sources.iter().map(|path| std::fs::read_to_string(super::workspace().join(path)).unwrap()).collect()
}

#[test]
fn alarms_and_dashboard_look_at_metrics_that_are_written() {
    let code = code();
    let is_written =
        |metric: &str| assert!(code.contains(&format!("\"{metric}\"")), "nobody writes {metric}");
    let ours = ALARMS.iter().flat_map(|it| it.metrics).filter_map(|it| it.strip_prefix("Holdpoint/"));
    ours.map(|it| it.strip_suffix("/table").unwrap()).for_each(is_written);
    let app = app();
    let dashboard = app.values().find(|it| it["Type"] == "AWS::CloudWatch::Dashboard").unwrap();
    let body = &dashboard["Properties"]["DashboardBody"]["Fn::Sub"];
    let body: Value = serde_json::from_str(body.as_str().unwrap()).unwrap();
    let widgets = body["widgets"].as_array().unwrap().iter();
    let metrics = widgets.flat_map(|it| it["properties"]["metrics"].as_array().unwrap());
    let ours: Vec<&Value> = metrics.filter(|metric| metric[0] == "Holdpoint").collect();
    assert!(ours.len() > 10);
    for metric in ours {
        is_written(metric[1].as_str().unwrap());
        assert_eq!(metric[2], "table");
    }
}

#[test]
fn a_release_is_taken_back_by_the_alarm_of_5xx() {
    let app = app();
    let alarm = &app["ServerErrorsAlarm"]["Properties"];
    let name = &alarm["AlarmName"]["Fn::Sub"];
    assert_eq!(name, "${AWS::StackName}-server-errors");
    let groups: Vec<&Value> =
        app.values().filter(|it| it["Type"] == "AWS::CodeDeploy::DeploymentGroup").collect();
    if is_transformed() {
        let on: BTreeSet<String> = groups
            .iter()
            .map(|it| {
                it["Properties"]["AlarmConfiguration"]["Alarms"][0]["Name"]["Fn::Sub"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        assert_eq!(on.into_iter().collect::<Vec<_>>(), [name.as_str().unwrap()]);
        // All but the inbox and the pages in its frame: pages and assets must come from one version.
        assert_eq!(groups.len(), functions(&app).len() - 2);
        let aliases = app.iter().filter(|(_, it)| it["Type"] == "AWS::Lambda::Alias");
        let at_once: Vec<&String> = aliases
            .clone()
            .filter(|(_, it)| it["UpdatePolicy"].get("CodeDeployLambdaAliasUpdate").is_none())
            .map(|(name, _)| name)
            .collect();
        assert_eq!(at_once, ["AdministrationFunctionAliaslive", "InboxFunctionAliaslive"]);
        assert_eq!(aliases.count(), functions(&app).len());
    }
}
