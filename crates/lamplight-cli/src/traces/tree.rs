//! Traces as trees of text.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt::Write as _,
};

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value},
    trace::v1::{TracesData, status::StatusCode},
};

use super::spans::{Recorded, hex, spans};

/// Deeper spans are not indented further, or a long chain would fill the disk: bytes.
const MAX_INDENT: usize = 256;

/// Draws every trace, the one that began first being first. Nothing that arrived is left out: a
/// span whose parent did not arrive is drawn like a root, and says so.
///
/// Writing to a string cannot fail, so the results are of no interest.
pub(super) fn draw(requests: &[TracesData], attributes: bool) -> String {
    let mut traces: BTreeMap<&[u8], Vec<Recorded<'_>>> = BTreeMap::new();
    for recorded in spans(requests) {
        traces
            .entry(&recorded.span.trace_id)
            .or_default()
            .push(recorded);
    }
    let mut traces: Vec<_> = traces.into_values().collect();
    for trace in &mut traces {
        trace.sort_by_key(|recorded| recorded.span.start_time_unix_nano);
    }
    traces.sort_by_key(|trace| begin(trace));

    let mut text = String::new();
    for trace in &traces {
        Drawing::new(trace, attributes).draw(&mut text);
        text.push('\n');
    }
    let count: usize = traces.iter().map(Vec::len).sum();
    let _ = writeln!(text, "{} traces, {count} spans", traces.len());
    text
}

fn begin(trace: &[Recorded<'_>]) -> u64 {
    trace
        .first()
        .map_or(0, |first| first.span.start_time_unix_nano)
}

struct Drawing<'a> {
    trace: &'a [Recorded<'a>],
    /// The spans below each span, as places in the trace.
    below: HashMap<&'a [u8], Vec<usize>>,
    present: HashSet<&'a [u8]>,
    attributes: bool,
}

/// A span to be drawn, and how.
struct Branch {
    place: usize,
    indent: String,
    last: bool,
}

