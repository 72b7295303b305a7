//! Conditions, as configured.

use std::{
    fmt,
    ops::{Bound, RangeBounds},
    sync::Arc,
    time::Duration,
};

use lamplight_otlp::trace::{Place, Span};
use lamplight_semconv::{error, faas, http};

use super::{
    attribute::{Holder, Range, Test, Wanted},
    value::Scalar,
};

/// The condition of a rule.
///
/// A condition on spans is met if at least one span of the trace meets it. Each part of an
/// [`all`](Self::all) may be met by a different span, unless it is within
/// [`same_span`](Self::same_span).
#[derive(Debug, Clone, PartialEq)]
pub struct Condition(pub(super) Kind);

/// The kinds of conditions.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Always,
    Leaf(Leaf),
    Spans { least: u32, most: u32 },
    Extent { least: u64, most: u64 },
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    SameSpan(Box<Condition>),
}

/// A test of one span.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Leaf {
    Status(Status),
    /// Nanoseconds, both bounds included.
    Duration {
        measured: Measured,
        least: u64,
        most: u64,
    },
    Name(Test),
    Attribute(Wanted),
    Sampled,
    Custom(Shared),
}

/// The subject of a latency measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Measured {
    /// Spans without a parent, spans that serve a request or consume messages (invocations), and
    /// spans with a remote parent. The default: work that continues after the response does not
    /// count.
    #[default]
    Entry,
    /// A span without a parent.
    Root,
    /// Any span.
    Span,
    /// The whole trace, from the first start to the last end.
    Trace,
}

/// The status of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// The status is not set.
    Unset,
    /// The status was set to success.
    Ok,
    /// The status is an error.
    Error,
}

/// A custom condition, evaluated for every span; see [`Condition::custom`].
///
/// Closures implement this trait. The result must depend only on the span and its place, or a
/// replay may decide differently; and it must not depend on the trace id, or adjusted counts are
/// wrong. A panic counts as `false`.
pub trait Custom: Send + Sync {
    /// Returns whether this span meets the condition.
    fn is_met(&self, place: Place<'_, '_>, span: &Span<'_>) -> bool;
}

impl<F> Custom for F
where
    F: Fn(Place<'_, '_>, &Span<'_>) -> bool + Send + Sync,
{
    fn is_met(&self, place: Place<'_, '_>, span: &Span<'_>) -> bool {
        self(place, span)
    }
}

/// A user's condition, which is equal only to its clones.
#[derive(Clone)]
pub(super) struct Shared(pub(super) Arc<dyn Custom>);

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Custom")
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Condition {
    /// Returns the condition that every trace meets.
    pub fn always() -> Self {
        Self(Kind::Always)
    }

    /// Returns the condition that a span has the status `Error`.
    pub fn error() -> Self {
        Self::status(Status::Error)
    }

    /// Returns the condition that a span has this status.
    pub fn status(status: Status) -> Self {
        Self(Kind::Leaf(Leaf::Status(status)))
    }

    /// Returns a condition on a latency: `Duration::from_secs(1)..` is a second or longer,
    /// `..=Duration::from_millis(5)` at most 5 ms. A span that ends before it starts has a latency
    /// of zero.
    pub fn latency(measured: Measured, range: impl RangeBounds<Duration>) -> Self {
        let nanos = |duration: &Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        // An empty range becomes the range from 1 to 0.
        let (least, most) = match (range.start_bound(), range.end_bound()) {
            (Bound::Excluded(least), _) if nanos(least) == u64::MAX => (1, 0),
            (_, Bound::Excluded(most)) if nanos(most) == 0 => (1, 0),
            (least, most) => (
                match least {
                    Bound::Included(least) => nanos(least),
                    Bound::Excluded(least) => nanos(least) + 1,
                    Bound::Unbounded => 0,
                },
                match most {
                    Bound::Included(most) => nanos(most),
                    Bound::Excluded(most) => nanos(most) - 1,
                    Bound::Unbounded => u64::MAX,
                },
            ),
        };
        Self(match measured {
            Measured::Trace => Kind::Extent { least, most },
            measured => Kind::Leaf(Leaf::Duration {
                measured,
                least,
                most,
            }),
        })
    }

    /// Starts a condition on an attribute of the span or of its resource.
    pub fn attribute(key: impl Into<String>) -> AttributeCondition {
        AttributeCondition {
            key: key.into(),
            holder: Holder::Any,
        }
    }

    /// Starts a condition on the name of a span.
    pub fn span_name() -> NameCondition {
        NameCondition(())
    }

    /// Starts a condition on the route of a request: `http.route` of a span.
    pub fn route() -> AttributeCondition {
        Self::attribute(http::ROUTE).on_span()
    }

    /// Returns the condition that an invocation was a cold start (`faas.coldstart`).
    pub fn cold_start() -> Self {
        Self::attribute(faas::COLDSTART).on_span().is(true)
    }

    /// Returns the condition that an invocation timed out (`error.type` is `timeout`).
    pub fn timeout() -> Self {
        Self::attribute(error::TYPE).on_span().is("timeout")
    }

    /// Returns the condition that a function has this trigger (`faas.trigger`), such as `http`,
    /// `pubsub` or `timer`.
    pub fn trigger(trigger: &str) -> Self {
        Self::attribute(faas::TRIGGER).on_span().is(trigger)
    }

    /// Returns the condition that the W3C sampled flag of a span is set.
    pub fn sampled() -> Self {
        Self(Kind::Leaf(Leaf::Sampled))
    }

    /// Returns a condition on the number of spans in the trace: `2..` is two or more.
    pub fn span_count(range: impl RangeBounds<u32>) -> Self {
        let least = match range.start_bound() {
            Bound::Included(least) => *least,
            Bound::Excluded(least) => least.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let (least, most) = match range.end_bound() {
            Bound::Included(most) => (least, *most),
            Bound::Excluded(0) => (1, 0),
            Bound::Excluded(most) => (least, *most - 1),
            Bound::Unbounded => (least, u32::MAX),
        };
        Self(Kind::Spans { least, most })
    }

    /// Returns a custom condition. Clones of the returned condition count as one condition.
    pub fn custom(condition: impl Custom + 'static) -> Self {
        Self(Kind::Leaf(Leaf::Custom(Shared(Arc::new(condition)))))
    }

    /// Returns the condition that all of these are met, each by any span.
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self(Kind::All(conditions.into_iter().collect()))
    }

    /// Returns the condition that at least one of these is met.
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self(Kind::Any(conditions.into_iter().collect()))
    }

    /// Returns the condition that the given one is not met: by no span of the trace or, within
    /// [`same_span`](Self::same_span), not by that span.
    #[allow(clippy::should_implement_trait)]
    pub fn not(condition: Self) -> Self {
        Self(Kind::Not(Box::new(condition)))
    }

    /// Returns the condition that a single span meets all of these. Conditions on the whole trace
    /// are not allowed within it.
    pub fn same_span(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self(Kind::SameSpan(Box::new(Self::all(conditions))))
    }
}

/// The start of a condition on an attribute.
///
/// An array meets a condition if one of its elements does. Text is compared as bytes and never
/// equals a number; an integer equals a floating point number of the same value.
#[derive(Debug, Clone)]
#[must_use]
pub struct AttributeCondition {
    key: String,
    holder: Holder,
}

impl AttributeCondition {
    /// Restricts the condition to attributes of spans.
    pub fn on_span(mut self) -> Self {
        self.holder = Holder::Span;
        self
    }

