//! Encoding of a window as requests.

use bytes::Bytes;
use lamplight_otlp::Writer;
use lamplight_semconv as semconv;

use super::{
    attributes::{push_attribute, push_scalar, push_text_attribute, push_varint},
    explicit::Explicit,
    exponential::{Exponential, Summary, seconds},
    points::{self, Description, Times, description, histograms, write_attributes},
    resources::nobody,
    window::{Calls, Invocations, Window},
};
use crate::record::{ShardId, StreamTime};

/// Maximum number of series of each kind in one `ResourceMetrics`, the smallest part of requests.
const CHUNK: usize = 128;

type Point<'a, S> = (&'a [u8], &'a S);

/// The series of one resource, in order.
struct Group<'a> {
    identity: &'a [u8],
    calls: Vec<Point<'a, Calls>>,
    invocations: Vec<Point<'a, Invocations>>,
}

/// Returns the requests with the measurements of a window, each of at most `max_bytes` unless a
/// single part of it is larger. Equal measurements give equal bytes.
pub(super) fn requests(window: &Window, shard: &ShardId, max_bytes: usize) -> Vec<Bytes> {
    let nanos = |time: StreamTime| time.as_millis().saturating_mul(1_000_000);
    let times = Times {
        start: nanos(window.start),
        end: nanos(window.end),
    };
    let (nobody, overflow) = (nobody(), overflow());
    let mut requests = Vec::new();
    let mut request = Vec::new();
    for group in groups(window, &nobody, &overflow) {
        let mut resource = group.identity.to_vec();
        push_text_attribute(
            &mut resource,
            semconv::service::instance::ID,
            shard.as_str(),
        );
        push_text_attribute(
            &mut resource,
            semconv::lamplight::relay::SHARD,
            shard.as_str(),
        );
        let mut calls = group.calls.chunks(CHUNK);
        let mut invocations = group.invocations.chunks(CHUNK);
        loop {
            let (calls, invocations) = (calls.next(), invocations.next());
            if calls.is_none() && invocations.is_none() {
                break;
            }
            let piece = points::resource_metrics(&resource, |writer| {
                // In reverse order, since the writer works backward.
                write_invocations(writer, times, invocations.unwrap_or_default());
                write_calls(writer, times, calls.unwrap_or_default());
            });
            if !request.is_empty() && request.len() + piece.len() > max_bytes {
                requests.push(Bytes::from(std::mem::take(&mut request)));
            }
            request.extend_from_slice(&piece);
        }
    }
    if !request.is_empty() {
        requests.push(request.into());
    }
    requests
}

/// Returns the attributes of the series for all measurements without room for their own.
fn overflow() -> Vec<u8> {
    let (mut value, mut attributes) = (Vec::new(), Vec::new());
    push_scalar(&mut value, lamplight_otlp::trace::AnyValue::Bool(true));
    push_attribute(&mut attributes, semconv::otel::metric::OVERFLOW, &value);
    attributes
}

/// Returns the series by resource, in an order that depends only on their content.
fn groups<'a>(window: &'a Window, nobody: &'a [u8], overflow: &'a [u8]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::with_capacity(window.resources.len() + 1);
    for identity in &window.resources {
        groups.push(Group {
            identity,
            calls: Vec::new(),
            invocations: Vec::new(),
        });
    }
    for series in window.calls.series() {
        if let Some(group) = groups.get_mut(series.resource as usize) {
            group.calls.push((&series.attributes, &series.state));
        }
    }
    for series in window.invocations.series() {
        if let Some(group) = groups.get_mut(series.resource as usize) {
            let point = (&*series.attributes, &series.state);
            group.invocations.push(point);
        }
    }
    if window.calls.overflow.is_some() || window.invocations.overflow.is_some() {
        let place = match groups.iter().position(|group| *group.identity == *nobody) {
            Some(place) => place,
            None => {
                groups.push(Group {
                    identity: nobody,
                    calls: Vec::new(),
                    invocations: Vec::new(),
                });
                groups.len() - 1
            }
        };
        if let Some(group) = groups.get_mut(place) {
            let calls = window.calls.overflow.iter();
            group.calls.extend(calls.map(|state| (overflow, state)));
            let invocations = window.invocations.overflow.iter();
            let invocations = invocations.map(|state| (overflow, state));
            group.invocations.extend(invocations);
        }
    }
    for group in &mut groups {
        group
            .calls
            .sort_unstable_by_key(|(attributes, _)| *attributes);
        group
            .invocations
            .sort_unstable_by_key(|(attributes, _)| *attributes);
    }
    groups.sort_unstable_by_key(|group| group.identity);
    groups
}

