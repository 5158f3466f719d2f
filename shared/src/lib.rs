//! What every Holdpoint function shares.
//!
//! - [`review`]: the domain, pure.
//! - [`store`]: the table, by compare-and-swap.
//! - [`event`]: what the world is told; [`egress`]: where we may call.
//! - [`http`]: the edge: authentication, parsing, errors, answers, one log line.
//! - [`lambda`]: how a binary of ours runs on AWS; [`metrics`]: what it counts; [`config`]: what it is told by its environment.
//!
//! Data flows one way: event → auth → parse → store loads → pure transition → one conditional write → respond.

/// Describes a type that writes itself by a JSON Schema: for the API's description (`openapi/`), and dead code in every function.
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
pub mod hex;
pub mod metrics;
pub mod review;
pub mod runtime;
pub mod store;
