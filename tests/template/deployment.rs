//! What `docs/deploy.md`, the deployers' policy and the upgrade from the one-stack template say of the two templates.

use local::template::Template;
use saphyr::Yaml;
use serde_json::Value;
use std::collections::BTreeSet;
use tests::rie::workspace;

const FIRST: &str = include_str!("../../scripts/deployment/import/1-failed-records.yaml");
const SECOND: &str = include_str!("../../scripts/deployment/import/2-table-and-bucket.yaml");

/// The places where two nodes differ.
fn differences(one: &Yaml<'_>, other: &Yaml<'_>, place: &str) -> BTreeSet<String> {
    if one == other {
        return BTreeSet::new();
    }
    if let (Some(left), Some(right)) = (one.as_mapping(), other.as_mapping()) {
        let keys: BTreeSet<&str> = left.keys().chain(right.keys()).filter_map(|key| key.as_str()).collect();
        let below = |key: &str| format!("{place}{}{key}", if place.is_empty() { "" } else { "." });
        let of_key = |key| match (one.as_mapping_get(key), other.as_mapping_get(key)) {
            (Some(left), Some(right)) => differences(left, right, &below(key)),
            _ => BTreeSet::from([below(key)]),
        };
        return keys.into_iter().flat_map(of_key).collect();
    }
    if let (Some(left), Some(right)) = (one.as_sequence(), other.as_sequence())
        && left.len() == right.len()
    {
        let pairs = left.iter().zip(right).enumerate();
        return pairs
            .flat_map(|(index, (left, right))| differences(left, right, &format!("{place}[{index}]")))
            .collect();
    }
    BTreeSet::from([place.to_owned()])
}

fn differing(one: &Template, other: &Template, path: &[&str]) -> Vec<String> {
    differences(one.at(path).unwrap(), other.at(path).unwrap(), "").into_iter().collect()
}

/// Each property of these is updated in place (`tests/deployment/test_import.py` looks it up in the resources' schemas); the others are
/// attributes of the template.
#[test]
fn the_data_stack_takes_over_an_imported_table_and_bucket_in_place() {
    let (data, import) = (Template::data().unwrap(), Template::parse(SECOND).unwrap());
    let of_table = differing(&import, &data, &["Resources", "Table"]);
    assert_eq!(
        of_table,
        [
            "DeletionPolicy",
            "DependsOn",
            "Properties.DeletionProtectionEnabled",
            "Properties.GlobalSecondaryIndexes[0].OnDemandThroughput",
            "Properties.GlobalSecondaryIndexes[1].OnDemandThroughput",
            "Properties.GlobalSecondaryIndexes[2].OnDemandThroughput",
            "Properties.OnDemandThroughput",
            "Properties.SSESpecification",
        ]
    );
    let of_bucket = differing(&import, &data, &["Resources", "Bucket"]);
    assert_eq!(of_bucket, ["Properties.BucketEncryption.ServerSideEncryptionConfiguration[0]"]);
    // What the app is told of them stays what it is.
    let (before, after) = (import.table().unwrap(), data.table().unwrap());
    assert_eq!(before, after);
}

/// An import takes resources in and changes nothing else.
#[test]
fn the_import_changes_nothing_but_what_it_imports() {
    let (first, second) = (Template::parse(FIRST).unwrap(), Template::parse(SECOND).unwrap());
    assert_eq!(differing(&first, &second, &["Outputs"]), Vec::<String>::new());
    assert_eq!(differing(&first, &second, &["Resources"]), ["Bucket", "Table"]);
    for imported in ["Bucket", "Table"] {
        assert!(
            second.at(&["Resources", imported, "DeletionPolicy"]).is_ok(),
            "{imported} needs one to be imported"
        );
    }
    let data = Template::data().unwrap();
    let later = differing(&first, &data, &["Resources", "FailedRecords"]);
    assert_eq!(later, ["Properties.BucketEncryption", "Properties.LifecycleConfiguration"]);
}

/// The rows of the table under a heading: the parameter's name, and what stands as its default.
fn documented(heading: &str) -> Vec<(String, String)> {
    let page = std::fs::read_to_string(workspace().join("docs/deploy.md")).unwrap();
    let (_, below) = page.split_once(&format!("\n### {heading}\n")).expect(heading);
    let rows = below.lines().take_while(|line| !line.starts_with('#')).filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let name = cells.next()?.strip_suffix('`')?.to_owned();
        Some((name, cells.next()?.trim_matches('`').to_owned()))
    });
    rows.collect()
}

