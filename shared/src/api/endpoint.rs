//! What an endpoint is. Each crate of an endpoint exports one [`Endpoint`]: what it takes, answers and needs. Besides, it has a line in
//! `endpoints/` and a block in `template.yaml`, which a test compares. CONTRIBUTING.md has a checklist.

use super::app::App;
use super::caller::Caller;
use super::errors::{Code, Error};
use super::requests::{Body, Call, FieldSpec};
use super::responses::Reply;
use crate::store::Scope;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use std::panic::AssertUnwindSafe;

/// From an authenticated call to an answer.
pub type Handle = for<'a> fn(&'a App, &'a Caller, &'a Call) -> BoxFuture<'a, Result<Reply, Error>>;

/// Makes the JSON Schema of a type.
pub type Describe = fn(&mut SchemaGenerator) -> Schema;

/// The JSON Schema of a type.
pub fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// All there is to say about one endpoint.
#[derive(Clone, Copy)]
pub struct Endpoint {
    /// What a Lambda binary needs of it. The rest is for tests and the API's description.
    pub handler: Handler,
    /// The function that it is part of, if that has another name: one that answers several calls.
    pub of_function: Option<&'static str>,
    /// Its method and its path.
    pub route: Route,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What else there is to know.
    pub description: &'static str,
    /// The parameters of its query.
    pub query: &'static [FieldSpec],
    /// Its body.
    pub body: Option<&'static Body>,
    /// A valid body, as JSON.
    pub example: Option<&'static str>,
    /// Examples of objects in its body: the names of their schemas, and JSON.
    pub schema_examples: &'static [(&'static str, &'static str)],
    /// Its answers on success.
    pub answers: &'static [Answer],
    /// Its errors besides those that every call can have.
    pub errors: &'static [Code],
    /// Whether it honours `If-None-Match`.
    pub has_etag: bool,
    /// Whether the header `Idempotency-Key` names the command.
    pub takes_idempotency_key: bool,
    /// Whether a repeated request never acts twice, with or without an id.
    pub is_repeatable: bool,
}

/// An endpoint as it runs.
#[derive(Clone, Copy)]
pub struct Handler {
    /// The verb: the name of its folder, its binary and its function in the template.
    pub name: &'static str,
    /// Its path, for the log.
    pub path: &'static str,
    /// What a key must be allowed to do.
    pub scope: Scope,
    /// What it does.
    pub handle: Handle,
}

/// A method and a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path, with parameters in braces, as API Gateway spells it.
    pub path: &'static str,
}

/// An answer on success.
#[derive(Clone, Copy)]
pub struct Answer {
    /// Its HTTP status.
    pub status: u16,
    /// What it means.
    pub about: &'static str,
    /// Its body, if it has one.
    pub body: Option<Describe>,
    /// The types of its body, if it is a file.
    pub files: &'static [&'static str],
}

impl Answer {
    /// An answer with a body of JSON.
    pub const fn json(status: u16, about: &'static str, body: Describe) -> Self {
        Self { status, about, body: Some(body), files: &[] }
    }

    /// An answer that is a file of one of these types.
    pub const fn file(status: u16, about: &'static str, files: &'static [&'static str]) -> Self {
        Self { status, about, body: None, files }
    }

    /// An answer without a body.
    pub const fn empty(status: u16, about: &'static str) -> Self {
        Self { status, about, body: None, files: &[] }
    }
}

impl Endpoint {
    /// An endpoint that takes nothing but its path.
    pub const fn new(
        name: &'static str,
        method: &'static str,
        path: &'static str,
        scope: Scope,
        handle: Handle,
    ) -> Self {
        Self {
            handler: Handler { name, path, scope, handle },
            of_function: None,
            route: Route { method, path },
            summary: "",
            description: "",
            query: &[],
            body: None,
            example: None,
            schema_examples: &[],
            answers: &[],
            errors: &[],
            has_etag: false,
            takes_idempotency_key: false,
            is_repeatable: false,
        }
    }

    /// Its name: the verb.
    pub const fn name(&self) -> &'static str {
        self.handler.name
    }

    /// The function that answers it: its folder, its binary and its block in the template.
    pub const fn function(&self) -> &'static str {
        match self.of_function {
            Some(function) => function,
            None => self.handler.name,
        }
    }
}

impl Handler {
    /// Whether it notes that a key was used. A claim does not: it is the call that is made most often, and it may write the review and
    /// its lease, and nothing else. Whoever claims makes other calls, too.
    pub(super) fn notes_key_use(&self) -> bool {
        self.name != "claim"
    }

    /// Its answer to an authenticated caller.
    pub async fn call(&self, app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
        caller.must_be_allowed(self.scope)?;
        let result = survive((self.handle)(app, caller, call), || Err(Error::Panicked)).await;
        result.map_err(|error| error.addressed_to(&caller.actor))
    }
}

/// Runs a handler. A panic is a defect: it costs this request a 500, and the process goes on. The store and the cache of keys, which
/// outlive the request, are never left half-changed.
pub(super) async fn survive<T>(handled: impl Future<Output = T>, panicked: impl FnOnce() -> T) -> T {
    AssertUnwindSafe(handled).catch_unwind().await.unwrap_or_else(|_| panicked())
}

impl Route {
    /// The path's parameters in a request's path, still percent-encoded; `None` when the path is another. One slash at the end
    /// changes nothing, as on API Gateway's HTTP APIs.
    pub fn captures<'a>(&self, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut captured = Vec::new();
        let mut segments = path.split('/');
        for pattern in self.path.split('/') {
            let segment = segments.next()?;
            match pattern.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) if !segment.is_empty() => captured.push((name, segment)),
                None if pattern == segment => {}
                _ => return None,
            }
        }
        segments.next().is_none().then_some(captured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_captured_whole_or_not_at_all() {
        let claim = Route { method: "POST", path: "/v1/workflows/reviews/{run_id}/{block_id}/claim" };
        assert_eq!(
            claim.captures("/v1/workflows/reviews/run%2F1/b/claim"),
            Some(vec![("run_id", "run%2F1"), ("block_id", "b")])
        );
        for path in [
            "/v1/workflows/reviews/r/b",
            "/v1/workflows/reviews//b/claim",
            "/v1/workflows/reviews/r/b/claim//",
            "/",
            "",
        ] {
            assert_eq!(claim.captures(path), None, "{path}");
        }
        assert_eq!(
            claim.captures("/v1/workflows/reviews/r/b/claim/"),
            Some(vec![("run_id", "r"), ("block_id", "b")])
        );
        let open = Route { method: "POST", path: "/v1/workflows/reviews" };
        assert_eq!(open.captures("/v1/workflows/reviews/"), Some(vec![]));
    }
}
