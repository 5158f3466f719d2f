//! Answers that are errors.

use schemars::SchemaGenerator;
use serde_json::{Value, json};
use shared::api::{Code, ConflictDetails, FieldError, PolicyConflictDetails};

fn about(status: u16) -> &'static str {
    match status {
        401 => "The key is missing, malformed, unknown, revoked or expired.",
        403 => "The key lacks the scope.",
        404 => "It does not exist, or belongs to another organization.",
        409 => "The request conflicts with the current state. Nothing has changed.",
        413 => "The request or the answer is too large.",
        422 => "The request is not valid. All errors are listed.",
        429 => "There are too many requests. Nothing has changed.",
        503 => "The service is unavailable. Retry.",
        _ => "There is a defect on our side.",
    }
}

/// Makes the schemas of errors.
pub(crate) struct Errors {
    conflict: Value,
    policy_conflict: Value,
    fault: Value,
}

impl Errors {
    pub(crate) fn new(write: &mut SchemaGenerator) -> Self {
        Self {
            conflict: write.subschema_for::<ConflictDetails<'static>>().to_value(),
            policy_conflict: write.subschema_for::<PolicyConflictDetails<'static>>().to_value(),
            fault: write.subschema_for::<FieldError>().to_value(),
        }
    }

    /// An answer with one of these codes.
    pub(crate) fn response(&self, status: u16, codes: &[Code]) -> Value {
        self.response_about(false, status, codes)
    }

    /// As [`Errors::response`], of a call about a review, or about a policy.
    pub(crate) fn response_about(&self, is_of_policy: bool, status: u16, codes: &[Code]) -> Value {
        let mut headers = json!({ "x-request-id": { "$ref": "#/components/headers/RequestId" } });
        if matches!(status, 429 | 503) {
            headers["retry-after"] = json!({ "$ref": "#/components/headers/RetryAfter" });
        }
        let content = json!({ "application/json": { "schema": self.schema(is_of_policy, codes) } });
        json!({ "description": about(status), "headers": headers, "content": content })
    }

    /// An error with one of these codes.
    fn schema(&self, is_of_policy: bool, codes: &[Code]) -> Value {
        let with = |codes: &[Code], details: Value| {
            let codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
            json!({
                "type": "object",
                "required": ["detail"],
                "properties": { "detail": {
                    "type": "object",
                    "required": ["code", "message", "details"],
                    "properties": { "code": { "enum": codes }, "message": { "type": "string" }, "details": details },
                } },
            })
        };
        let other = json!({ "type": ["object", "null"] });
        match codes {
            [Code::ValidationError] => {
                let properties = json!({
                    "errors": { "type": "array", "minItems": 1, "items": self.fault },
                    "omitted": { "type": "integer", "description": "How many more errors there are." },
                });
                with(codes, json!({ "type": "object", "required": ["errors"], "properties": properties }))
            }
            [Code::VersionConflict] if is_of_policy => with(codes, self.policy_conflict.clone()),
            [Code::VersionConflict, others @ ..] => {
                let conflict = with(&[Code::VersionConflict], self.conflict.clone());
                json!({ "anyOf": [conflict, with(others, other)] })
            }
            _ => with(codes, other),
        }
    }
}
