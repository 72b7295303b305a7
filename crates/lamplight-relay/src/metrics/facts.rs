//! Attributes of a span about an invocation.

use lamplight_otlp::trace::{AnyValue, Span};
use lamplight_semconv as semconv;

use super::{
    weight::{Count, Weight},
    window::Invocations,
};

/// `STATUS_CODE_ERROR`.
const ERROR: u64 = 2;

/// The attributes of a span about an invocation.
#[derive(Debug, Default)]
pub(super) struct Facts<'a> {
    pub(super) is_invocation: bool,
    pub(super) trigger: &'a [u8],
    error_type: &'a [u8],
    is_cold: bool,
    init: Option<u64>,
}

impl<'a> Facts<'a> {
    // Some producers still write only the former name of the id.
    #[allow(deprecated)]
    #[inline]
    pub(super) fn see(&mut self, key: &[u8], value: &'a [u8]) {
        let is = |name: &str| key == name.as_bytes();
        let value = || AnyValue::new(value).unwrap_or_default();
        if is(semconv::faas::INVOCATION_ID) || is(semconv::faas::EXECUTION) {
            self.is_invocation = true;
        } else if is(semconv::faas::TRIGGER) {
            self.trigger = text_of(value());
        } else if is(semconv::error::TYPE) {
            self.error_type = text_of(value());
        } else if is(semconv::faas::COLDSTART) {
            self.is_cold = value() == AnyValue::Bool(true);
        } else if is(semconv::lamplight::init::DURATION_MS) {
            self.init = match value() {
                AnyValue::Double(millis) if millis >= 0.0 => Some((millis * 1e6).round() as u64),
                AnyValue::Int(millis) => u64::try_from(millis)
                    .ok()
                    .map(|it| it.saturating_mul(1_000_000)),
                _ => None,
            };
        }
    }
}

impl Invocations {
    /// Counts one more invocation.
    pub(super) fn count(&mut self, span: &Span<'_>, facts: &Facts<'_>, weight: Weight) {
        let timeout = semconv::error::ErrorType::Timeout;
        let is_timeout = facts.error_type == timeout.as_str().as_bytes();
        // A timeout is a failure, regardless of the status.
        let is_failed = is_timeout || span.status_code == ERROR;
        let add = |count: &mut Count, is: bool| {
            if is {
                count.add(weight);
            }
        };
        add(&mut self.succeeded, !is_failed);
        add(&mut self.failed, is_failed);
        add(&mut self.timed_out, is_timeout);
        add(&mut self.cold, facts.is_cold);
        if let Some(nanos) = facts.init {
            self.init.record(nanos, weight.whole(&mut self.init_carry));
        }
        let times = weight.whole(&mut self.invoke_carry);
        self.invoke.record(span.duration(), times);
    }
}

fn text_of(value: AnyValue<'_>) -> &[u8] {
    match value {
        AnyValue::String(text) => text,
        _ => b"",
    }
}
