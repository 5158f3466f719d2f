//! The crate that all Holdpoint functions share.
//!
//! - [`review`]: the domain, pure.
//! - [`store`]: the table, changed by compare-and-swap.
//! - [`bucket`]: files, in S3.
//! - [`event`]: events, as they are sent; [`egress`]: which URLs and addresses may be called.
//! - [`api`]: the edge: authentication, parsing, errors, answers, one log line.
//! - [`runtime`]: running on AWS Lambda, and settings from the environment; [`metrics`]: `CloudWatch` metrics.
//! - [`new_id`], [`hex`]: two small things that several of these need.
//!
//! Data flows one way: request → auth → parse → store loads → pure transition → one conditional write → answer.

/// Gives a type with its own serialization a JSON Schema, for the API's description (`openapi/`). No function uses it.
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
pub mod bucket;
pub mod egress;
pub mod event;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod hex;
pub mod metrics;
pub mod new_id;
pub mod review;
pub mod runtime;
pub mod store;
