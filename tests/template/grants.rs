//! What the templates let each function do, as JSON: of the template as it stands, or of what SAM makes of it, if
//! `HOLDPOINT_TRANSFORMED` names that file (CI sets it).

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The file that SAM's transform has made of the template, if these tests are to read that.
fn transformed() -> Option<std::ffi::OsString> {
    std::env::var_os("HOLDPOINT_TRANSFORMED")
}

/// Whether they do.
pub(crate) fn is_transformed() -> bool {
    transformed().is_some()
}

/// The app's template: its resources by name.
pub(crate) fn app() -> Map<String, Value> {
    let text = match transformed() {
        Some(path) => std::fs::read_to_string(path).expect("HOLDPOINT_TRANSFORMED names a file"),
        None => std::fs::read_to_string(super::workspace().join("template.yaml")).unwrap(),
    };
    resources_of(&text)
}

/// The resources of a template, by name.
pub(crate) fn resources_of(text: &str) -> Map<String, Value> {
    let documents = Yaml::load_from_str(text).unwrap();
    json_of(&documents[0])["Resources"].as_object().unwrap().clone()
}

/// YAML as JSON, with the short forms of functions written out: `!Ref A` is `{"Ref": "A"}`.
fn json_of(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Tagged(tag, inner) => {
            let inner = json_of(inner);
            match tag.suffix.as_str() {
                "Ref" | "Condition" => json!({ tag.suffix.as_str(): inner }),
                "GetAtt" => match inner.as_str().and_then(|text| text.split_once('.')) {
                    Some((of, attribute)) => json!({ "Fn::GetAtt": [of, attribute] }),
                    None => json!({ "Fn::GetAtt": inner }),
                },
                name => json!({ format!("Fn::{name}"): inner }),
            }
        }
        Yaml::Sequence(items) => items.iter().map(json_of).collect(),
        Yaml::Mapping(pairs) => {
            let pairs = pairs.iter().map(|(name, value)| (name.as_str().unwrap().to_owned(), json_of(value)));
            Value::Object(pairs.collect())
        }
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::FloatingPoint(value)) => json!(value.into_inner()),
        Yaml::Value(Scalar::String(value)) => json!(value),
        _ => Value::Null,
    }
}

/// The functions, by binary, each with what it is defined as.
pub(crate) fn functions(app: &Map<String, Value>) -> BTreeMap<String, &Value> {
    let is_function = |it: &Value| {
        ["AWS::Serverless::Function", "AWS::Lambda::Function"].contains(&it["Type"].as_str().unwrap())
    };
    app.iter()
        .filter(|(_, it)| is_function(it))
        .map(|(name, it)| (kebab(name.strip_suffix("Function").unwrap()), &it["Properties"]))
        .collect()
}

/// `GetVersion` is `get-version`.
pub(crate) fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for (place, letter) in name.char_indices() {
        if letter.is_uppercase() && place > 0 {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}

/// The statements of each function's role, by binary, with those that hold only under a condition.
pub(crate) fn statements(app: &Map<String, Value>) -> BTreeMap<String, Vec<Value>> {
    let of_role = |function: &Value| -> Vec<Value> {
        let role = function["Role"]["Fn::GetAtt"][0].as_str().expect("a role of its own");
        let role = &app[role]["Properties"];
        let attached = role["ManagedPolicyArns"].as_array().expect("what every function may do").iter();
        // Only policies of this template: what is granted is to be read here.
        let attached = attached.map(|it| it.get("Fn::If").map_or(it, |branches| &branches[1]));
        let attached = attached.map(|it| &app[it["Ref"].as_str().unwrap()]["Properties"]["PolicyDocument"]);
        let own = role["Policies"].as_array().unwrap().iter().map(|it| &it["PolicyDocument"]);
        own.chain(attached)
            .flat_map(|document| document["Statement"].as_array().unwrap())
            .map(|it| it.get("Fn::If").map_or(it, |branches| &branches[1]).clone())
            .collect()
    };
    functions(app).into_iter().map(|(binary, function)| (binary, of_role(function))).collect()
}

/// A text, or a list of texts.
pub(crate) fn texts(node: &Value) -> Vec<String> {
    let one = node.as_str().map(|text| vec![text.to_owned()]);
    one.unwrap_or_else(|| {
        node.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    })
}

/// The resources that a statement is about, each as one text.
pub(crate) fn resources(statement: &Value) -> Vec<String> {
    let all = match &statement["Resource"] {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    all.iter().map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned)).collect()
}

#[test]
fn roles_are_written_out_and_no_managed_policy_of_awss_is_in_them() {
    let app = app();
    let text = Value::Object(app.clone()).to_string();
    for managed in ["iam::aws:policy", "AWSLambda", "AWSXray", "AWSCodeDeploy"] {
        assert!(!text.contains(managed), "{managed}");
    }
    let roles: Vec<&String> =
        app.iter().filter(|(_, it)| it["Type"] == "AWS::IAM::Role").map(|(name, _)| name).collect();
    // One for each function, and the one that moves aliases.
    assert_eq!(roles.len(), functions(&app).len() + 1, "{roles:?}");
}

#[test]
fn a_changed_property_of_a_function_is_a_release_of_it() {
    if !is_transformed() {
        for (binary, function) in functions(&app()) {
            assert_eq!(function["AutoPublishAliasAllProperties"], true, "{binary}");
        }
    }
}

