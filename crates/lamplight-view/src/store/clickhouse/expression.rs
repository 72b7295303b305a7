//! Facts about functions in SQL, as in [`Facts`](crate::facts::Facts).

use lamplight_clickhouse::literal;
use lamplight_semconv::{error, faas, lamplight, service};

/// Attributes of the span.
const OWN: &str = "SpanAttributes";

/// Attributes of its resource.
const RESOURCE: &str = "ResourceAttributes";

/// True if the span has an error, or timed out.
pub(super) fn is_failed() -> String {
    format!("({} OR {})", is_timeout(), is_error())
}

/// True if the span timed out.
pub(super) fn is_timeout() -> String {
    format!("{} = 'timeout'", value(OWN, error::TYPE))
}

/// True if the status of the span is an error. Older rows have names with a prefix.
fn is_error() -> String {
    "StatusCode IN ('Error', 'STATUS_CODE_ERROR')".to_owned()
}

/// True for each outcome alone.
pub(super) fn is_outcome(outcome: crate::facts::Outcome) -> String {
    use crate::facts::Outcome::{Error, Ok, Timeout};
    match outcome {
        Ok => format!("NOT {}", is_failed()),
        Error => format!("({} AND NOT {})", is_error(), is_timeout()),
        Timeout => is_timeout(),
    }
}

/// True if the span is an invocation.
pub(super) fn is_invocation() -> String {
    format!(
        "(NOT {} AND ({} OR SpanKind IN ('Server', 'SPAN_KIND_SERVER') AND {}))",
        has(OWN, lamplight::inferred::SERVICE),
        has(OWN, faas::INVOCATION_ID),
        has(RESOURCE, faas::NAME)
    )
}

/// True if the span has a cold start.
pub(super) fn is_cold() -> String {
    format!("{} = 'true'", value(OWN, faas::COLDSTART))
}

/// The name of the function.
pub(super) fn function() -> String {
    first(
        &[
            (RESOURCE, faas::NAME),
            (OWN, faas::NAME),
            (RESOURCE, service::NAME),
            (OWN, service::NAME),
        ],
        "'unknown_service'",
    )
}

/// The version of the function, which may be missing.
const VERSIONS: [(&str, &str); 3] = [
    (RESOURCE, faas::VERSION),
    (OWN, faas::VERSION),
    (RESOURCE, service::VERSION),
];

/// The version of the function; an empty text if it is missing.
pub(super) fn version() -> String {
    first(&VERSIONS, "''")
}

/// True if the function has a version.
pub(super) fn has_version() -> String {
    let has = VERSIONS.map(|(map, key)| has(map, key));
    format!("({})", has.join(" OR "))
}

/// The memory of the function, or `NULL`.
pub(super) fn memory() -> String {
    let number = |map| format!("toUInt64OrNull({})", value(map, faas::MAX_MEMORY));
    format!("coalesce({}, {})", number(RESOURCE), number(OWN))
}

/// A finite number in an attribute of the span, or `NULL`.
pub(super) fn number(key: &str) -> String {
    let number = format!("toFloat64OrNull({})", value(OWN, key));
    format!("if(isFinite({number}), {number}, NULL)")
}

fn first(places: &[(&str, &str)], otherwise: &str) -> String {
    let each = places
        .iter()
        .map(|(map, key)| format!("{}, {}, ", has(map, key), value(map, key)));
    format!("multiIf({}{otherwise})", each.collect::<String>())
}

fn has(map: &str, key: &str) -> String {
    format!("mapContains({map}, {})", literal(key))
}

/// The value of an attribute; an empty text if it is missing.
fn value(map: &str, key: &str) -> String {
    format!("{map}[{}]", literal(key))
}
