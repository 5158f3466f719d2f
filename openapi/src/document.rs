//! All calls as one `OpenAPI` 3.1 document.

use crate::operations::{self, Operation};
use crate::webhooks;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};
use shared::api::{ConflictDetails, FieldError};
use shared::event::WebhookId;
use std::collections::BTreeMap;

/// The document. Object keys are sorted, so that it is the same wherever it is made.
pub fn document() -> Value {
    let settings = || {
        SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        })
    };
    let mut read = settings().for_deserialize().into_generator();
    let mut write = settings().for_serialize().into_generator();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let errors = Errors::new(&mut write);
    for operation in operations::all() {
        let method = operation.route.method.to_ascii_lowercase();
        let described = describe(&operation, &mut read, &mut write, &errors);
        paths.entry(operation.route.path).or_default().insert(method, described);
    }
    let common: Map<String, Value> = EVERY_CALLS
        .into_iter()
        .map(|(status, codes)| (codes[0].to_owned(), errors.response(status, &codes)))
        .collect();
    let called = webhooks::all(&mut write);
    let mut schemas = write.take_definitions(true);
    for (name, schema) in read.take_definitions(true) {
        let before = schemas.insert(name.clone(), schema.clone());
        debug_assert!(before.is_none_or(|before| before == schema), "two schemas are called {name}");
    }
    name_variants(&mut schemas);
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Holdpoint",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "The human review gate for automated workflows.",
            "description": "A workflow's block produces an output, the run is held, and the output gets a review: versions, \
                decisions, an audit trail and an advisory claim. People and agents use the same calls.\n\nEvery change echoes the \
                review's `rev` as `version_stamp`. If the review has moved on, the answer is a 409 that says what has happened \
                since.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "ApiKey": [] }, { "Bearer": [] }],
        "tags": [
            { "name": "Reviews", "description": "The queue, and what is done to one review." },
            { "name": "Webhooks", "description": "Who is told of events." },
            { "name": "Events", "description": webhooks::GUIDE },
        ],
        "paths": paths,
        "webhooks": called,
        "components": {
            "securitySchemes": {
                "ApiKey": { "type": "apiKey", "in": "header", "name": "Api-Key" },
                "Bearer": { "type": "http", "scheme": "bearer", "description": "The same key as `Authorization: Bearer`." },
            },
            "headers": {
                "RequestId": {
                    "description": "What the request is called in our logs.",
                    "required": true,
                    "schema": { "type": "string" },
                },
                "ETag": {
                    "description": "Changes whenever the body would; for `If-None-Match`.",
                    "required": true,
                    "schema": { "type": "string" },
                },
                "RetryAfter": {
                    "description": "After how many seconds to try again.",
                    "required": true,
                    "schema": { "type": "string" },
                },
            },
            "responses": common,
            "schemas": schemas,
        },
    });
    tidy(&mut document);
    document
}

fn describe(
    operation: &Operation,
    read: &mut SchemaGenerator,
    write: &mut SchemaGenerator,
    errors: &Errors,
) -> Value {
    let mut described = json!({
        "operationId": operation.route.name,
        "tags": [if operation.route.path.contains("/webhooks") { "Webhooks" } else { "Reviews" }],
        "summary": operation.summary,
        "description": operation.description(),
        "parameters": parameters(operation),
        "responses": responses(operation, write, errors),
    });
    if let Some((body, example)) = &operation.body {
        let content = json!({ "application/json": { "schema": body(read), "example": example } });
        described["requestBody"] = json!({ "required": true, "content": content });
    }
    described
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let identifier = crate::identifier();
    let mut parameters = Vec::new();
    let in_path = operation.route.path.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'));
    for name in in_path {
        let (schema, about) = match name {
            "seq" => {
                (json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }), "The version's number.")
            }
            "run_id" => (identifier.clone(), "The workflow run."),
            "block_id" => (identifier.clone(), "The block."),
            _ => (json!({ "type": "string", "pattern": WebhookId::PATTERN }), "The webhook."),
        };
        parameters.push(
            json!({ "name": name, "in": "path", "required": true, "schema": schema, "description": about }),
        );
    }
    for (name, schema, about) in &operation.query {
        parameters.push(json!({ "name": name, "in": "query", "schema": schema, "description": about }));
    }
    let mut header = |name: &str, schema: &Value, about: &str| {
        parameters.push(json!({ "name": name, "in": "header", "schema": schema, "description": about }));
    };
    if operation.has_tag {
        let about = "The `ETag` of the answer you have: if it still holds, the answer is 304.";
        header("If-None-Match", &json!({ "type": "string" }), about);
    }
    if operation.has_command {
        let about =
            "Your name for this command, as `command_id`; with it the call can be sent again at any time.";
        header("Idempotency-Key", &crate::header_identifier(), about);
    }
    parameters
}