impl<'a> Drawing<'a> {
    fn new(trace: &'a [Recorded<'a>], attributes: bool) -> Self {
        let mut below: HashMap<&[u8], Vec<usize>> = HashMap::new();
        for (place, recorded) in trace.iter().enumerate() {
            below
                .entry(&recorded.span.parent_span_id)
                .or_default()
                .push(place);
        }
        let present = trace.iter().map(|it| it.span.span_id.as_slice()).collect();
        Self {
            trace,
            below,
            present,
            attributes,
        }
    }

    fn draw(&self, text: &mut String) {
        let Some(first) = self.trace.first() else {
            return;
        };
        let _ = writeln!(text, "trace {}", hex(&first.span.trace_id));
        let mut open: Vec<bool> = vec![true; self.trace.len()];
        let tops = self
            .trace
            .iter()
            .enumerate()
            .filter(|(_, it)| !self.has_parent(it));
        let tops: Vec<usize> = tops.map(|(place, _)| place).collect();
        self.branches(text, &tops, &mut open);
        // What is left are rings, which only a broken recorder makes: they are opened anywhere.
        while let Some(place) = open.iter().position(|open| *open) {
            self.branches(text, &[place], &mut open);
        }
    }

    fn has_parent(&self, recorded: &Recorded<'_>) -> bool {
        self.present
            .contains(recorded.span.parent_span_id.as_slice())
    }

    /// A stack of its own, because depth is the file's choice.
    fn branches(&self, text: &mut String, tops: &[usize], open: &mut [bool]) {
        let mut stack = Vec::new();
        let push = |stack: &mut Vec<Branch>, places: &[usize], indent: &str| {
            for (index, place) in places.iter().enumerate().rev() {
                let (place, last) = (*place, index + 1 == places.len());
                stack.push(Branch {
                    place,
                    indent: indent.to_owned(),
                    last,
                });
            }
        };
        push(&mut stack, tops, "");
        while let Some(Branch {
            place,
            indent,
            last,
        }) = stack.pop()
        {
            let (Some(recorded), Some(open)) = (self.trace.get(place), open.get_mut(place)) else {
                continue;
            };
            if !std::mem::take(open) {
                continue;
            }
            let (branch, rest) = if last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            let _ = writeln!(text, "{indent}{branch}{}", self.line(recorded));
            let below = self.below.get(recorded.span.span_id.as_slice());
            let below = below.map_or(&[][..], Vec::as_slice);
            let bar = if below.is_empty() { " " } else { "│" };
            let indent = if indent.len() < MAX_INDENT {
                format!("{indent}{rest}")
            } else {
                indent
            };
            for detail in self.details(recorded) {
                let _ = writeln!(text, "{indent}{bar}    {detail}");
            }
            push(&mut stack, below, &indent);
        }
    }

    /// Service, name, kind, when it began after the trace, how long it took, and what is special.
    fn line(&self, recorded: &Recorded<'_>) -> String {
        let span = recorded.span;
        let kind = span
            .kind()
            .as_str_name()
            .trim_start_matches("SPAN_KIND_")
            .to_owned();
        let ms = |nanos: u64| nanos as f64 / 1e6;
        let mut line = format!(
            "{}  {}  {kind}  +{:.1} ms  {:.1} ms",
            recorded.service,
            span.name,
            ms(span.start_time_unix_nano.saturating_sub(begin(self.trace))),
            ms(span
                .end_time_unix_nano
                .saturating_sub(span.start_time_unix_nano)),
        );
        let failed = span
            .status
            .as_ref()
            .filter(|it| it.code() == StatusCode::Error);
        if let Some(status) = failed {
            let _ = write!(line, "  ERROR {}", status.message);
        }
        if !span.parent_span_id.is_empty() && !self.has_parent(recorded) {
            let _ = write!(
                line,
                "  (its parent {} is not here)",
                hex(&span.parent_span_id)
            );
        }
        if recorded.times > 1 {
            let _ = write!(line, "  (came {} times)", recorded.times);
        }
        line
    }

    /// Links, and what was asked for.
    fn details(&self, recorded: &Recorded<'_>) -> Vec<String> {
        let span = recorded.span;
        let mut details: Vec<_> = (span.links.iter())
            .map(|link| {
                format!(
                    "link: trace {} span {}",
                    hex(&link.trace_id),
                    hex(&link.span_id)
                )
            })
            .collect();
        if self.attributes {
            details.extend(span.attributes.iter().map(pair));
            for event in &span.events {
                details.push(format!("event: {}", event.name));
                details.extend(event.attributes.iter().map(|it| format!("  {}", pair(it))));
            }
        }
        details
    }
}

fn pair(attribute: &KeyValue) -> String {
    format!("{} = {}", attribute.key, plain(attribute.value.as_ref()))
}

/// A value as people write it, on one line.
fn plain(value: Option<&AnyValue>) -> String {
    use any_value::Value::{
        ArrayValue, BoolValue, BytesValue, DoubleValue, IntValue, KvlistValue, StringValue,
    };
    match value.and_then(|value| value.value.as_ref()) {
        Some(StringValue(value)) => value.replace('\n', "⏎"),
        Some(BoolValue(value)) => value.to_string(),
        Some(IntValue(value)) => value.to_string(),
        Some(DoubleValue(value)) => value.to_string(),
        Some(BytesValue(value)) => hex(value),
        Some(ArrayValue(list)) => {
            let values: Vec<_> = list.values.iter().map(|it| plain(Some(it))).collect();
            format!("[{}]", values.join(", "))
        }
        Some(KvlistValue(map)) => {
            let values: Vec<_> = map.values.iter().map(pair).collect();
            format!("{{{}}}", values.join(", "))
        }
        // References into a dictionary are for profiles.
        _ => String::new(),
    }
}
