//! Relevant attributes.

use lamplight_semconv::{db, error, faas, lamplight, messaging, rpc, service};

use crate::span::{Attribute, Attributes, Value};

/// `rpc.system` of calls through an AWS SDK.
const AWS_API: &str = "aws-api";

/// The relevant attributes, found in one pass over all of them.
#[derive(Clone, Copy, Default)]
pub(super) struct Said<'a> {
    pub(super) faas_name: Option<&'a str>,
    pub(super) faas_version: Option<&'a str>,
    pub(super) service_name: Option<&'a str>,
    pub(super) service_version: Option<&'a str>,
    pub(super) memory: Option<u64>,
    pub(super) instance: Option<&'a str>,
    pub(super) trigger: Option<&'a str>,
    pub(super) invocation_id: Option<&'a str>,
    pub(super) cold: Option<bool>,
    pub(super) init_ms: Option<f64>,
    pub(super) held_ms: Option<f64>,
    pub(super) error_type: Option<&'a str>,
    pub(super) system: Option<&'a str>,
    pub(super) destination: Option<&'a str>,
    pub(super) operation: Option<&'a str>,
    pub(super) message_id: Option<&'a str>,
    pub(super) message_count: Option<u64>,
    pub(super) failed_count: Option<u64>,
    pub(super) queue_ms: Option<f64>,
    pub(super) attempt: Option<u64>,
    pub(super) collection: Option<&'a str>,
    pub(super) change_id: Option<&'a str>,
    pub(super) is_inferred: bool,
    pub(super) is_database: bool,
    pub(super) is_aws_api: bool,
}

impl<'a> Said<'a> {
    #[allow(deprecated, reason = "other SDKs still record `rpc.system`")]
    /// Returns the relevant attributes.
    pub(super) fn by(attributes: &'a Attributes) -> Self {
        let mut it = Self::default();
        for Attribute { key, value } in attributes {
            match (key.as_str(), value) {
                (faas::NAME, Value::String(text)) => first(&mut it.faas_name, text),
                (faas::VERSION, Value::String(text)) => first(&mut it.faas_version, text),
                (service::NAME, Value::String(text)) => first(&mut it.service_name, text),
                (service::VERSION, Value::String(text)) => first(&mut it.service_version, text),
                (faas::MAX_MEMORY, value) => count(&mut it.memory, value),
                (faas::INSTANCE, Value::String(text)) => first(&mut it.instance, text),
                (faas::TRIGGER, Value::String(text)) => first(&mut it.trigger, text),
                (faas::INVOCATION_ID, Value::String(text)) => first(&mut it.invocation_id, text),
                (faas::COLDSTART, Value::Bool(cold)) => it.cold = it.cold.or(Some(*cold)),
                (lamplight::init::DURATION_MS, value) => number(&mut it.init_ms, value),
                (lamplight::previous_flush::DURATION_MS, value) => number(&mut it.held_ms, value),
                (error::TYPE, Value::String(text)) => first(&mut it.error_type, text),
                (messaging::SYSTEM, Value::String(text)) => first(&mut it.system, text),
                (messaging::destination::NAME, Value::String(text)) => {
                    first(&mut it.destination, text);
                }
                (messaging::operation::TYPE, Value::String(text)) => first(&mut it.operation, text),
                (messaging::message::ID, Value::String(text)) => first(&mut it.message_id, text),
                (messaging::batch::MESSAGE_COUNT, value) => count(&mut it.message_count, value),
                (lamplight::batch::FAILED_COUNT, value) => count(&mut it.failed_count, value),
                (lamplight::queue::LATENCY_MS, value) => number(&mut it.queue_ms, value),
                (lamplight::RECEIVE_COUNT, value) => count(&mut it.attempt, value),
                (faas::document::COLLECTION, Value::String(text)) => {
                    first(&mut it.collection, text);
                }
                (lamplight::aws::dynamodb::event::ID, Value::String(text)) => {
                    first(&mut it.change_id, text);
                }
                (lamplight::inferred::SERVICE, _) => it.is_inferred = true,
                (db::system::NAME, _) => it.is_database = true,
                (rpc::SYSTEM | rpc::system::NAME, Value::String(text)) => {
                    it.is_aws_api |= text == AWS_API;
                }
                _ => {}
            }
        }
        it
    }
}

/// Keeps the first one of duplicate attributes.
fn first<'a>(place: &mut Option<&'a str>, text: &'a str) {
    place.get_or_insert(text);
}

fn number(place: &mut Option<f64>, value: &Value) {
    if let (None, Some(number)) = (&place, value.number().filter(|it| it.is_finite())) {
        *place = Some(number);
    }
}

fn count(place: &mut Option<u64>, value: &Value) {
    if let (None, Value::Int(number)) = (&place, value) {
        *place = u64::try_from(*number).ok();
    }
}
