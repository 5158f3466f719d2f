//! `template.yaml`, `functions/` and the list of endpoints agree.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod alarms;
mod deployment;
mod documents;
mod grants;
#[path = "../../local/tests/sign_in/issuer.rs"]
#[allow(dead_code, reason = "what it can forge is for others")]
mod issuer;
mod notifications;
mod permissions;

use local::template::Template;
use saphyr::Yaml;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn template_folders_and_endpoints_have_the_same_functions() {
    let folders: BTreeSet<String> = std::fs::read_dir(workspace().join("functions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let template = Template::app().unwrap();
    let (http, triggered) = (template.functions().unwrap(), template.triggered().unwrap());
    let pages = template.pages().unwrap();
    let in_template: BTreeSet<String> = http.iter().map(|function| function.binary.clone()).collect();
    let declared: BTreeSet<String> = endpoints::ALL.iter().map(|it| it.function().to_owned()).collect();
    assert_eq!(declared, in_template);
    let triggers: Vec<(&str, &str)> =
        triggered.iter().map(|it| (it.binary.as_str(), it.trigger.as_str())).collect();
    assert_eq!(triggers, [("sweep", "Schedule"), ("publish", "DynamoDB"), ("redeliver", "Schedule")]);
    // A function may answer several calls, and serve pages besides.
    let all: BTreeSet<(&String, &String)> = http
        .iter()
        .map(|it| (&it.binary, &it.folder))
        .chain(triggered.iter().map(|it| (&it.binary, &it.folder)))
        .chain(pages.iter().map(|(binary, folder, _)| (binary, folder)))
        .collect();
    assert_eq!(all.iter().map(|(binary, _)| (*binary).clone()).collect::<BTreeSet<_>>(), folders);
    assert_eq!(all.len(), folders.len(), "no function twice");
    for (binary, folder) in all {
        assert_eq!(*folder, format!("functions/{binary}"));
    }
}

#[test]
fn the_streams_records_are_given_again_for_hours_and_are_kept_whole_at_the_end() {
    let template = Template::app().unwrap();
    let stream = |path: &[&str]| {
        let whole = [&["Resources", "PublishFunction", "Properties", "Events", "Stream", "Properties"], path]
            .concat();
        template.at(&whole).unwrap()
    };
    assert_eq!(stream(&["FunctionResponseTypes"])[0].as_str(), Some("ReportBatchItemFailures"));
    assert_eq!(stream(&["BisectBatchOnFunctionError"]).as_bool(), Some(true));
    // No number of attempts ends it, only time: well before the stream forgets the records, after a day.
    assert_eq!(stream(&["MaximumRetryAttempts"]).as_integer(), Some(-1));
    assert_eq!(stream(&["MaximumRecordAgeInSeconds"]).as_integer(), Some(20 * 3600));
    // Only a bucket gets the records themselves.
    assert_eq!(stream(&["DestinationConfig", "OnFailure", "Type"]).as_str(), Some("S3"));
    let filters = stream(&["FilterCriteria", "Filters"]).as_sequence().unwrap();
    let patterns: Vec<Value> = filters
        .iter()
        .map(|filter| {
            serde_json::from_str(filter.as_mapping_get("Pattern").unwrap().as_str().unwrap()).unwrap()
        })
        .collect();
    let passes = |name: &str, sk: &str, by_service: bool| {
        patterns.iter().any(|pattern| {
            let names = pattern["eventName"].as_array().unwrap();
            let keys = &pattern["dynamodb"]["Keys"]["sk"]["S"][0];
            let key = keys
                .as_str()
                .map_or_else(|| sk.starts_with(keys["prefix"].as_str().unwrap()), |key| key == sk);
            names.contains(&name.into()) && key && (by_service || pattern.get("userIdentity").is_none())
        })
    };
    assert!(passes("INSERT", "#META", false) && passes("MODIFY", "#META", false));
    assert!(passes("REMOVE", "LEASE#run#block", true));
    for (name, sk) in
        [("INSERT", "VERSION#0000000000#00000"), ("MODIFY", "LEASE#run#block"), ("REMOVE", "LEASE#run#block")]
    {
        assert!(!passes(name, sk, false), "{name} {sk}");
    }
}

#[test]
fn template_and_endpoints_have_the_same_routes() {
    let in_template: BTreeSet<_> = Template::app()
        .unwrap()
        .functions()
        .unwrap()
        .into_iter()
        .map(|function| (function.route.0, function.route.1, function.binary))
        .collect();
    let declared: BTreeSet<_> = endpoints::ALL
        .iter()
        .map(|it| (it.route.method.to_owned(), it.route.path.to_owned(), it.function().to_owned()))
        .collect();
    assert_eq!(in_template, declared);
    let page_at = |name: &str, path: &str| (name.to_owned(), path.to_owned());
    let in_template: BTreeSet<_> = Template::app()
        .unwrap()
        .pages()
        .unwrap()
        .into_iter()
        .flat_map(|(name, _, paths)| paths.into_iter().map(move |path| (name.clone(), path)))
        .collect();
    let of_inbox = inbox::SITE.paths.iter().map(|path| page_at(inbox::SITE.name, path));
    let of_administration =
        administration::SITE.paths.iter().map(|path| page_at(administration::SITE.name, path));
    let of_sign_in = sign_in::SITE.paths.iter().map(|path| page_at(sign_in::SITE.name, path));
    let of_page = page::SITE.paths.iter().map(|path| page_at(page::SITE.name, path));
    let of_docs = docs::PAGES.iter().map(|it| page_at(docs::NAME, it.path));
    assert_eq!(
        in_template,
        of_inbox.chain(of_administration).chain(of_sign_in).chain(of_page).chain(of_docs).collect()
    );
}

#[test]
fn unknown_paths_go_to_docs_which_may_do_nothing() {
    let template = Template::app().unwrap();
    let mut takers = Vec::new();
    for (name, function) in resources(&template, "AWS::Serverless::Function") {
        let events = function.as_mapping_get("Events").unwrap().as_mapping().unwrap();
        let is_default = |event: &Yaml<'_>| {
            event.as_mapping_get("Type").unwrap().as_str() == Some("HttpApi")
                && event.as_mapping_get("Properties").unwrap().as_mapping_get("Path").is_none()
        };
        if events.values().any(is_default) {
            takers.push(name);
        }
    }
    assert_eq!(takers, ["DocsFunction"]);
    let allowed = &grants::statements(&grants::app())["docs"];
    let actions: BTreeSet<String> = allowed.iter().flat_map(|it| grants::texts(&it["Action"])).collect();
    assert!(actions.iter().all(|it| it.starts_with("logs:") || it.starts_with("xray:")), "{actions:?}");
}

#[test]
fn the_template_defines_the_table_that_the_store_expects() {
    let table = Template::data().unwrap().table().unwrap();
    let names: Vec<&str> = table.indexes.iter().map(|index| index.name.as_str()).collect();
    assert_eq!(names, ["queue", "queue-by-workflow", "due"]);
    assert!(
        table.indexes.iter().all(|index| index.projection == "KEYS_ONLY"),
        "a claim must write to no queue"
    );
    assert_eq!(table.ttl_attribute, "ttl");
    assert_eq!(table.stream_view, "NEW_AND_OLD_IMAGES");
}

#[test]
fn pages_of_other_origins_may_send_and_read_the_headers_the_contract_has() {
    let cors = Template::app().unwrap().cors().unwrap();
    assert!(endpoints::ROUTES.iter().all(|route| cors.methods.contains(&route.method.to_owned())));
    for header in ["api-key", "authorization", "content-type"] {
        assert!(cors.request_headers.contains(&header.to_owned()), "{header}");
    }
    for header in ["x-request-id", "retry-after"] {
        assert!(cors.response_headers.contains(&header.to_owned()), "{header}");
    }
}

/// The resources of a type, by name.
fn resources(template: &Template, kind: &str) -> Vec<(String, Yaml<'static>)> {
    let resources = template.at(&["Resources"]).unwrap().as_mapping().unwrap();
    let of_kind =
        resources.iter().filter(|(_, it)| it.as_mapping_get("Type").unwrap().as_str() == Some(kind));
    of_kind
        .map(|(name, it)| {
            (name.as_str().unwrap().to_owned(), it.as_mapping_get("Properties").unwrap().clone())
        })
        .collect()
}

#[test]
fn the_access_log_is_json_and_holds_no_header_path_or_query() {
    let template = Template::app().unwrap();
    let format = template.at(&["Resources", "Api", "Properties", "AccessLogSettings", "Format"]).unwrap();
    let format: Value = serde_json::from_str(format.as_str().unwrap()).unwrap();
    let known = [
        "requestId",
        "requestTimeEpoch",
        "identity.sourceIp",
        "routeKey",
        "status",
        "responseLength",
        "responseLatency",
        "integrationLatency",
        "error.message",
        "integrationErrorMessage",
    ];
    for value in format.as_object().unwrap().values() {
        let variable = value.as_str().unwrap().strip_prefix("$context.").unwrap();
        assert!(known.contains(&variable), "{variable}");
    }
}

#[test]
fn triggered_functions_have_a_bounded_concurrency_and_every_function_a_log_that_ends() {
    let template = Template::app().unwrap();
    let functions = resources(&template, "AWS::Serverless::Function");
    for (name, function) in &functions {
        let triggered = ["SweepFunction", "PublishFunction", "RedeliverFunction"].contains(&name.as_str());
        assert_eq!(function.as_mapping_get("ReservedConcurrentExecutions").is_some(), triggered, "{name}");
    }
    let logs = resources(&template, "AWS::Logs::LogGroup");
    assert_eq!(logs.len(), functions.len() + 1, "one each, and the gateway's");
    assert!(logs.iter().all(|(_, log)| log.as_mapping_get("RetentionInDays").is_some()));
}

#[test]
fn the_bucket_is_private_and_its_uploads_end_after_a_day() {
    let template = Template::data().unwrap();
    let bucket = |path: &[&str]| template.at(&[&["Resources", "Bucket"], path].concat()).unwrap();
    for setting in ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"] {
        let blocked = bucket(&["Properties", "PublicAccessBlockConfiguration", setting]);
        assert_eq!(blocked.as_bool(), Some(true), "{setting}");
    }
    assert_eq!(bucket(&["Properties", "VersioningConfiguration", "Status"]).as_str(), Some("Enabled"));
    assert_eq!(bucket(&["DeletionPolicy"]).as_str(), Some("RetainExceptOnCreate"));
    let rules = bucket(&["Properties", "LifecycleConfiguration", "Rules"]).as_sequence().unwrap();
    let days = |rule: &Yaml<'_>, of: &str, days: &str| {
        rule.as_mapping_get(of).and_then(|it| it.as_mapping_get(days)).and_then(Yaml::as_integer)
    };
    let ends: Vec<_> = rules
        .iter()
        .map(|rule| {
            let text = |name: &str| rule.as_mapping_get(name).and_then(Yaml::as_str);
            assert_eq!(text("Status"), Some("Enabled"));
            (
                text("Prefix").unwrap(),
                rule.as_mapping_get("ExpirationInDays").and_then(Yaml::as_integer),
                days(rule, "NoncurrentVersionExpiration", "NoncurrentDays"),
                days(rule, "AbortIncompleteMultipartUpload", "DaysAfterInitiation"),
            )
        })
        .collect();
    // The second one's age is a parameter.
    assert_eq!(ends, [("uploads/", Some(1), Some(1), Some(1)), ("documents/", None, Some(7), Some(1))]);
    let policy =
        template.at(&["Resources", "BucketPolicy", "Properties", "PolicyDocument", "Statement"]).unwrap();
    let denied: Vec<_> =
        policy.as_sequence().unwrap().iter().map(|it| it.as_mapping_get("Effect").unwrap()).collect();
    assert!(denied.len() == 2 && denied.iter().all(|effect| effect.as_str() == Some("Deny")));
}

