//! Types of attribute values, which the tables do not have.

use lamplight_semconv::{
    aws, client, code, db, exception, faas, http, lamplight, messaging, network, server,
};

use crate::span::Value;

/// Attributes whose values are numbers.
const NUMBERS: [&str; 35] = [
    aws::dynamodb::COUNT,
    aws::dynamodb::LIMIT,
    aws::dynamodb::PROVISIONED_READ_CAPACITY,
    aws::dynamodb::PROVISIONED_WRITE_CAPACITY,
    aws::dynamodb::SCANNED_COUNT,
    aws::dynamodb::SEGMENT,
    aws::dynamodb::TABLE_COUNT,
    aws::dynamodb::TOTAL_SEGMENTS,
    aws::s3::PART_NUMBER,
    client::PORT,
    code::line::NUMBER,
    db::operation::batch::SIZE,
    faas::MAX_MEMORY,
    http::request::RESEND_COUNT,
    http::request::SIZE,
    http::request::body::SIZE,
    http::response::SIZE,
    http::response::STATUS_CODE,
    http::response::body::SIZE,
    lamplight::RECEIVE_COUNT,
    lamplight::aws::ATTEMPTS,
    lamplight::aws::FAILED_ENTRIES,
    lamplight::aws::entry::INDEX,
    lamplight::batch::FAILED_COUNT,
    lamplight::init::DURATION_MS,
    lamplight::links::DROPPED,
    lamplight::previous_flush::DURATION_MS,
    lamplight::queue::LATENCY_MS,
    messaging::batch::MESSAGE_COUNT,
    messaging::kafka::OFFSET,
    messaging::message::body::SIZE,
    messaging::message::envelope::SIZE,
    messaging::rabbitmq::message::DELIVERY_TAG,
    network::peer::PORT,
    server::PORT,
];

/// Attributes whose values are `true` or `false`.
#[allow(deprecated, reason = "other SDKs still record them")]
const FLAGS: [&str; 9] = [
    aws::dynamodb::CONSISTENT_READ,
    aws::dynamodb::SCAN_FORWARD,
    exception::ESCAPED,
    faas::COLDSTART,
    lamplight::relay::INCOMPLETE,
    lamplight::relay::KEPT,
    messaging::destination::ANONYMOUS,
    messaging::destination::TEMPORARY,
    messaging::kafka::message::TOMBSTONE,
];

/// Attributes whose values are lists of texts.
const LISTS: [&str; 11] = [
    aws::dynamodb::ATTRIBUTE_DEFINITIONS,
    aws::dynamodb::ATTRIBUTES_TO_GET,
    aws::dynamodb::CONSUMED_CAPACITY,
    aws::dynamodb::GLOBAL_SECONDARY_INDEX_UPDATES,
    aws::dynamodb::GLOBAL_SECONDARY_INDEXES,
    aws::dynamodb::LOCAL_SECONDARY_INDEXES,
    aws::dynamodb::TABLE_NAMES,
    aws::log::group::ARNS,
    aws::log::group::NAMES,
    aws::log::stream::ARNS,
    aws::log::stream::NAMES,
];

/// Returns the value of an attribute from its text, with the type that the semantic conventions
/// define. A value of any other attribute, or of another type, is text.
pub(super) fn typed(key: &str, text: String) -> Value {
    let typed = if NUMBERS.contains(&key) {
        number(&text)
    } else if FLAGS.contains(&key) {
        text.parse().ok().map(Value::Bool)
    } else if LISTS.contains(&key) {
        list(&text)
    } else {
        None
    };
    typed.unwrap_or(Value::String(text))
}

fn number(text: &str) -> Option<Value> {
    let double = || text.parse().ok().filter(|it: &f64| it.is_finite());
    let integer = text.parse().ok().map(Value::Int);
    integer.or_else(|| double().map(Value::Double))
}

fn list(text: &str) -> Option<Value> {
    let texts: Vec<String> = serde_json::from_str(text).ok()?;
    Some(Value::Array(texts.into_iter().map(Value::String).collect()))
}

#[cfg(test)]
mod tests {
    use lamplight_semconv::{aws, faas, lamplight};

    use super::typed;
    use crate::span::Value;

    #[test]
    fn values_have_the_type_of_their_attribute() {
        let of = |key, text: &str| typed(key, text.to_owned());
        let text = |text: &str| Value::String(text.to_owned());
        assert_eq!(of(faas::COLDSTART, "true"), Value::Bool(true));
        assert_eq!(of(faas::COLDSTART, "1"), text("1"));
        assert_eq!(of(faas::MAX_MEMORY, "134217728"), Value::Int(134_217_728));
        let wait = lamplight::queue::LATENCY_MS;
        assert_eq!(of(wait, "2.5"), Value::Double(2.5));
        assert_eq!(of(wait, "inf"), text("inf"));
        let tables = of(aws::dynamodb::TABLE_NAMES, r#"["a","b"]"#);
        assert_eq!(tables, Value::Array(vec![text("a"), text("b")]));
        assert_eq!(of(aws::dynamodb::TABLE_NAMES, "[1]"), text("[1]"));
        assert_eq!(of("order.id", "42"), text("42"));
    }
}
