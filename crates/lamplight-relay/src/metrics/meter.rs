//! The meter of spans.

use std::{collections::HashMap, mem};

use lamplight_otlp::trace::{AnyValue, Place, Span, field};
use lamplight_semconv as semconv;

use super::{
    MetricsWindow, Settings,
    attributes::{each, push_attribute, push_scalar, push_text_attribute, text},
    encode,
    resources::{Known, Resources},
    window::{Invocations, Window},
};
use crate::record::{ShardId, StreamTime};

/// `SPAN_KIND_SERVER`.
const SERVER: u64 = 2;
/// `STATUS_CODE_ERROR`.
const ERROR: u64 = 2;

/// A meter of spans: calls, errors and durations of all that it sees, in windows.
///
/// ```
/// use lamplight_relay::{
///     metrics::{Settings, SpanMeter},
///     record::{ShardId, StreamTime},
/// };
///
/// let mut meter = SpanMeter::new(Settings::default());
/// let shard = ShardId::new("shardId-000000000000");
/// // An engine shows it spans; then, as the shard's time goes on:
/// let windows = meter.take(&shard, StreamTime::from_millis(1_793_697_360_000));
/// assert!(windows.is_empty(), "nothing was measured");
/// ```
#[derive(Debug)]
pub struct SpanMeter {
    settings: Settings,
    resources: Resources,
    shards: HashMap<ShardId, usize>,
    windows: Vec<Shard>,
    /// The shard before, which mostly is the next one too.
    last: usize,
    serial: u64,
    scratch: Scratch,
}

#[derive(Debug)]
struct Shard {
    id: ShardId,
    open: Option<Window>,
    closed: Vec<MetricsWindow>,
}

/// What is made for each span, in memory that stays.
#[derive(Debug, Default)]
struct Scratch {
    key: Vec<u8>,
    /// Where in the span the values of the chosen attributes are.
    values: Vec<Option<(usize, usize)>>,
}

/// What the attributes of a span say of an invocation.
#[derive(Debug, Default)]
struct Facts<'a> {
    is_invocation: bool,
    trigger: &'a [u8],
    error_type: &'a [u8],
    is_cold: bool,
    init: Option<u64>,
}

impl SpanMeter {
    /// Returns a meter.
    pub fn new(mut settings: Settings) -> Self {
        let own = [
            semconv::service::NAME,
            semconv::span::NAME,
            semconv::span::KIND,
            semconv::status::CODE,
            semconv::otel::metric::OVERFLOW,
        ];
        let mut seen = Vec::new();
        settings.attributes.retain(|key| {
            let is_new = !own.contains(&key.as_str()) && !seen.contains(key);
            seen.push(key.clone());
            is_new
        });
        // What says which series it is would come twice.
        let own = [
            semconv::service::instance::ID,
            semconv::lamplight::relay::SHARD,
        ];
        let kept = &mut settings.resource_attributes;
        kept.retain(|key| !own.contains(&key.as_str()));
        Self {
            resources: Resources::new(&settings.resource_attributes, &settings.attributes),
            settings,
            shards: HashMap::new(),
            windows: Vec::new(),
            last: 0,
            serial: 0,
            scratch: Scratch::default(),
        }
    }

    /// Measures a span of a record with the effective time `at`. Times of a shard do not run backwards; one
    /// that does is as late as the one before it.
    pub fn measure(
        &mut self,
        shard: &ShardId,
        at: StreamTime,
        place: Place<'_, '_>,
        span: &Span<'_>,
    ) {
        self.shard(shard);
        let Self {
            settings,
            resources,
            windows,
            last,
            serial,
            scratch,
            ..
        } = self;
        let Some(shard) = windows.get_mut(*last) else {
            return;
        };
        let Some(window) = shard.window(at, settings, serial) else {
            return;
        };
        let Some(known) = resources.get(place.resource.resource) else {
            return;
        };
        window.spans += 1;
        let resource = window.number(known);
        let facts = scratch.look(settings, span);
        if settings.spans {
            scratch.count_call(settings, window, known, resource, span);
        }
        if facts.is_invocation {
            scratch.count_invocation(window, resource, span, &facts);
        }
    }

    /// Returns the windows of a shard that ended by `until`, which is its time now. In this order they are to
    /// be delivered.
    pub fn take(&mut self, shard: &ShardId, until: StreamTime) -> Vec<MetricsWindow> {
        let max_bytes = self.settings.max_request_bytes;
        let Some(shard) = self
            .shards
            .get(shard)
            .and_then(|it| self.windows.get_mut(*it))
        else {
            return Vec::new();
        };
        if shard.open.as_ref().is_some_and(|it| it.end <= until) && self.settings.window.is_some() {
            shard.close(max_bytes);
        }
        mem::take(&mut shard.closed)
    }