#[test]
fn only_actions_that_take_no_resource_are_allowed_on_every_resource() {
    // By the Service Authorization Reference. A task token, and an interface that is not there yet, have no ARN.
    let without_resource = [
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        "states:SendTaskSuccess",
        "states:SendTaskFailure",
        "ec2:CreateNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:DeleteNetworkInterface",
        "ec2:AssignPrivateIpAddresses",
        "ec2:UnassignPrivateIpAddresses",
    ];
    let mut of_all = 0;
    for (binary, statements) in statements(&app()) {
        for statement in statements {
            assert_eq!(statement["Effect"], "Allow");
            let actions = texts(&statement["Action"]);
            assert!(
                !actions.is_empty() && actions.iter().all(|it| !it.contains('*')),
                "{binary}: {actions:?}"
            );
            if resources(&statement).iter().any(|it| it == "*") {
                of_all += 1;
                for action in actions {
                    assert!(without_resource.contains(&action.as_str()), "{binary}: {action} on everything");
                }
            }
        }
    }
    assert!(of_all > 30, "each function traces");
}

#[test]
fn each_function_writes_to_its_own_log_only() {
    for (binary, statements) in statements(&app()) {
        let logs: Vec<&Value> = statements
            .iter()
            .filter(|it| texts(&it["Action"]).iter().any(|action| action.starts_with("logs:")))
            .collect();
        assert_eq!(logs.len(), 1, "{binary}");
        assert_eq!(texts(&logs[0]["Action"]), ["logs:CreateLogStream", "logs:PutLogEvents"]);
        let group = logs[0]["Resource"]["Fn::GetAtt"][0].as_str().unwrap();
        assert_eq!(kebab(group.strip_suffix("LogGroup").unwrap()), binary);
    }
}

#[test]
fn events_are_put_under_our_name_only_and_never_without_one() {
    let mut who = Vec::new();
    for (binary, statements) in statements(&app()) {
        for statement in statements.iter().filter(|it| texts(&it["Action"]) == ["events:PutEvents"]) {
            // The key has a value for each entry. The set operator alone would hold for a call without any.
            assert_eq!(
                statement["Condition"],
                json!({ "ForAllValues:StringEquals": { "events:source": "holdpoint" }, "Null": { "events:source": "false" } })
            );
            who.push(binary.clone());
        }
    }
    assert_eq!(who, ["publish", "redeliver"]);
}

#[test]
fn releases_may_move_the_aliases_of_these_functions_and_nothing_else() {
    let app = app();
    let statements =
        app["DeploymentRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].clone();
    let alarms = json!({ "Effect": "Allow", "Action": "cloudwatch:DescribeAlarms", "Resource": "*" });
    assert_eq!((statements.as_array().unwrap().len(), &statements[0]), (2, &alarms));
    let actions = ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"];
    assert_eq!(texts(&statements[1]["Action"]), actions);
    let mut on: Vec<String> = resources(&statements[1]);
    on.sort();
    // The inbox and the pages in its frame move at once, by CloudFormation.
    let at_once = ["InboxFunction", "AdministrationFunction"];
    let mut functions: Vec<String> = app
        .iter()
        .filter(|(name, _)| name.ends_with("Function") && !at_once.contains(&name.as_str()))
        .map(|(name, _)| name.clone())
        .collect();
    functions.sort();
    let arns: Vec<String> =
        functions.iter().map(|it| json!({ "Fn::Sub": format!("${{{it}.Arn}}*") }).to_string()).collect();
    assert_eq!(on, arns);
}

#[test]
fn who_calls_receivers_may_do_so_from_a_vpc_and_under_a_state_machines_key() {
    let app = app();
    let mut in_vpc = Vec::new();
    for (binary, function) in functions(&app) {
        let role = function["Role"]["Fn::GetAtt"][0].as_str().unwrap();
        let attached = app[role]["Properties"]["ManagedPolicyArns"].as_array().unwrap();
        let is_in_vpc = function.get("VpcConfig").is_some();
        assert_eq!(attached.len(), if is_in_vpc { 2 } else { 1 }, "{binary}");
        if is_in_vpc {
            assert_eq!(
                attached[1],
                json!({ "Fn::If": ["IsInVpc", { "Ref": "VpcAccess" }, { "Ref": "AWS::NoValue" }] })
            );
            assert_eq!(function["VpcConfig"]["Fn::If"][0], "IsInVpc");
            in_vpc.push(binary);
        }
    }
    assert_eq!(in_vpc, ["publish", "redeliver"]);
    let mut under_key = Vec::new();
    for (binary, statements) in statements(&app) {
        for statement in statements
            .iter()
            .filter(|it| texts(&it["Action"]).iter().any(|action| action.starts_with("kms:")))
        {
            assert_eq!(texts(&statement["Action"]), ["kms:Decrypt", "kms:GenerateDataKey"]);
            assert_eq!(statement["Resource"]["Ref"], "StateMachineKeyArns");
            let via = &statement["Condition"]["StringEquals"]["kms:ViaService"]["Fn::Sub"];
            assert_eq!(via, "states.${AWS::Region}.${AWS::URLSuffix}");
            under_key.push(binary.clone());
        }
    }
    assert_eq!(under_key, in_vpc);
}

#[test]
fn the_gateways_own_address_is_closed_on_request_only() {
    if !is_transformed() {
        let closed = &app()["Api"]["Properties"]["DisableExecuteApiEndpoint"];
        assert_eq!(*closed, json!({ "Fn::If": ["HasNoDefaultEndpoint", true, false] }));
    }
}
