//! The real Lambda binaries under AWS's own runtime emulator (`aws-lambda-rie`, from the `PyPI` package `aws-sam-cli`).
//!
//! What the other tests call as functions is run here as Lambda runs it: a process, the runtime's API, events as API Gateway,
//! EventBridge and DynamoDB's streams send them.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::needless_pass_by_value)]

use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Command, Output};
use tests::TestApp;
use tests::product::build;
use tests::rie::{Lambda, environment, request, target, workspace};

fn binary(function: &str) -> PathBuf {
    target().join("debug").join(function)
}

fn start(function: &str, app: &TestApp) -> Lambda {
    Lambda::start(&binary(function), environment(app))
}

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap_or("null")).unwrap()
}

const REVIEWS: &str = "/v1/workflows/reviews";

/// Calls, in an order that makes a story: function, method, path after the base, body, the status that it must answer.
fn story() -> Vec<(&'static str, &'static str, &'static str, String, Value, u16)> {
    let review = |verb: &str| format!("{REVIEWS}/run_1/extract{verb}");
    let policy = |rest: &str| format!("/v1/workflows/wf_1/policy{rest}");
    let opening = tests::opening("run_1", "extract", 0);
    // Less urgent than the other, which is claimed next.
    let mut gating = tests::gating("run_2", "extract", json!({ "kind": "sample", "percent": 100 }));
    gating["priority"] = json!(-1);
    let webhook = json!({ "url": "https://hooks.example.com/" });
    let sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let document = json!({ "filename": "a.txt", "mime_type": "text/plain", "size": 5, "sha256": sha256 });
    let none = Value::Null;
    vec![
        ("open", "agent", "POST", REVIEWS.into(), opening, 201),
        ("gate", "agent", "POST", "/v1/workflows/gate".into(), gating, 201),
        ("list", "dana", "GET", REVIEWS.into(), none.clone(), 200),
        ("claim-next", "dana", "POST", format!("{REVIEWS}/claim-next"), json!({}), 200),
        ("claim", "dana", "POST", review("/claim"), json!({ "version_stamp": 1 }), 200),
        ("release", "dana", "POST", review("/release"), json!({ "version_stamp": 2 }), 200),
        (
            "assign",
            "dana",
            "POST",
            review("/assign"),
            json!({ "version_stamp": 3, "groups": ["finance"] }),
            200,
        ),
        ("comment", "dana", "POST", review("/comments"), json!({ "text": "Why?" }), 201),
        (
            "edit",
            "dana",
            "POST",
            review("/versions"),
            json!({ "version_stamp": 4, "snapshot": { "x": 1 } }),
            200,
        ),
        ("create-document", "agent", "POST", "/v1/documents".into(), document, 201),
        ("get-document", "dana", "GET", review("/documents/invoice"), none.clone(), 404),
        // There is no S3 beside it: it answers, and says so.
        ("delete-document", "admin", "DELETE", "/v1/documents/doc_1".into(), none.clone(), 503),
        ("page", "dana", "GET", review("/documents/invoice/pages/1"), none.clone(), 404),
        ("get-evidence", "dana", "GET", review("/evidence"), none.clone(), 200),
        ("get-version", "dana", "GET", review("/versions/1"), none.clone(), 200),
        ("list-audit", "dana", "GET", review("/audit"), none.clone(), 200),
        (
            "decide",
            "dana",
            "POST",
            review("/decision"),
            json!({ "version_stamp": 5, "verdict": "approved" }),
            200,
        ),
        ("resume", "dana", "POST", review("/resume"), json!({ "version_stamp": 6 }), 409),
        ("get-decision", "agent", "GET", review("/decision"), none.clone(), 200),
        ("acknowledge", "agent", "POST", review("/acknowledge"), json!({ "decision_id": "0" }), 409),
        ("reopen", "dana", "POST", review("/reopen"), json!({ "version_stamp": 6 }), 200),
        ("get", "dana", "GET", review(""), none.clone(), 200),
        ("put-policy", "admin", "PUT", policy(""), json!({ "version_stamp": 0, "blocks": { "*": {} } }), 201),
        ("get-policy", "dana", "GET", policy(""), none.clone(), 200),
        ("list-policies", "dana", "GET", "/v1/workflows/policies".into(), none.clone(), 200),
        ("list-policy-audit", "dana", "GET", policy("/audit"), none.clone(), 200),
        ("dry-run-policy", "admin", "POST", policy("/dry-run"), json!({ "blocks": { "*": {} } }), 200),
        ("delete-policy", "admin", "DELETE", policy(""), none.clone(), 422),
        ("create-webhook", "admin", "POST", "/v1/webhooks".into(), webhook, 201),
        ("administration", "admin", "GET", "/v1/members".into(), none.clone(), 200),
        ("list-webhooks", "admin", "GET", "/v1/webhooks".into(), none.clone(), 200),
        ("enable-webhook", "admin", "POST", "/v1/webhooks/wh_1/enable".into(), none.clone(), 404),
        ("list-deliveries", "admin", "GET", "/v1/webhooks/wh_1/deliveries".into(), none.clone(), 404),
        (
            "rotate-webhook-secret",
            "admin",
            "POST",
            "/v1/webhooks/wh_1/rotate-secret".into(),
            none.clone(),
            404,
        ),
        ("test-webhook", "admin", "POST", "/v1/webhooks/wh_1/test".into(), none.clone(), 404),
        ("delete-webhook", "admin", "DELETE", "/v1/webhooks/wh_1".into(), none, 404),
    ]
}

