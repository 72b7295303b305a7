//! The meter of spans.

use std::{collections::HashMap, mem, time::Duration};

use lamplight_otlp::trace::{Place, Span};
use lamplight_semconv as semconv;

use super::{
    MetricsWindow, Settings, encode, resources::Resources, series::Scratch, weight::Weight,
    window::Window,
};
use crate::{
    engine::Observer,
    record::{ShardId, StreamTime},
};

/// A meter of spans: it measures calls, errors and durations of all spans, in windows.
///
/// ```
/// use lamplight_relay::{
///     metrics::{Settings, SpanMeter},
///     record::{ShardId, StreamTime},
/// };
///
/// let mut meter = SpanMeter::new(Settings::default());
/// let shard = ShardId::new("shardId-000000000000");
/// // An engine passes its spans; then, as the shard's time advances:
/// let windows = meter.take(&shard, StreamTime::from_millis(1_793_697_360_000));
/// assert!(windows.is_empty(), "nothing was measured");
/// ```
#[derive(Debug)]
pub struct SpanMeter {
    settings: Settings,
    resources: Resources,
    shards: HashMap<ShardId, usize>,
    windows: Vec<Shard>,
    /// The previous shard, which usually is the next one too.
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
        // Attributes that identify the series would occur twice.
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

    /// Measures a span of a record with the effective time `at`. The times of a shard must not go
    /// backward; an earlier time counts as that of its predecessor.
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
        let weight = match settings.extrapolate {
            true => Weight::of(span),
            false => Weight::ONE,
        };
        if settings.spans {
            scratch.count_call(settings, window, known, resource, (span, weight));
        }
        if facts.is_invocation {
            scratch.count_invocation(window, resource, (span, weight), &facts);
        }
    }

    /// Returns the windows of a shard that ended by `until`, which is its current time, in the
    /// order in which they are to be delivered.
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

    /// Returns the time up to which all windows of a shard have been [taken](Self::take), if its
    /// current time is `until`. Once these windows are delivered, report this time to the engine.
    /// Times without spans have no windows, but are included.
    pub fn taken(&self, shard: &ShardId, until: StreamTime) -> StreamTime {
        let windows = self.shards.get(shard).and_then(|it| self.windows.get(*it));
        match windows.and_then(|it| it.open.as_ref()) {
            Some(window) => window.start,
            None => self
                .settings
                .window_of(until)
                .map_or(until, |(start, _)| start),
        }
    }

    /// Returns the windows of a shard that has ended, or of a batch. The last one may cover less
    /// time than others, but its end is that of a whole window.
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

    /// Forgets a shard, including windows that have not been taken.
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

    /// Makes this shard the last one used.
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

impl Observer for SpanMeter {
    fn span(&mut self, shard: &ShardId, at: StreamTime, place: Place<'_, '_>, span: &Span<'_>) {
        self.measure(shard, at, place, span);
    }
}

impl Settings {
    /// Returns the start and end of the window that contains a time.
    fn window_of(&self, at: StreamTime) -> Option<(StreamTime, StreamTime)> {
        let length = u64::try_from(self.window?.as_millis())
            .unwrap_or(u64::MAX)
            .max(1);
        let start = StreamTime::from_millis(at.as_millis() / length * length);
        Some((start, start.after(Duration::from_millis(length))))
    }
}

impl Shard {
    /// Returns the window for a time, after closing the previous one.
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
        // A point must begin before it ends, so the end is the first time after it.
        let next = StreamTime::from_millis(at.as_millis().saturating_add(1));
        let (start, end) = match settings.window_of(at) {
            None => match &mut self.open {
                Some(window) => {
                    window.end = next;
                    return;
                }
                None => (at, next),
            },
            Some(window) => window,
        };
        self.close(settings.max_request_bytes);
        // Serials start at 1: 0 marks a resource without a number.
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
