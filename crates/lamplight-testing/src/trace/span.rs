//! One span of a trace.

use std::{fmt, time::Duration};

use lamplight::semconv::{error, faas};
use opentelemetry::{
    Key, KeyValue, Value,
    trace::{Event, SpanContext, SpanId, SpanKind, Status},
};
use opentelemetry_sdk::trace::SpanData;

use super::{expected::Expected, tree::Tree};

/// A span of a [`Trace`](super::Trace).
///
/// Methods that begin with `has` panic where it is not so, with the trace in their message, and return the
/// span, so that they can be chained. The others return what is there.
#[derive(Clone, Copy)]
pub struct Span<'t> {
    all: &'t [SpanData],
    data: &'t SpanData,
}

impl<'t> Span<'t> {
    /// Returns each of these spans.
    pub(super) fn each(all: &'t [SpanData]) -> impl Iterator<Item = Self> + use<'t> {
        all.iter().map(move |data| Self { all, data })
    }

    /// Returns the only one of `found`, which are of the spans `all`.
    #[track_caller]
    pub(super) fn only(all: &'t [SpanData], found: &[Self], what: &str) -> Self {
        match found {
            [span] => *span,
            [] => panic!("{what} is not there\n{}", Tree(all)),
            several => panic!("{what} is there {} times\n{}", several.len(), Tree(all)),
        }
    }

    /// Returns the span as the OpenTelemetry SDK has it.
    pub fn data(&self) -> &'t SpanData {
        self.data
    }