    /// Returns the windows of a shard that has come to its end, or of a batch; the last one may be shorter
    /// than others in what it has seen, but not in what it says of its end.
    pub fn finish(&mut self, shard: &ShardId) -> Vec<MetricsWindow> {
        let max_bytes = self.settings.max_request_bytes;
        let Some(shard) = self
            .shards
            .get(shard)
            .and_then(|it| self.windows.get_mut(*it))
        else {
            return Vec::new();
        };
        shard.close(max_bytes);
        mem::take(&mut shard.closed)
    }

    /// Forgets a shard, with what has not been taken of it.
    pub fn forget(&mut self, shard: &ShardId) {
        let Some(place) = self.shards.remove(shard) else {
            return;
        };
        if place < self.windows.len() {
            self.windows.swap_remove(place);
        }
        if let Some(moved) = self.windows.get(place) {
            self.shards.insert(moved.id.clone(), place);
        }
    }

    /// Makes the shard the last one.
    #[inline]
    fn shard(&mut self, shard: &ShardId) {
        if self
            .windows
            .get(self.last)
            .is_some_and(|it| it.id == *shard)
        {
            return;
        }
        self.last = match self.shards.get(shard) {
            Some(place) => *place,
            None => {
                self.windows.push(Shard {
                    id: shard.clone(),
                    open: None,
                    closed: Vec::new(),
                });
                let place = self.windows.len() - 1;
                self.shards.insert(shard.clone(), place);
                place
            }
        };
    }
}

impl Shard {
    /// Returns the window for a time, after closing the one before.
    #[inline]
    fn window(
        &mut self,
        at: StreamTime,
        settings: &Settings,
        serial: &mut u64,
    ) -> Option<&mut Window> {
        let is_over = |window: &Window| at >= window.end;
        if self.open.as_ref().is_none_or(is_over) {
            self.turn(at, settings, serial);
        }
        self.open.as_mut()
    }

    #[cold]
    fn turn(&mut self, at: StreamTime, settings: &Settings, serial: &mut u64) {
        // A point begins before it ends, so that the end is the first time that is not in it.
        let next = StreamTime::from_millis(at.as_millis().saturating_add(1));
        let (start, end) = match settings.window {
            None => match &mut self.open {
                Some(window) => {
                    window.end = next;
                    return;
                }
                None => (at, next),
            },
            Some(length) => {
                let length = u64::try_from(length.as_millis()).unwrap_or(u64::MAX).max(1);
                let start = at.as_millis() / length * length;
                let start = StreamTime::from_millis(start);
                (start, start.after(std::time::Duration::from_millis(length)))
            }
        };
        self.close(settings.max_request_bytes);
        // None has the serial 0, by which a resource knows that it has no number yet.
        *serial += 1;
        self.open = Some(Window::new(*serial, start, end, settings.max_series));
    }

    fn close(&mut self, max_bytes: usize) {
        let Some(window) = self.open.take() else {
            return;
        };
        self.closed.push(MetricsWindow {
            shard: self.id.clone(),
            start: window.start,
            end: window.end,
            spans: window.spans,
            requests: encode::requests(&window, &self.id, max_bytes),
        });
    }
}

impl Scratch {
    /// Looks at the attributes of a span, if any are asked for.
    #[inline]
    fn look<'a>(&mut self, settings: &Settings, span: &Span<'a>) -> Facts<'a> {
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

    /// Counts a span among those of its series.
    #[inline]
    fn count_call(
        &mut self,
        settings: &Settings,
        window: &mut Window,
        known: &Known,
        resource: Option<u32>,
        span: &Span<'_>,
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
            // The length of what follows, which is known behind it.
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
        calls.duration.record(span.duration(), 1);
    }

    /// Counts an invocation among those of its series.
    fn count_invocation(
        &mut self,
        window: &mut Window,
        resource: Option<u32>,
        span: &Span<'_>,
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
        invocations.count(span, facts);
    }
}

impl Invocations {
    fn count(&mut self, span: &Span<'_>, facts: &Facts<'_>) {
        let timeout = semconv::error::ErrorType::Timeout;
        let is_timeout = facts.error_type == timeout.as_str().as_bytes();
        // Who runs out of time has failed, whatever else is said.
        let is_failed = is_timeout || span.status_code == ERROR;
        let add = |count: &mut u64, is: bool| *count = count.saturating_add(is.into());
        add(&mut self.succeeded, !is_failed);
        add(&mut self.failed, is_failed);
        add(&mut self.timed_out, is_timeout);
        add(&mut self.cold, facts.is_cold);
        if let Some(nanos) = facts.init {
            self.init.record(nanos, 1);
        }
        self.invoke.record(span.duration(), 1);
    }
}

impl<'a> Facts<'a> {
    // Some still write the former name of the id, and that alone.
    #[allow(deprecated)]
    #[inline]
    fn see(&mut self, key: &[u8], value: &'a [u8]) {
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

fn text_of(value: AnyValue<'_>) -> &[u8] {
    match value {
        AnyValue::String(text) => text,
        _ => b"",
    }
}

/// Returns the attributes of a new series of spans. `chosen` are the values of the chosen ones, each behind its
/// length, which is 0 where there is none.
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