fn write_calls(writer: &mut Writer, times: Times, calls: &[Point<'_, Calls>]) {
    let duration = description!(traces::span::metrics::duration);
    histograms(writer, duration, 10, calls.iter(), |writer, point| {
        write_exponential(writer, times, point.0, &point.1.duration);
    });
    let about = description!(traces::span::metrics::calls);
    let counts = calls
        .iter()
        .map(|(attributes, calls)| (calls.duration.summary.count, *attributes));
    points::sum(writer, about, times, counts);
}

fn write_invocations(writer: &mut Writer, times: Times, all: &[Point<'_, Invocations>]) {
    let mut durations = |about: Description, of: fn(&Invocations) -> &Explicit| {
        let points: Vec<_> = all
            .iter()
            .map(|(attributes, state)| (*attributes, of(state)))
            .filter(|(_, histogram)| histogram.summary.count != 0)
            .collect();
        histograms(writer, about, 9, points.into_iter(), |writer, point| {
            write_explicit(writer, times, point.0, point.1);
        });
    };
    durations(description!(faas::invoke_duration), |it| &it.invoke);
    durations(description!(faas::init_duration), |it| &it.init);
    let mut counts = |about: Description, of: fn(&Invocations) -> u64| {
        let points: Vec<_> = all
            .iter()
            .map(|(attributes, state)| (of(state), *attributes))
            .filter(|(count, _)| *count != 0)
            .collect();
        points::sum(writer, about, times, points.into_iter());
    };
    counts(description!(faas::coldstarts), |it| it.cold.get());
    counts(description!(faas::timeouts), |it| it.timed_out.get());
    counts(description!(faas::errors), |it| it.failed.get());
    counts(description!(faas::invocations), |it| it.succeeded.get());
}

/// Writes the fields of an `ExponentialHistogramDataPoint`.
fn write_exponential(writer: &mut Writer, times: Times, attributes: &[u8], it: &Exponential) {
    writer.fixed64_always(13, seconds(it.summary.max).to_bits());
    writer.fixed64_always(12, seconds(it.summary.min).to_bits());
    if !it.counts.is_empty() {
        writer.message(8, |writer| {
            let mut packed = Vec::with_capacity(it.counts.len() * 2);
            for count in &it.counts {
                push_varint(&mut packed, *count);
            }
            writer.bytes(2, &packed);
            writer.uint(1, zigzag(it.offset));
        });
    }
    writer.fixed64(7, it.zeros);
    writer.uint(6, zigzag(it.scale as i32));
    write_summary(writer, times, &it.summary);
    write_attributes(writer, 1, attributes);
}

/// Writes the fields of a `HistogramDataPoint`.
fn write_explicit(writer: &mut Writer, times: Times, attributes: &[u8], it: &Explicit) {
    writer.fixed64_always(12, seconds(it.summary.max).to_bits());
    writer.fixed64_always(11, seconds(it.summary.min).to_bits());
    write_attributes(writer, 9, attributes);
    let bounds: Vec<u8> = Explicit::bounds().flat_map(f64::to_le_bytes).collect();
    writer.bytes(7, &bounds);
    let counts = it.counts.iter().flat_map(|count| count.to_le_bytes());
    writer.bytes(6, &counts.collect::<Vec<u8>>());
    write_summary(writer, times, &it.summary);
}

/// Writes the fields that both kinds have under the same numbers.
fn write_summary(writer: &mut Writer, times: Times, it: &Summary) {
    writer.fixed64_always(5, (it.sum as f64 / 1e9).to_bits());
    writer.fixed64(4, it.count);
    writer.fixed64(3, times.end);
    writer.fixed64(2, times.start);
}

fn zigzag(number: i32) -> u64 {
    u64::from(((number << 1) ^ (number >> 31)) as u32)
}