    /// Returns the name.
    pub fn name(&self) -> &'t str {
        &self.data.name
    }

    /// Returns the value of an attribute.
    pub fn attribute(&self, key: &str) -> Option<&'t Value> {
        value_of(&self.data.attributes, key)
    }

    /// Returns `error.type`.
    pub fn error_type(&self) -> Option<String> {
        self.attribute(error::TYPE).map(ToString::to_string)
    }

    /// Returns the time from start to end.
    pub fn duration(&self) -> Duration {
        let took = self.data.end_time.duration_since(self.data.start_time);
        took.unwrap_or_default()
    }

    /// Returns the events.
    pub fn events(&self) -> impl Iterator<Item = &'t Event> + use<'t> {
        self.data.events.iter()
    }

    /// Returns the context as the value of a `traceparent`.
    pub fn traceparent(&self) -> String {
        traceparent(&self.data.span_context)
    }

    /// Returns the `traceparent` of the parent, in this trace or not; `None` for a span that has no parent.
    pub fn parent_traceparent(&self) -> Option<String> {
        let parent = self.data.parent_span_id;
        let own = &self.data.span_context;
        (parent != SpanId::INVALID).then(|| {
            let flags = own.trace_flags().to_u8();
            format!("00-{}-{parent}-{flags:02x}", own.trace_id())
        })
    }

    /// Returns the parent, if it is here.
    pub fn parent(&self) -> Option<Self> {
        let id = self.data.parent_span_id;
        Self::each(self.all).find(|it| it.data.span_context.span_id() == id)
    }

    /// Returns the children, oldest first.
    pub fn children(&self) -> impl Iterator<Item = Self> + use<'t> {
        let id = self.data.span_context.span_id();
        Self::each(self.all).filter(move |span| span.data.parent_span_id == id)
    }

    /// Returns the only child of this name.
    ///
    /// # Panics
    ///
    /// If there is none, or several.
    #[track_caller]
    pub fn child(&self, name: &str) -> Self {
        let named: Vec<Self> = self.children().filter(|it| it.name() == name).collect();
        let what = format!("a child {name:?} of {:?}", self.name());
        Self::only(self.all, &named, &what)
    }

    /// Panics unless the attribute has the value.
    #[track_caller]
    pub fn has(self, key: impl Into<Key>, value: impl Expected) -> Self {
        let key = key.into();
        self.has_attribute(KeyValue::new(key, value.into_value()))
    }

    /// Panics unless the attribute is there, such as one of `lamplight::semconv`.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "written in place")]
    pub fn has_attribute(self, attribute: KeyValue) -> Self {
        let KeyValue { key, value, .. } = &attribute;
        match self.attribute(key.as_str()) {
            Some(found) if found == value => self,
            Some(found) => {
                let (found, value) = (text(found), text(value));
                self.fail(format_args!("has {key} = {found}, and not {value}"))
            }
            None => self.fail(format_args!("has no {key}, which is to be {}", text(value))),
        }
    }

    /// Panics unless the attribute is there, with any value.
    #[track_caller]
    pub fn has_key(self, key: &str) -> Self {
        match self.attribute(key) {
            Some(_) => self,
            None => self.fail(format_args!("has no {key}")),
        }
    }

    /// Panics if the attribute is there.
    #[track_caller]
    pub fn has_not(self, key: &str) -> Self {
        match self.attribute(key) {
            Some(found) => self.fail(format_args!("has {key} = {}", text(found))),
            None => self,
        }
    }

    /// Panics unless the span is of this kind.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "written in place")]
    pub fn has_kind(self, kind: SpanKind) -> Self {
        match &self.data.span_kind {
            found if *found == kind => self,
            found => self.fail(format_args!("is of kind {found:?}, and not {kind:?}")),
        }
    }

    /// Panics unless the span is an error of this type: by its status, and by `error.type`.
    #[track_caller]
    pub fn has_error(self, error_type: &str) -> Self {
        match &self.data.status {
            Status::Error { .. } => self.has(error::TYPE, error_type),
            found => self.fail(format_args!("is no error: its status is {found:?}")),
        }
    }

    /// Panics if the span is an error.
    #[track_caller]
    pub fn has_no_error(self) -> Self {
        match &self.data.status {
            Status::Error { description } => {
                self.fail(format_args!("is an error: {description:?}"))
            }
            _ => self.has_not(error::TYPE),
        }
    }

    /// Panics unless there is an event of this name.
    #[track_caller]
    pub fn has_event(self, name: &str) -> Self {
        match self.events().any(|event| event.name == name) {
            true => self,
            false => self.fail(format_args!("has no event {name:?}")),
        }
    }

    /// Panics unless there is a link to the span in this `traceparent`.
    #[track_caller]
    pub fn has_link_to(self, target: &str) -> Self {
        let mut links = self.data.links.iter();
        match links.any(|link| is_same(&link.span_context, target)) {
            true => self,
            false => self.fail(format_args!("has no link to {target}")),
        }
    }

    /// Panics unless the span is a child of the span in this `traceparent`, as one that continues its
    /// caller's trace is.
    #[track_caller]
    pub fn has_parent(self, traceparent: &str) -> Self {
        let parent = self.parent_traceparent();
        let ids = |text: &str| text.get(..IDS).map(str::to_owned);
        match &parent {
            Some(parent) if ids(parent) == ids(traceparent) => self,
            Some(parent) => self.fail(format_args!(
                "has the parent {parent}, and not {traceparent}"
            )),
            None => self.fail(format_args!("has no parent, which is to be {traceparent}")),
        }
    }

    /// Panics unless the span has this many children.
    #[track_caller]
    pub fn has_children(self, count: usize) -> Self {
        match self.children().count() {
            found if found == count => self,
            found => self.fail(format_args!("has {found} children, and not {count}")),
        }
    }

    pub(super) fn is_of_invocation(&self, request_id: &str) -> bool {
        let id = self.attribute(faas::INVOCATION_ID);
        id.is_some_and(|id| id.as_str() == request_id)
    }

    #[track_caller]
    fn fail(&self, what: fmt::Arguments<'_>) -> ! {
        panic!("the span {:?} {what}\n{}", self.name(), Tree(self.all))
    }
}

/// Returns a value such that texts differ from numbers.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{:?}", text.as_str()),
        value => value.to_string(),
    }
}

/// The length of version, trace id and span id of a `traceparent`.
const IDS: usize = 52;

fn traceparent(context: &SpanContext) -> String {
    let flags = context.trace_flags().to_u8();
    format!(
        "00-{}-{}-{flags:02x}",
        context.trace_id(),
        context.span_id()
    )
}

fn is_same(context: &SpanContext, other: &str) -> bool {
    other.get(..IDS) == traceparent(context).get(..IDS)
}

fn value_of<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a Value> {
    let found = attributes.iter().find(|it| it.key.as_str() == key)?;
    Some(&found.value)
}

impl PartialEq for Span<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.data.span_context == other.data.span_context
    }
}

impl Eq for Span<'_> {}

impl fmt::Debug for Span<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.data, f)
    }
}