/// The route that takes a call, and the path's parameters, as API Gateway finds them.
fn route(function: &str, path: &str) -> (String, Value) {
    // `administration` answers several calls, none of which has its name.
    let named = endpoints::named(if function == "administration" { "list-members" } else { function });
    let route = named.unwrap().route;
    let captured = route.captures(path).unwrap();
    let parameters = captured.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    (format!("{} {}", route.method, route.path), Value::Object(parameters))
}

fn app() -> TestApp {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(TestApp::new())
}

#[test]
fn every_binary_answers_under_the_runtime_emulator() {
    build(&["--bins"]);
    let app = app();
    let mut functions = Vec::new();
    for (function, who, _, path, sent, status) in story() {
        let lambda = start(function, &app);
        let (route, parameters) = route(function, &path);
        let sent = (!sent.is_null()).then(|| sent.to_string());
        let answer = lambda.invoke(&request(&route, &path, app.key(who), &parameters, sent.as_deref()));
        assert_eq!(answer["statusCode"], status, "{function}: {answer}");
        assert_eq!(answer["headers"]["x-request-id"], "JKJaXmPLvHcESHA=", "{function}");
        say_what_was_logged(function, &lambda);
        functions.push(function.to_owned());
    }
    let docs = start("docs", &app);
    for (path, status, code) in [
        ("/favicon.ico", 404, "route_not_found"),
        ("/v1/workflows/reviews/run/block/claim", 405, "method_not_allowed"),
    ] {
        let unknown = docs.invoke(&request("$default", path, "", &Value::Null, None));
        let body: Value = serde_json::from_str(unknown["body"].as_str().unwrap()).unwrap();
        assert_eq!(
            (&unknown["statusCode"], &body["detail"]["code"]),
            (&json!(status), &json!(code)),
            "{path}"
        );
    }
    let page = docs.invoke(&request("GET /docs", "/docs", "", &Value::Null, None));
    assert_eq!(
        (&page["statusCode"], &page["headers"]["content-type"]),
        (&json!(200), &json!("text/html; charset=utf-8"))
    );
    functions.push("docs".to_owned());
    inbox(&app);
    functions.push("inbox".to_owned());
    let sign_in = start("sign-in", &app);
    let callback = "/inbox/sign-in/callback";
    let refused = sign_in.invoke(&request(&format!("GET {callback}"), callback, "", &Value::Null, None));
    assert_eq!(refused["statusCode"], 400, "{refused}");
    functions.push("sign-in".to_owned());
    let now = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let tick = json!({
        "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event",
        "source": "aws.events", "account": "123456789012", "time": now, "region": "eu-west-1",
        "resources": ["arn:aws:events:eu-west-1:123456789012:rule/sweep"], "detail": {},
    });
    let sweep = start("sweep", &app);
    let swept = sweep.invoke(&tick);
    say_what_was_logged("sweep", &sweep);
    assert_eq!((&swept["failed"], &swept["more"]), (&json!(0), &json!(false)), "{swept}");
    let redeliver = start("redeliver", &app);
    assert_eq!(redeliver.invoke(&tick)["errors"], 0);
    say_what_was_logged("redeliver", &redeliver);
    assert_eq!(redeliver.invoke(&json!({ "redrive": true }))["redriven"], 0);
    let publish = start("publish", &app);
    assert_eq!(publish.invoke(&stream(true)), json!({ "batchItemFailures": [] }));
    let failures = json!({ "batchItemFailures": [{ "itemIdentifier": "400000000000000000001" }] });
    assert_eq!(
        publish.invoke(&stream(false)),
        failures,
        "META that does not decode, and no bucket to keep it in"
    );
    let none = publish.invoke(&json!({ "replay": true }))["errorMessage"].to_string();
    assert!(none.contains("HOLDPOINT_FAILED_RECORDS_BUCKET"), "{none}");
    let log = publish.log();
    let counted = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let counted: Vec<Value> = counted.filter(|line| line.get("_aws").is_some()).collect();
    assert_eq!(
        (counted.len(), &counted[0]["RecordsFailed"]),
        (1, &json!(1)),
        "what is zero is not written: {log}"
    );
    functions.extend(["sweep", "redeliver", "publish"].map(str::to_owned));
    functions.sort();
    let mut folders: Vec<String> = std::fs::read_dir(workspace().join("functions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    assert_eq!(functions, folders);
}

/// One change, from the stream as Lambda hands it over.
#[test]
fn publish_says_one_line_of_an_event_and_one_of_what_it_counted() {
    build(&["--bins"]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (app, events) = runtime.block_on(async {
        let app = TestApp::with_stream().await;
        app.open().await;
        let outbox = app.outbox(tests::outbox::Ways::default()).await;
        (app, outbox.take().await)
    });
    let publish = start("publish", &app);
    let event = serde_json::to_value(&events[0]).unwrap();
    assert_eq!(publish.invoke(&event), json!({ "batchItemFailures": [] }));
    say_what_was_logged("publish", &publish);
    let log = publish.log();
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let ours: Vec<&Value> = lines.iter().filter(|line| line.get("function").is_some()).collect();
    assert_eq!(
        (ours.len(), &ours[0]["event"], &ours[1]["Events"]),
        (2, &json!("review.opened"), &json!(1)),
        "{log}"
    );
}

/// The bytes of a run's lines, without those that Lambda writes: what `bench/bill.py` reckons with.
fn say_what_was_logged(function: &str, lambda: &Lambda) {
    let log = lambda.log();
    let ours =
        log.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok_and(|line| line.is_object()));
    println!("logged by {function}: {} bytes", ours.map(|line| line.len() + 1).sum::<usize>());
}

/// A bucket that takes all: `publish` keeps the record there, with the client of its own binary.
#[test]
fn publish_keeps_what_it_cannot_read_and_minimal_metrics_say_so() {
    build(&["--bins"]);
    let (app, bucket) = (app(), tests::stub_servers::StubServer::start());
    let settings = [
        ("HOLDPOINT_FAILED_RECORDS_BUCKET", "failed".to_owned()),
        ("AWS_ENDPOINT_URL_S3", bucket.url().to_owned()),
        ("HOLDPOINT_METRICS", "minimal".to_owned()),
    ];
    let settings = environment(&app).into_iter().chain(settings);
    let publish = Lambda::start(&binary("publish"), settings);
    assert_eq!(publish.invoke(&stream(false)), json!({ "batchItemFailures": [] }));
    let received = bucket.received();
    let number = format!("{:0>40}", "400000000000000000001");
    let key = format!("/failed/unreadable/2026-11-24/{number}-c4ca4238a0b923820dcc509a6f75849b.json");
    assert_eq!((received.len(), received[0].path.as_str()), (1, key.as_str()));
    assert!(received[0].header("authorization").starts_with("AWS4-HMAC-SHA256 "));
    assert_eq!(received[0].json()["record"], stream(false)["Records"][0]);
    let log = publish.log();
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let counted = lines.iter().find(|line| line.get("_aws").is_some()).unwrap();
    let names: Vec<&Value> = counted["_aws"]["CloudWatchMetrics"][0]["Metrics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|metric| &metric["Name"])
        .collect();
    assert_eq!((names, &counted["RecordsKept"]), (vec![&json!("RecordsKept")], &json!(1)));
}

/// The inbox as the gateway calls it: forms come as base64, cookies in a list of their own, both ways.
fn inbox(app: &TestApp) {
    let lambda = start("inbox", app);
    let call = |route: &str, path: &str, form: Option<&str>, cookies: &[&str]| {
        let mut event = request(route, path, "", &json!({ "proxy": "x" }), None);
        event["cookies"] = json!(cookies);
        event["headers"]["sec-fetch-site"] = json!("same-origin");
        event["requestContext"]["http"]["method"] = json!(if form.is_some() { "POST" } else { "GET" });
        if let Some(form) = form {
            event["headers"]["content-type"] = json!("application/x-www-form-urlencoded");
            (event["body"], event["isBase64Encoded"]) = (json!(base64(form.as_bytes())), json!(true));
        }
        lambda.invoke(&event)
    };
    let form = format!("key={}&return=%2Finbox", app.key("dana"));
    let signed_in = call("ANY /inbox/{proxy+}", "/inbox/sign-in", Some(&form), &[]);
    assert_eq!(
        (&signed_in["statusCode"], &signed_in["headers"]["location"]),
        (&json!(303), &json!("/inbox"))
    );
    let cookie = signed_in["cookies"][0].as_str().unwrap().split(';').next().unwrap();
    let page = call("ANY /inbox", "/inbox", None, &["other=1", cookie]);
    assert_eq!((&page["statusCode"], &page["headers"]["cache-control"]), (&json!(200), &json!("no-store")));
    assert!(page["body"].as_str().unwrap().contains("Dana Rivera"), "{page}");
    assert_eq!(call("ANY /", "/", None, &[])["headers"]["location"], "/inbox");
    assert_eq!(call("ANY /inbox/{proxy+}", "/inbox/nothing", None, &[cookie])["statusCode"], 404);
}

#[test]
fn a_binarys_log_is_a_line_of_json_a_request_a_line_of_metrics_and_no_secret() {
    build(&["--bins"]);
    let app = app();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(app.open());
    let lambda = start("claim", &app);
    let path = format!("{REVIEWS}/run_abc123/block_extract/claim");
    let (route, parameters) = route("claim", &path);
    let stamp = |stamp: u64| json!({ "version_stamp": stamp, "ttl_seconds": 60 }).to_string();
    for (sent, status) in [(stamp(0), 200), (stamp(7), 409), (r#"{"hp_secret": 1}"#.into(), 422)] {
        let mut event = request(&route, &path, app.key("dana"), &parameters, Some(&sent));
        let traced = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1";
        event["headers"]["x-amzn-trace-id"] = json!(traced);
        assert_eq!(lambda.invoke(&event)["statusCode"], status);
    }
    let log = lambda.log();
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let ours = |name: &str| lines.iter().filter(|line| line.get(name).is_some()).cloned().collect::<Vec<_>>();
    let requests: Vec<Value> = ours("request_id");
    let codes: Vec<&str> = requests.iter().map(|line| line["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["ok", "version_conflict", "validation_error"], "{log}");
    assert!(
        requests.iter().all(|line| line["trace_id"].as_str().is_some_and(|id| id.starts_with("1-"))),
        "{log}"
    );
    let metrics = ours("_aws");
    assert_eq!((metrics.len(), &metrics[0]["Claims"], &metrics[1]["Conflicts"]), (2, &json!(1), &json!(1)));
    for secret in [&app.key("dana")[3..], "hp_secret", "Northwind"] {
        assert!(!log.contains(secret), "{log}");
    }
}

/// What no URI may hold gets our answer all the same, and no page of the gateway's.
#[test]
fn a_query_a_host_or_a_scheme_that_no_uri_may_have_is_answered_as_any_other() {
    build(&["--bins"]);
    let app = app();
    let lambda = start("list", &app);
    let call = |change: &dyn Fn(&mut Value)| {
        let mut event = request(&format!("GET {REVIEWS}"), REVIEWS, app.key("dana"), &json!({}), None);
        change(&mut event);
        lambda.invoke(&event)
    };
    for (query, status, told) in [
        ("limit=<2>", 422, json!(["query", "limit"])),
        ("cursor=\u{e9} \"#", 422, json!(["query", "cursor"])),
        ("na<me=1", 422, json!(["query", "na<me"])),
        ("limit=2&workflow_id=a%3Cb", 422, json!(["query", "workflow_id"])),
        ("limit=2", 200, Value::Null),
    ] {
        let answer = call(&|event| event["rawQueryString"] = json!(query));
        let loc = body(&answer)["detail"]["details"]["errors"][0]["loc"].clone();
        assert_eq!((&answer["statusCode"], loc), (&json!(status), told), "{query}: {answer}");
    }
    for (name, value) in
        [("host", "a b"), ("host", "[::"), ("x-forwarded-proto", "https,http"), ("x-forwarded-proto", "")]
    {
        let answer = call(&|event| event["headers"][name] = json!(value));
        assert_eq!(answer["statusCode"], 200, "{name}: {value}: {answer}");
    }
    assert_eq!(call(&|event| event["rawPath"] = json!("`/v1"))["statusCode"], 200);
    let both = call(&|event| {
        event["headers"]["host"] = json!("^");
        event["requestContext"]["domainName"] = json!("^");
    });
    assert_eq!(both["statusCode"], 200, "{both}");
}

/// A batch of the table's stream, as Lambda sends it: a lease that TTL deleted, or a META that nobody can read.
fn stream(readable: bool) -> Value {
    let (pk, sk) = if readable {
        ("HOLDER#org_a#human#user_42", "LEASE#run_1#extract")
    } else {
        ("REVIEW#org_a#run_1#extract", "#META")
    };
    let keys = json!({ "pk": { "S": pk }, "sk": { "S": sk } });
    let mut record = json!({
        "eventID": "c4ca4238a0b923820dcc509a6f75849b",
        "eventName": if readable { "REMOVE" } else { "MODIFY" },
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_514_400.0,
            "Keys": keys,
            "SequenceNumber": "400000000000000000001",
            "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/holdpoint/stream/2026-11-24T09:00:00.000",
    });
    if readable {
        record["userIdentity"] = json!({ "type": "Service", "principalId": "dynamodb.amazonaws.com" });
        record["dynamodb"]["OldImage"] = keys;
    } else {
        record["dynamodb"]["NewImage"] = keys;
    }
    json!({ "Records": [record] })
}

#[test]
fn what_the_gateway_can_send_is_understood() {
    build(&["--bins"]);
    let app = app();
    let lambda = start("open", &app);
    let opening = tests::opening("run_ä", "extract", 0).to_string();
    let event = |body: &str| {
        request("POST /v1/workflows/reviews", REVIEWS, app.key("agent"), &Value::Null, Some(body))
    };
    // A body in base64, as the gateway sends what it does not take for text.
    let mut encoded = event(&base64(opening.replace("run_ä", "run_1").as_bytes()));
    encoded["isBase64Encoded"] = json!(true);
    assert_eq!(lambda.invoke(&encoded)["statusCode"], 201);
    let refused = lambda.invoke(&event(&opening));
    assert_eq!(
        (&refused["statusCode"], &body(&refused)["detail"]["code"]),
        (&json!(422), &json!("validation_error"))
    );
    drop(lambda);

    let lambda = start("get", &app);
    let get = |parameters: Value| {
        request(
            "GET /v1/workflows/reviews/{run_id}/{block_id}",
            "/v1/workflows/reviews/x/y",
            app.key("dana"),
            &parameters,
            None,
        )
    };
    let found = lambda.invoke(&get(json!({ "run_id": "run_1", "block_id": "extract" })));
    assert_eq!((&found["statusCode"], &body(&found)["_id"]), (&json!(200), &json!("run_1:extract")));
    let tag = found["headers"]["etag"].as_str().unwrap();
    // Several values of one header come as one, with commas.
    let mut conditional = get(json!({ "run_id": "run_1", "block_id": "extract" }));
    conditional["headers"]["if-none-match"] = json!(format!("\"other\",{tag}"));
    assert_eq!(lambda.invoke(&conditional)["statusCode"], 304);
    // A path's parameter comes decoded, whatever it was.
    let odd = lambda.invoke(&get(json!({ "run_id": "a b/c", "block_id": "extract" })));
    assert_eq!(
        (&odd["statusCode"], &body(&odd)["detail"]["details"]["errors"][0]["loc"]),
        (&json!(422), &json!(["path", "run_id"]))
    );
    // The gateway sends unknown paths to `docs`; should one come here, it is not found either.
    let unknown = lambda.invoke(&request("$default", "/favicon.ico", "", &Value::Null, None));
    assert_eq!(
        (&unknown["statusCode"], &body(&unknown)["detail"]["code"]),
        (&json!(404), &json!("route_not_found"))
    );
    // What is no event at all is an error of the run, and the next one is answered.
    assert!(lambda.invoke(&json!({ "hello": "world" }))["errorMessage"].is_string());
    assert_eq!(lambda.invoke(&conditional)["statusCode"], 304);
}

fn base64(bytes: &[u8]) -> String {
    let mut python = Command::new("python3");
    let code = "import base64, sys; print(base64.b64encode(sys.argv[1].encode()).decode())";
    let output = python.args(["-c", code]).arg(std::str::from_utf8(bytes).unwrap()).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn what_is_missing_in_the_environment_is_one_line() {
    build(&["--bins"]);
    let app = app();
    let run = |function: &str, without: &str, api: Option<&str>| -> Output {
        let mut command = Command::new(binary(function));
        command.env_remove("AWS_LAMBDA_RUNTIME_API").envs(environment(&app)).env_remove(without);
        command.envs(api.map(|api| ("AWS_LAMBDA_RUNTIME_API", api)));
        command.output().unwrap()
    };
    for function in ["claim", "sweep", "publish", "redeliver"] {
        for missing in ["HOLDPOINT_TABLE", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            let output = run(function, missing, Some("127.0.0.1:9"));
            let line = format!("holdpoint {function}: the environment variable {missing} is not set\n");
            assert_eq!(
                (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()),
                (Some(1), line)
            );
            assert!(output.stdout.is_empty());
        }
        let output = run(function, "NOTHING", None);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(errors.contains("runs inside AWS Lambda") && errors.lines().count() == 1, "{errors}");
    }
}