    /// Restricts the condition to attributes of resources.
    pub fn on_resource(mut self) -> Self {
        self.holder = Holder::Resource;
        self
    }

    /// Returns the condition that the attribute exists, with any value.
    pub fn exists(self) -> Condition {
        self.test(Test::Exists)
    }

    /// Returns the condition that the attribute has this value.
    pub fn is(self, value: impl Into<Scalar>) -> Condition {
        self.test(Test::OneOf(vec![value.into()]))
    }

    /// Returns the condition that the attribute has one of these values.
    pub fn one_of(self, values: impl IntoIterator<Item = impl Into<Scalar>>) -> Condition {
        self.test(Test::OneOf(values.into_iter().map(Into::into).collect()))
    }

    /// Returns the condition that the attribute is text that starts with one of these prefixes.
    pub fn starts_with(self, prefixes: impl IntoIterator<Item = impl Into<String>>) -> Condition {
        let prefixes = prefixes.into_iter().map(Into::into);
        self.test(Test::Prefix(prefixes.collect()))
    }

    /// Returns the condition that the attribute is text with a match of this regular expression, in
    /// the syntax of [`regex`](https://docs.rs/regex/latest/regex/#syntax). The match may be
    /// anywhere in the text, unless the expression has `^` and `$`.
    pub fn matches(self, regex: impl Into<String>) -> Condition {
        self.test(Test::Regex(regex.into()))
    }

    /// Returns the condition that the attribute is a number in this range.
    pub fn number(self, range: impl RangeBounds<f64>) -> Condition {
        self.test(Test::Range(Range::new(&range)))
    }

    fn test(self, test: Test) -> Condition {
        let Self { key, holder } = self;
        let wanted = Wanted { key, holder, test };
        Condition(Kind::Leaf(Leaf::Attribute(wanted)))
    }
}

/// The start of a condition on the name of a span.
#[derive(Debug, Clone)]
#[must_use]
pub struct NameCondition(());

impl NameCondition {
    /// Returns the condition that the name is this one.
    pub fn is(self, name: impl Into<String>) -> Condition {
        self.one_of([name])
    }

    /// Returns the condition that the name is one of these.
    pub fn one_of(self, names: impl IntoIterator<Item = impl Into<String>>) -> Condition {
        let names = names.into_iter().map(|name| Scalar::Text(name.into()));
        Self::test(Test::OneOf(names.collect()))
    }

    /// Returns the condition that the name starts with one of these prefixes.
    pub fn starts_with(self, prefixes: impl IntoIterator<Item = impl Into<String>>) -> Condition {
        Self::test(Test::Prefix(prefixes.into_iter().map(Into::into).collect()))
    }

    /// Returns the condition that the name has a match of this regular expression; see
    /// [`AttributeCondition::matches`].
    pub fn matches(self, regex: impl Into<String>) -> Condition {
        Self::test(Test::Regex(regex.into()))
    }

    fn test(test: Test) -> Condition {
        Condition(Kind::Leaf(Leaf::Name(test)))
    }
}
