//! The choice of the series for a span.

use lamplight_otlp::trace::{AnyValue, Span, field};
use lamplight_semconv as semconv;

use super::{
    Settings,
    attributes::{each, push_attribute, push_scalar, push_text_attribute, text},
    facts::Facts,
    resources::Known,
    weight::Weight,
    window::Window,
};

/// `SPAN_KIND_SERVER`.
const SERVER: u64 = 2;

/// Buffers that are reused for each span.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    key: Vec<u8>,
    /// The positions of the configured attributes' values in the span.
    values: Vec<Option<(usize, usize)>>,
}

impl Scratch {
    /// Reads the attributes of a span, if any are needed.
    #[inline]
    pub(super) fn look<'a>(&mut self, settings: &Settings, span: &Span<'a>) -> Facts<'a> {
        let mut facts = Facts::default();
        let chosen = &settings.attributes;
        self.values.clear();
        self.values.resize(chosen.len(), None);
        let may_be_invocation = settings.invocations && span.kind == SERVER;
        if chosen.is_empty() && !may_be_invocation {
            return facts;
        }
        each(span.message, field::ATTRIBUTES.into(), |key, value| {
            if may_be_invocation {
                facts.see(key, value);
            }
            for (wanted, found) in chosen.iter().zip(&mut self.values) {
                if wanted.as_bytes() == key && found.is_none() {
                    let start =
                        (value.as_ptr() as usize).wrapping_sub(span.message.as_ptr() as usize);
                    *found = Some((start, start.wrapping_add(value.len())));
                }
            }
        });
        facts
    }

    /// Counts a span in its series.
    #[inline]
    pub(super) fn count_call(
        &mut self,
        settings: &Settings,
        window: &mut Window,
        known: &Known,
        resource: Option<u32>,
        (span, weight): (&Span<'_>, Weight),
    ) {
        let name = text(span.name);
        let kind = if span.kind <= 5 { span.kind as u8 } else { 0 };
        let status = if span.status_code <= 2 {
            span.status_code as u8
        } else {
            0
        };
        let key = &mut self.key;
        key.clear();
        key.extend_from_slice(&resource.unwrap_or(u32::MAX).to_le_bytes());
        key.extend_from_slice(&[kind, status]);
        key.extend_from_slice(&(name.len() as u16).to_le_bytes());
        key.extend_from_slice(name.as_bytes());
        for (found, of_resource) in self.values.iter().zip(&known.chosen) {
            // The length of the following data, which is written once it is known.
            let before = key.len();
            key.extend_from_slice(&[0, 0]);
            let value = found.and_then(|(start, end)| span.message.get(start..end));
            match value.map(AnyValue::new) {
                Some(Ok(value)) => {
                    push_scalar(key, value);
                }
                _ => key.extend_from_slice(of_resource),
            }
            let length = (key.len() - before - 2) as u16;
            if let Some(place) = key.get_mut(before..before + 2) {
                place.copy_from_slice(&length.to_le_bytes());
            }
        }
        let calls = window.calls.get(key, |key| {
            let chosen = key.get(8 + name.len()..).unwrap_or_default();
            let attributes = describe(settings, known, &name, (kind, status), chosen);
            Some((resource?, attributes))
        });
        let times = weight.whole(&mut calls.carry);
        calls.duration.record(span.duration(), times);
    }

    /// Counts an invocation in its series.
    pub(super) fn count_invocation(
        &mut self,
        window: &mut Window,
        resource: Option<u32>,
        (span, weight): (&Span<'_>, Weight),
        facts: &Facts<'_>,
    ) {
        let trigger = text(facts.trigger);
        let key = &mut self.key;
        key.clear();
        key.extend_from_slice(&resource.unwrap_or(u32::MAX).to_le_bytes());
        key.extend_from_slice(trigger.as_bytes());
        let invocations = window.invocations.get(key, |_| {
            let mut attributes = Vec::new();
            if !trigger.is_empty() {
                push_text_attribute(&mut attributes, semconv::faas::TRIGGER, &trigger);
            }
            Some((resource?, attributes.into()))
        });
        invocations.count(span, facts, weight);
    }
}

/// Returns the attributes of a new series of spans. `chosen` contains the values of the configured
/// attributes, each after its length, which is 0 if the value is missing.
#[cold]
fn describe(
    settings: &Settings,
    known: &Known,
    name: &str,
    (kind, status): (u8, u8),
    mut chosen: &[u8],
) -> Box<[u8]> {
    use semconv::{span::SpanKind, status::StatusCode};
    let kind = match kind {
        1 => SpanKind::Internal,
        2 => SpanKind::Server,
        3 => SpanKind::Client,
        4 => SpanKind::Producer,
        5 => SpanKind::Consumer,
        _ => SpanKind::Unspecified,
    };
    let status = match status {
        1 => StatusCode::Ok,
        2 => StatusCode::Error,
        _ => StatusCode::Unset,
    };
    let mut attributes = Vec::with_capacity(256);
    push_attribute(&mut attributes, semconv::service::NAME, &known.service);
    push_text_attribute(&mut attributes, semconv::span::NAME, name);
    push_text_attribute(&mut attributes, semconv::span::KIND, kind.as_str());
    push_text_attribute(&mut attributes, semconv::status::CODE, status.as_str());
    for key in &settings.attributes {
        let Some((length, rest)) = chosen.split_first_chunk() else {
            break;
        };
        let length = usize::from(u16::from_le_bytes(*length));
        let Some((value, rest)) = rest.split_at_checked(length) else {
            break;
        };
        if !value.is_empty() {
            push_attribute(&mut attributes, key, value);
        }
        chosen = rest;
    }
    attributes.into()
}
