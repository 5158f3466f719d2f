//! List prices of us-east-1 with their sources, and what a review costs by them.

use crate::report::{Cell, Table};

/// One price, in dollars.
pub(crate) struct Price {
    pub(crate) dollars: f64,
    of: &'static str,
    source: &'static str,
}

/// A million write request units, on demand, table class Standard.
pub(crate) const WRITE: Price = Price {
    dollars: 0.625,
    of: "DynamoDB, on demand: a million write units",
    source: "airbyte.com/data-engineering-resources/dynamodb-pricing (2025-07-21)",
};
/// A million read request units.
pub(crate) const READ: Price =
    Price { dollars: 0.125, of: "DynamoDB, on demand: a million read units", source: "the same page" };
/// A million requests of an HTTP API, the first 300 million a month.
pub(crate) const REQUEST: Price = Price {
    dollars: 1.0,
    of: "API Gateway, HTTP API: a million requests of at most 512 KB",
    source: "AWS whitepaper (below)",
};
/// A million invocations.
pub(crate) const INVOCATION: Price = Price {
    dollars: 0.20,
    of: "Lambda: a million invocations",
    source: "cloudchipr.com/blog/aws-lambda-pricing (2024)",
};
/// A million gigabyte-seconds on arm64.
pub(crate) const GIGABYTE_SECONDS: Price =
    Price { dollars: 13.3334, of: "Lambda, arm64: a million gigabyte-seconds", source: "the same page" };
/// A million objects. The stored price page says that there is a price for each object, but not which.
pub(crate) const AUGMENTED_AI: Price = Price {
    dollars: 80_000.0,
    of: "Amazon A2I: a million objects, if each were at the $0.08 of its first tier",
    source: "**not confirmed** (below)",
};

/// What there is to say of the sources.
pub(crate) const SOURCES: &str = "AWS halved DynamoDB's on-demand prices in November 2024. The whitepaper is *Best Practices for Designing \
    Amazon API Gateway Private APIs*, chapter Cost optimization. The price of Amazon A2I is not confirmed: the stored copy of \
    aws.amazon.com/augmented-ai/pricing has lost its figures. It has taken no new customers since July 2026 (Textract's API reference, \
    `HumanLoopConfig`).";

/// What a function is given (`template.yaml`).
const MEMORY_GB: f64 = 0.5;
/// The billed time of a warm call, in milliseconds. Assumed, because it has not been measured on AWS.
pub(crate) const BILLED_MS: f64 = 20.0;

/// The prices, as a table.
pub(crate) fn table() -> Table {
    let mut table = Table::new("List prices, us-east-1, read 2026-11-25", &["what", "dollars", "source"]);
    for price in [WRITE, READ, REQUEST, INVOCATION, GIGABYTE_SECONDS, AUGMENTED_AI] {
        let decimals = if price.dollars < 100.0 { 3 } else { 0 };
        table.row([price.of.into(), Cell::Number(price.dollars, decimals), price.source.into()]);
    }
    table
}

/// Dollars for a million times that many units.
pub(crate) fn of_units(read: f64, write: f64) -> f64 {
    read * READ.dollars + write * WRITE.dollars
}

/// Dollars for a million times that many requests through the gateway, and events that `publish` is woken for one by one.
pub(crate) fn of_calls(requests: f64, events: f64) -> f64 {
    let invocation = INVOCATION.dollars + MEMORY_GB * BILLED_MS / 1e3 * GIGABYTE_SECONDS.dollars;
    requests * (REQUEST.dollars + invocation) + events * invocation
}