#[test]
fn the_pages_tables_name_each_parameter_with_its_default() {
    for (heading, template) in
        [("Parameters of the data stack", Template::data()), ("Parameters of the app", Template::app())]
    {
        let template = template.unwrap();
        let parameters = template.at(&["Parameters"]).unwrap().as_mapping().unwrap();
        let said = |node: &Yaml<'_>| {
            let text = node.as_str().map(str::to_owned);
            text.or_else(|| node.as_integer().map(|number| number.to_string())).unwrap()
        };
        let expected: Vec<(String, String)> = parameters
            .iter()
            .map(|(name, parameter)| {
                let default = match parameter.as_mapping_get("Default").map(said) {
                    None => "from the data stack".to_owned(),
                    Some(empty) if empty.is_empty() => "none".to_owned(),
                    Some(value) => value,
                };
                (name.as_str().unwrap().to_owned(), default)
            })
            .collect();
        assert_eq!(documented(heading), expected, "{heading}");
    }
}

/// The actions that the policy allows, by service.
fn policy() -> Vec<String> {
    let text = std::fs::read_to_string(workspace().join("docs/deployer-policy.json")).unwrap();
    // A managed policy's limit, without white space.
    let policy: Value = serde_json::from_str(&text).unwrap();
    assert!(policy.to_string().len() <= 6144, "{} characters", policy.to_string().len());
    let statements = policy["Statement"].as_array().unwrap();
    let actions = statements.iter().flat_map(|statement| statement["Action"].as_array().unwrap());
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_deployer_may_make_each_kind_of_resource_that_the_templates_have() {
    let allowed = policy();
    let mut kinds = BTreeSet::new();
    for template in [Template::data().unwrap(), Template::app().unwrap()] {
        for (_, resource) in template.at(&["Resources"]).unwrap().as_mapping().unwrap() {
            kinds.insert(resource.as_mapping_get("Type").unwrap().as_str().unwrap().to_owned());
        }
    }
    for kind in kinds {
        let needed: &[&str] = match kind.as_str() {
            "AWS::ApiGatewayV2::ApiMapping" | "AWS::Serverless::HttpApi" => &["apigateway:*"],
            // The first domain name of an account makes the gateway's service-linked role.
            "AWS::ApiGatewayV2::DomainName" => &["apigateway:*", "iam:CreateServiceLinkedRole"],
            "AWS::CloudWatch::Alarm" => &["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"],
            "AWS::CloudWatch::Dashboard" => &["cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards"],
            "AWS::DynamoDB::Table" => &[
                "dynamodb:CreateTable",
                "dynamodb:TagResource",
                "dynamodb:UpdateTable",
                "dynamodb:UpdateTimeToLive",
            ],
            "AWS::IAM::ManagedPolicy" => &["iam:CreatePolicy", "iam:DeletePolicy"],
            "AWS::IAM::Role" => {
                &["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PassRole"]
            }
            "AWS::KMS::Key" => &["kms:CreateKey", "kms:PutKeyPolicy", "kms:EnableKeyRotation"],
            "AWS::Logs::LogGroup" => {
                &["logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:CreateLogDelivery"]
            }
            "AWS::S3::Bucket" => &[
                "s3:CreateBucket",
                "s3:PutBucketTagging",
                "s3:PutEncryptionConfiguration",
                "s3:PutLifecycleConfiguration",
            ],
            "AWS::S3::BucketPolicy" => &["s3:PutBucketPolicy"],
            "AWS::SNS::Subscription" => &["sns:Subscribe"],
            "AWS::SNS::Topic" => &["sns:CreateTopic", "sns:SetTopicAttributes"],
            // With its schedule, its event source mapping, its releases and its network.
            "AWS::Serverless::Function" => &[
                "lambda:CreateFunction",
                "lambda:PublishVersion",
                "events:PutRule",
                "lambda:CreateEventSourceMapping",
                "codedeploy:CreateDeployment",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            other => panic!(
                "which permissions does a deployer need for {other}? Add them to docs/deployer-policy.json, and here"
            ),
        };
        for action in needed {
            let all = format!("{}:*", action.split_once(':').unwrap().0);
            assert!(allowed.iter().any(|it| it == action || *it == all), "{kind} needs {action}");
        }
    }
}
