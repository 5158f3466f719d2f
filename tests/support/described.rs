//! The API's description, held against every answer that a test gets.

use crate::Answer;
use jsonschema::Validator;
use lambda_http::Request;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A validator for each body of the description: by path, method and status.
static BODIES: LazyLock<HashMap<(String, String, u16), Option<Validator>>> = LazyLock::new(|| {
    let document: Value = serde_json::from_str(docs::PAGES[0].text).unwrap();
    let mut bodies = HashMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let shared = answer["$ref"].as_str().and_then(|it| document.pointer(&it[1..]));
                let schema = &shared.unwrap_or(answer)["content"]["application/json"]["schema"];
                // The whole document goes along, for what the schema refers to.
                let validator = (!schema.is_null()).then(|| {
                    let mut schema = json!({ "allOf": [schema], "components": document["components"] });
                    close(&mut schema);
                    jsonschema::options().with_draft(jsonschema::Draft::Draft202012).build(&schema).unwrap()
                });
                bodies
                    .insert((path.clone(), method.to_ascii_uppercase(), status.parse().unwrap()), validator);
            }
        }
    }
    bodies
});

/// No field may be there that is not described: clients may expect more to come, our tests do not.
fn close(schema: &mut Value) {
    match schema {
        Value::Array(values) => values.iter_mut().for_each(close),
        Value::Object(object) => {
            object.values_mut().for_each(close);
            if object.get("properties").is_some_and(Value::is_object) && object.contains_key("type") {
                object.entry("additionalProperties").or_insert(json!(false));
            }
        }
        _ => {}
    }
}

/// The route that takes a request: its path and its method.
pub(crate) fn route(request: &Request) -> Option<(String, String)> {
    let (method, path) = (request.method().as_str(), request.uri().path());
    let route = endpoints::at(method, path)?.route;
    Some((route.path.to_owned(), route.method.to_owned()))
}

/// Fails unless the answer is one that the description has for that route.
pub(crate) fn check(route: Option<(String, String)>, answer: &Answer) {
    // Pages, and paths that do not exist, are not part of the API.
    let Some((path, method)) = route else { return };
    // Nor is what API Gateway refuses itself.
    if !answer.headers.contains_key("x-request-id") && answer.body.get("message").is_some() {
        return;
    }
    let status = answer.status.as_u16();
    let endpoint = endpoints::ALL.iter().find(|it| it.route.path == path && it.route.method == method);
    let said = endpoint.and_then(|it| it.answers.iter().find(|said| said.status == status));
    if let Some(said) = said.filter(|said| !said.files.is_empty()) {
        let kind = answer.headers["content-type"].to_str().unwrap().split(';').next().unwrap();
        assert!(said.files.contains(&kind), "{method} {path} is not said to answer {kind}");
        return;
    }
    let described = BODIES.get(&(path.clone(), method.clone(), status));
    match described
        .unwrap_or_else(|| panic!("{method} {path} is not said to answer {status}: {}", answer.text))
    {
        None => assert!(answer.text.is_empty(), "{method} {path} is not said to answer {status} with a body"),
        Some(validator) => {
            let errors: Vec<String> = validator
                .iter_errors(&answer.body)
                .map(|it| format!("{}: {it}", it.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{method} {path} {status}: {errors:?}");
        }
    }
}