fn responses(operation: &Operation, write: &mut SchemaGenerator, errors: &Errors) -> Map<String, Value> {
    let request_id = json!({ "$ref": "#/components/headers/RequestId" });
    let tag = json!({ "$ref": "#/components/headers/ETag" });
    let mut responses = Map::new();
    for (status, about, body) in &operation.answers {
        let mut answer = json!({ "description": about, "headers": { "x-request-id": request_id } });
        if operation.has_tag {
            answer["headers"]["etag"] = tag.clone();
        }
        if let Some(body) = body {
            answer["content"] = json!({ "application/json": { "schema": body(write) } });
        }
        responses.insert(status.to_string(), answer);
    }
    if operation.has_tag {
        let headers = json!({ "x-request-id": request_id, "etag": tag });
        responses.insert("304".into(), json!({ "description": "You have it already.", "headers": headers }));
    }
    for (status, codes) in &operation.errors {
        responses.insert(status.to_string(), errors.response(*status, codes));
    }
    for (status, [code]) in EVERY_CALLS {
        let shared = || json!({ "$ref": format!("#/components/responses/{code}") });
        responses.entry(status.to_string()).or_insert_with(shared);
    }
    responses
}

/// The errors that every call can have.
const EVERY_CALLS: [(u16, [&str; 1]); 6] = [
    (401, ["unauthenticated"]),
    (403, ["forbidden"]),
    (422, ["validation_error"]),
    (429, ["throttled"]),
    (500, ["internal"]),
    (503, ["unavailable"]),
];

fn about(status: u16) -> &'static str {
    match status {
        401 => "The key is missing, malformed, unknown, revoked or expired.",
        403 => "The key lacks the scope.",
        404 => "It is not there, or belongs to another organization.",
        409 => "The call does not go with how things stand; nothing has changed.",
        413 => "Too large.",
        422 => "The request is not valid; all faults are listed.",
        429 => "Too many requests; nothing has changed.",
        503 => "Unavailable; send it again.",
        _ => "Something went wrong on our side.",
    }
}

/// Makes the schemas of errors.
struct Errors {
    conflict: Value,
    fault: Value,
}

impl Errors {
    fn new(write: &mut SchemaGenerator) -> Self {
        Self {
            conflict: write.subschema_for::<ConflictDetails<'static>>().to_value(),
            fault: write.subschema_for::<FieldError>().to_value(),
        }
    }

    /// An answer with one of these codes.
    fn response(&self, status: u16, codes: &[&str]) -> Value {
        let mut headers = json!({ "x-request-id": { "$ref": "#/components/headers/RequestId" } });
        if matches!(status, 429 | 503) {
            headers["retry-after"] = json!({ "$ref": "#/components/headers/RetryAfter" });
        }
        let content = json!({ "application/json": { "schema": self.schema(codes) } });
        json!({ "description": about(status), "headers": headers, "content": content })
    }

