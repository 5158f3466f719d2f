//! Examples of answers, made from their schemas: what a reader sees beside each call can never lack a field.

use serde_json::{Map, Value, json};

/// How deep an example goes before it leaves out what may be null.
const DEPTH: usize = 8;

/// A value that a schema allows. `schemas` are the components that it refers to.
pub(crate) fn example(schema: &Value, schemas: &Map<String, Value>) -> Value {
    let mut example = value("", schema, schemas, 0);
    // The answer to a decision shows a decided review, all others an open one.
    if example["submission_status"].is_string() {
        let decision = schemas.get("Decision").map(|schema| value("", schema, schemas, 0));
        let decided: [(&str, Value); 6] = [
            ("status", "approved".into()),
            ("rev", 1.into()),
            ("effective_seq", 0.into()),
            ("decided_at", TIME.into()),
            ("claim", Value::Null),
            ("decisions", json!([decision])),
        ];
        for (name, value) in decided {
            example["overlay"][name] = value;
        }
    }
    example
}

/// The time of the examples.
const TIME: &str = "2026-05-13T08:55:00.000Z";

fn value(name: &str, schema: &Value, schemas: &Map<String, Value>, depth: usize) -> Value {
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    let fits = |known: &Value| match name {
        // Those of a webhook are plain texts; those of a subscription are words of their own.
        "events" => schema["items"]["type"] == "string",
        // `held` is whether one output is held, and how many are.
        _ => !known.is_boolean() || schema["type"] != "integer",
    };
    if let Some(known) = known(name).filter(fits) {
        return known;
    }
    let allows_null = schema["type"].as_array().is_some_and(|types| types.contains(&json!("null")));
    if let Some(reference) = schema["$ref"].as_str() {
        let target = reference.rsplit('/').next().and_then(|name| schemas.get(name));
        return target.map_or(Value::Null, |target| value(name, target, schemas, depth + 1));
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    if let Some(variants) = schema["anyOf"].as_array() {
        let null = variants.iter().find(|variant| variant["type"] == "null");
        // What may be null is null, unless it is worth seeing.
        return match (null, variants.first()) {
            (Some(_), Some(first)) if SHOWN.contains(&name) && depth < DEPTH => {
                value(name, first, schemas, depth)
            }
            (None, Some(first)) => value(name, first, schemas, depth),
            _ => Value::Null,
        };
    }
    if let Some(first) = schema["oneOf"].get(0) {
        return value(name, first, schemas, depth);
    }
    if allows_null {
        return Value::Null;
    }
    match schema["type"].as_str() {
        Some("object") => object(schema, schemas, depth),
        Some("array") if schema["minItems"].as_u64().is_some_and(|least| least > 1) => {
            let least = usize::try_from(schema["minItems"].as_u64().unwrap_or(1)).unwrap_or(1).min(8);
            vec![value(name, &schema["items"], schemas, depth); least].into()
        }
        Some("array") => json!([value(name, &schema["items"], schemas, depth)]),
        Some("number") => json!(0.5),
        Some("integer") => schema["minimum"].as_i64().unwrap_or_default().max(0).into(),
        Some("boolean") => false.into(),
        Some("string") => text(schema),
        _ => Value::Null,
    }
}

fn object(schema: &Value, schemas: &Map<String, Value>, depth: usize) -> Value {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let Some(properties) = schema["properties"].as_object() else {
        return json!({});
    };
    let shown = properties.iter().filter(|(name, _)| required.contains(&json!(name)));
    shown
        .map(|(name, schema)| (name.clone(), value(name, schema, schemas, depth + 1)))
        .collect::<Map<_, _>>()
        .into()
}

fn text(schema: &Value) -> Value {
    let pattern = schema["pattern"].as_str().unwrap_or_default();
    match (schema["format"].as_str(), pattern) {
        (Some("date-time"), _) => TIME.into(),
        (_, "^[0-9a-f]{32}$") => "0197c3a2b1d04e5f8a6b7c8d9e0f1a2b".into(),
        (_, "^[0-9a-f]{64}$") => "6f1c0d5c1b1e4a7c8f2b9d3e5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d1e2f3a4b".into(),
        _ => "…".into(),
    }
}

/// Objects that an example shows although they may be null.
const SHOWN: [&str; 4] = ["claim", "decision", "overlay", "resume"];

/// Values that tell more than a made-up one.
fn known(name: &str) -> Option<Value> {
    Some(match name {
        "_id" | "block_run_id" => "run_abc123:block_extract".into(),
        "workflow_run_id" | "run_id" => "run_abc123".into(),
        "block_id" => "block_extract".into(),
        "organization_id" => "org_1".into(),
        "workflow_id" => "wf_invoices".into(),
        "workflow_version_id" => "wfv_7".into(),
        "triggered_by" => json!({ "kind": "low_confidence", "threshold": 0.8 }),
        "snapshot" => json!({ "vendor": "Northwind", "total": 12.5 }),
        "holder" | "actor" | "decided_by" | "created_by" | "updated_by" | "made_by" => {
            json!({ "kind": "human", "id": "dana", "display_name": "Dana Rivera" })
        }
        "author" => json!({ "kind": "model", "id": "model", "display_name": "Model" }),
        "expires_at" => "2026-05-13T09:10:00.000Z".into(),
        "group" => "finance".into(),
        "groups" => json!(["finance"]),
        "roles" => json!(["reviewer"]),
        "scopes" => json!(["runtime"]),
        "email" => "ada@example.com".into(),
        "issuer_id" => "entra".into(),
        "subscription_id" => "sub_4f8a6b7c8d9e0f1a".into(),
        "invite_id" => "4f8a6b7c8d9e0f1a".into(),
        "link" => {
            "https://desk.example.com/inbox/sign-in?invite=MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo".into()
        }
        "key_id" => "key_4f8a6b7c8d9e0f1a".into(),
        "key" => "hp_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo".into(),
        "webhook_id" => "wh_0197c3a2b1d04e5f8a6b7c8d9e0f1a2b".into(),
        "url" => "https://hooks.example.com/holdpoint".into(),
        "signing_secret" => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=".into(),
        "decisions" => json!([]),
        "decision_id" => "0197c3a2b1d04e5f8a6b7c8d9e0f1a2b".into(),
        "documents" => json!([{
            "id": "invoice", "filename": "invoice.pdf", "mime_type": "application/pdf",
            "source": { "kind": "upload", "document_id": "0197c3a2b1d04e5f8a6b7c8d9e0f1a2b" },
        }]),
        "document_id" => "doc_4f8a6b7c8d9e0f1a2b0197c3a2b1d04e".into(),
        "upload" => json!({
            "method": "PUT",
            "url": "https://holdpoint-documents.s3.eu-west-1.amazonaws.com/uploads/org_1/doc_4f8a6b7c8d9e0f1a2b0197c3a2b1d04e?X-Amz-…",
            "headers": {
                "content-disposition": "attachment; filename=\"invoice.pdf\"; filename*=UTF-8''invoice.pdf",
                "content-length": "48213",
                "content-type": "application/pdf",
                "x-amz-checksum-sha256": "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
            },
            "expires_at": "2026-05-13T09:10:00.000Z",
        }),
        "json_schema" => {
            json!({ "type": "object", "properties": { "total": { "type": "number", "title": "Total" } } })
        }
        "likelihoods" => json!({ "vendor": 0.99, "total": 0.58 }),
        "sources" => json!({ "total": { "value": 12.5, "source": { "content": "12,50", "anchor": {
            "kind": "pdf_bbox", "document_id": "invoice",
            "page": 1, "left": 0.71, "top": 0.62, "width": 0.09, "height": 0.02,
        } } } }),
        "evidence" => json!([{
            "path": "/vendor", "confidence": 0.99, "document_id": "invoice", "page": 1,
            "box": { "left": 0.08, "top": 0.05, "width": 0.3, "height": 0.03 }, "text": "Northwind",
        }]),
        "evaluation" => json!([{
            "kind": "field_confidence_lt", "path": "total", "operator": "is_less_than", "expected": 0.9, "actual": 0.71,
            "fired": true, "outcome": "met", "place": "/total", "count": 1, "reason": "the likelihood of /total is 0.71, below 0.9", "evaluations": [],
        }]),
        "held" => true.into(),
        "blocks" => {
            json!({ "*": { "predicate": { "kind": "confidence_lt", "threshold": 0.85 }, "due_in_seconds": 14400 } })
        }
        "events" => json!(["review.decided"]),
        "workflows" => json!(["wf_invoices"]),
        "event_type" => "review.decided".into(),
        "target" => "https://runs.example.com".into(),
        "display_name" => "Dana Rivera".into(),
        _ => return None,
    })
}