#[test]
fn a_first_deployment_that_fails_leaves_nothing_behind() {
    let resources = grants::resources_of(&std::fs::read_to_string(workspace().join("data.yaml")).unwrap());
    let kept: BTreeSet<&str> = resources
        .iter()
        .filter(|(_, it)| it.get("DeletionPolicy").is_some())
        .map(|(name, it)| {
            assert_eq!(it["DeletionPolicy"], "RetainExceptOnCreate", "{name}");
            assert_eq!(it["UpdateReplacePolicy"], "Retain", "{name}");
            name.as_str()
        })
        .collect();
    // Everything that holds data, or without which data cannot be read.
    assert_eq!(kept.into_iter().collect::<Vec<_>>(), ["Bucket", "FailedRecords", "Key", "Table"]);
    // With its protection on, a table cannot be rolled back: nothing may fail after it.
    assert_eq!(grants::texts(&resources["Table"]["DependsOn"]), ["BucketPolicy", "FailedRecordsPolicy"]);
    // What SAM adds keeps the versions of the code, which the next release needs to be taken back.
    let of_app = grants::app();
    let kept = of_app
        .iter()
        .filter(|(_, it)| it.get("DeletionPolicy").is_some() && it["Type"] != "AWS::Lambda::Version");
    assert_eq!(kept.count(), 0, "the app keeps nothing");
}

#[test]
fn schedules_wait_for_a_minute_at_most() {
    let app = grants::app();
    for function in ["SweepFunction", "RedeliverFunction"] {
        let invoke = match app[function]["Properties"].get("EventInvokeConfig") {
            Some(invoke) => invoke,
            // As SAM writes it out.
            None => &app[&format!("{function}EventInvokeConfig")]["Properties"],
        };
        assert_eq!(invoke["MaximumEventAgeInSeconds"], 60, "{function}");
        assert_eq!(invoke["MaximumRetryAttempts"], 0, "{function}");
    }
}