    /// An error with one of these codes.
    fn schema(&self, codes: &[&str]) -> Value {
        let with = |codes: &[&str], details: Value| {
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
            ["validation_error"] => {
                let properties = json!({
                    "errors": { "type": "array", "minItems": 1, "items": self.fault },
                    "omitted": { "type": "integer", "description": "How many more there are." },
                });
                with(codes, json!({ "type": "object", "required": ["errors"], "properties": properties }))
            }
            ["version_conflict", others @ ..] => {
                let conflict = with(&["version_conflict"], self.conflict.clone());
                json!({ "anyOf": [conflict, with(others, other)] })
            }
            _ => with(codes, other),
        }
    }
}

/// Gives each variant of a union a name of its own, `DecideRequestApproved`, and says by which field they are told apart: without
/// names, generators of clients call all variants the same.
fn name_variants(schemas: &mut Map<String, Value>) {
    let unions: Vec<String> = schemas.keys().cloned().collect();
    for union in unions {
        let Some(variants) = schemas[&union]["oneOf"].as_array().cloned() else { continue };
        let Some((tag, words)) = tag_of(&variants) else { continue };
        let mut mapping = Map::new();
        let mut references = Vec::new();
        for (variant, word) in variants.into_iter().zip(words) {
            let name = format!("{union}{}", camel_case(&word));
            let reference = format!("#/components/schemas/{name}");
            references.push(json!({ "$ref": reference }));
            mapping.insert(word, reference.into());
            schemas.insert(name, variant);
        }
        schemas[&union]["oneOf"] = references.into();
        schemas[&union]["discriminator"] = json!({ "propertyName": tag, "mapping": mapping });
    }
}

/// The property by which all variants can be told apart, and its value in each.
fn tag_of(variants: &[Value]) -> Option<(String, Vec<String>)> {
    let properties = variants.first()?["properties"].as_object()?;
    let tag = properties.iter().find(|(_, schema)| schema["const"].is_string())?.0;
    let word = |variant: &Value| variant["properties"][tag]["const"].as_str().map(str::to_owned);
    Some((tag.clone(), variants.iter().map(word).collect::<Option<_>>()?))
}

fn camel_case(word: &str) -> String {
    let capital = |part: &str| part[..1].to_ascii_uppercase() + &part[1..];
    word.split('_').filter(|part| !part.is_empty()).map(capital).collect()
}

/// Makes it what a reader of the document would like: enumerations as such, and no word about where a name comes from.
fn tidy(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(tidy),
        Value::Object(object) => {
            object.values_mut().for_each(tidy);
            if let Some(words) = words(object) {
                let meanings: Vec<String> =
                    words.iter().map(|(word, about)| format!("`{word}`: {about}")).collect();
                let about = object.get("description").and_then(Value::as_str).unwrap_or_default();
                object.insert("description".into(), format!("{about}\n\n{}", meanings.join("\n\n")).into());
                object.insert("type".into(), "string".into());
                object.insert("enum".into(), words.into_iter().map(|(word, _)| word).collect());
                object.remove("oneOf");
            }
            if let Some(Value::String(about)) = object.get_mut("description") {
                *about = without_source(about);
            }
        }
        _ => {}
    }
}

/// The words of an enumeration with what they mean, if it is one.
fn words(object: &Map<String, Value>) -> Option<Vec<(String, String)>> {
    let variants = object.get("oneOf")?.as_array()?;
    let text = |variant: &Value, name: &str| variant[name].as_str().map(str::to_owned);
    variants.iter().map(|variant| Some((text(variant, "const")?, text(variant, "description")?))).collect()
}

/// A doc comment without what is for readers of the code: ` (seed: …)`, ` (contract: …)`, links.
fn without_source(about: &str) -> String {
    let mut text =
        about.replace(" Serializes to the wire's shape.", "").replace("[`", "`").replace("`]", "`");
    for source in [" (seed: ", " (contract: "] {
        if let Some(start) = text.find(source) {
            let end = text[start..].find(')').map_or(text.len(), |end| start + end + 1);
            text.replace_range(start..end, "");
        }
    }
    text
}
