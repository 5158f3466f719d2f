//! What every Holdpoint function shares.
//!
//! - [`review`]: the domain, pure.
//! - [`store`]: the table, by compare-and-swap.
//! - [`event`]: what is sent when a review changes. [`egress`]: which URLs we may call.
//! - [`api`]: the HTTP edge: authentication, parsing, errors, answers, one log line.
//! - [`runtime`]: how a binary runs on AWS Lambda, and its settings. [`metrics`]: what it counts.
//!
//! Data flows one way: request → auth → parse → store loads → pure transition → one conditional write → answer.

/// Gives a type that serializes itself a JSON Schema, for the API's description (`openapi/`). It is dead code in every function.
macro_rules! described {
    ($name:ty, $($schema:tt)+) => {
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($($schema)+)
            }
        }
    };
}

pub mod api;
pub mod egress;
pub mod event;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod metrics;
pub mod review;
pub mod runtime;
pub mod store;
