//! Alarms look at metrics that exist, and at everything that can fail.

use super::grants::{app, functions};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What each alarm looks at, and whether it is there with `Monitoring=minimal`, too.
const ALARMS: [(&str, &[&str], bool); 13] = [
    ("BusFailuresAlarm", &["Holdpoint/BusFailures"], false),
    ("DeadLettersAlarm", &["Holdpoint/DeadLetters"], true),
    ("DeliveryLagAlarm", &["Holdpoint/DeliveryLag"], true),
    ("ForbiddenAlarm", &["Holdpoint/Forbidden"], false),
    ("IteratorAgeAlarm", &["AWS/Lambda/IteratorAge"], true),
    ("RecordsKeptAlarm", &["Holdpoint/RecordsKept"], true),
    ("RedeliverFailuresAlarm", &["Holdpoint/RedeliverFailures"], false),
    ("ResumeFailedAlarm", &["Holdpoint/ResumeFailed"], true),
    ("ServerErrorsAlarm", &["AWS/ApiGateway/5xx"], true),
    ("SweepFailuresAlarm", &["Holdpoint/SweepFailures"], false),
    ("SweepLagAlarm", &["Holdpoint/SweepLag"], true),
    (
        "TableThrottlesAlarm",
        &[
            "AWS/DynamoDB/ReadThrottleEvents",
            "AWS/DynamoDB/ReadThrottleEvents/queue",
            "AWS/DynamoDB/ReadThrottleEvents/queue-by-workflow",
            "AWS/DynamoDB/ReadThrottleEvents/due",
            "AWS/DynamoDB/WriteThrottleEvents",
            "AWS/DynamoDB/WriteThrottleEvents/queue",
            "AWS/DynamoDB/WriteThrottleEvents/queue-by-workflow",
            "AWS/DynamoDB/WriteThrottleEvents/due",
        ],
        false,
    ),
    ("UnauthenticatedAlarm", &["Holdpoint/Unauthenticated"], false),
];

/// The metrics that an alarm looks at, with the index where it is one of the table's.
fn metrics(alarm: &Value) -> Vec<String> {
    let one = |metric: &Value| {
        let (namespace, name) =
            (metric["Namespace"].as_str().unwrap(), metric["MetricName"].as_str().unwrap());
        let dimensions = metric["Dimensions"].as_array().unwrap().iter();
        let index = dimensions.filter(|it| it["Name"] == "GlobalSecondaryIndexName").map(|it| &it["Value"]);
        let index: String = index.map(|it| format!("/{}", it.as_str().unwrap())).collect();
        format!("{namespace}/{name}{index}")
    };
    match alarm["Metrics"].as_array() {
        Some(list) => list
            .iter()
            .filter(|it| it.get("MetricStat").is_some())
            .map(|it| one(&it["MetricStat"]["Metric"]))
            .collect(),
        None => vec![one(alarm)],
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
    assert_eq!(alarms.keys().map(String::as_str).collect::<Vec<_>>(), ALARMS.map(|(name, ..)| name));
    let operate = std::fs::read_to_string(super::workspace().join("docs/operate.md")).unwrap();
    for (name, metrics_of, is_minimal) in ALARMS {
        let alarm = &alarms[name]["Properties"];
        assert_eq!(metrics(alarm), metrics_of, "{name}");
        assert_eq!(alarms[name].get("Condition").is_none(), is_minimal, "{name}");
        let page = super::grants::kebab(name.strip_suffix("Alarm").unwrap());
        assert_eq!(alarm["AlarmName"]["Fn::Sub"], format!("${{AWS::StackName}}-{page}"));
        assert!(
            operate.contains(&format!("`{page}`")),
            "docs/operate.md does not say what to do about {page}"
        );
        for told in ["AlarmActions", "OKActions"] {
            assert_eq!(alarm[told][0]["Ref"], "AlarmTopic", "{name} tells nobody");
        }
        if metrics_of[0].starts_with("Holdpoint/") {
            assert_eq!(alarm["Dimensions"].as_array().unwrap().len(), 1);
            assert_eq!(alarm["Dimensions"][0]["Name"], "table");
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
    for (_, metrics, _) in ALARMS {
        metrics.iter().filter_map(|it| it.strip_prefix("Holdpoint/")).for_each(is_written);
    }
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
    // It must see two bad minutes while the release waits five.
    assert_eq!((alarm["Period"].as_i64(), alarm["DatapointsToAlarm"].as_i64()), (Some(60), Some(2)));
    let groups: Vec<&Value> =
        app.values().filter(|it| it["Type"] == "AWS::CodeDeploy::DeploymentGroup").collect();
    if std::env::var_os("HOLDPOINT_TRANSFORMED").is_some() {
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
        // All but the inbox, whose pages and assets must come from one version.
        assert_eq!(groups.len(), functions(&app).len() - 1);
        let aliases = app.iter().filter(|(_, it)| it["Type"] == "AWS::Lambda::Alias");
        let at_once: Vec<&String> = aliases
            .clone()
            .filter(|(_, it)| it["UpdatePolicy"].get("CodeDeployLambdaAliasUpdate").is_none())
            .map(|(name, _)| name)
            .collect();
        assert_eq!(at_once, ["InboxFunctionAliaslive"]);
        assert_eq!(aliases.count(), functions(&app).len());
    }
}
