//! Conditions, as a user says them.

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

/// What a trace must be like for a rule to hold.
///
/// A condition about spans is met where some span of the trace meets it; each part of an
/// [`all`](Self::all) may be met by another span, unless it is [`same_span`](Self::same_span).
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

/// What one span is asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Leaf {
    Status(Status),
    /// Nanoseconds, both included.
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

/// What latency is measured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Measured {
    /// A span without a parent, and each span that serves a request or consumes messages (an
    /// invocation) or has a remote parent. The default: what goes on after the answer does not count.
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
    /// Nothing was said.
    Unset,
    /// It was said that all went well.
    Ok,
    /// It failed.
    Error,
}

/// A condition of one's own, asked of every span; see [`Condition::custom`].
///
/// A closure is one. The answer has to depend on nothing but the span and its place, or a replay may
/// decide otherwise; and it must not depend on the trace id, or counts are wrong. A panic counts as `false`.
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

/// A user's condition, which equals its copies.
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

    /// Returns the condition that what is measured took so long: `Duration::from_secs(1)..` is a second
    /// or longer, `..=Duration::from_millis(5)` at most 5 ms. A span that ends before it starts took no
    /// time.
    pub fn latency(measured: Measured, range: impl RangeBounds<Duration>) -> Self {
        let nanos = |duration: &Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        // What excludes everything becomes a range from 1 to 0.
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

    /// Begins a condition about an attribute, of the span or of its resource.
    pub fn attribute(key: impl Into<String>) -> AttributeCondition {
        AttributeCondition {
            key: key.into(),
            holder: Holder::Any,
        }
    }

    /// Begins a condition about the name of a span.
    pub fn span_name() -> NameCondition {
        NameCondition(())
    }

    /// Begins a condition about the route of a request: `http.route` of a span.
    pub fn route() -> AttributeCondition {
        Self::attribute(http::ROUTE).on_span()
    }

    /// Returns the condition that a function was started anew: `faas.coldstart` of its invocation.
    pub fn cold_start() -> Self {
        Self::attribute(faas::COLDSTART).on_span().is(true)
    }

    /// Returns the condition that an invocation's time was up: `error.type` is `timeout`.
    pub fn timeout() -> Self {
        Self::attribute(error::TYPE).on_span().is("timeout")
    }

    /// Returns the condition that a function was started by this: `faas.trigger`, as `http`, `pubsub`,
    /// `timer`.
    pub fn trigger(trigger: &str) -> Self {
        Self::attribute(faas::TRIGGER).on_span().is(trigger)
    }

    /// Returns the condition that W3C's sampled flag is set on a span.
    pub fn sampled() -> Self {
        Self(Kind::Leaf(Leaf::Sampled))
    }

    /// Returns the condition that the trace has so many spans: `2..` is two and more.
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

    /// Returns a condition of one's own. Copies of one that is returned count as one condition.
    pub fn custom(condition: impl Custom + 'static) -> Self {
        Self(Kind::Leaf(Leaf::Custom(Shared(Arc::new(condition)))))
    }

    /// Returns the condition that all of these are met, each by whichever span.
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self(Kind::All(conditions.into_iter().collect()))
    }

    /// Returns the condition that one of these is met.
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self(Kind::Any(conditions.into_iter().collect()))
    }

    /// Returns the condition that this one is not met: by no span of the trace, or, within
    /// [`same_span`](Self::same_span), not by that span.
    #[allow(clippy::should_implement_trait)]
    pub fn not(condition: Self) -> Self {
        Self(Kind::Not(Box::new(condition)))
    }

    /// Returns the condition that there is one span for which all of these hold. What is about the whole
    /// trace has no place in it.
    pub fn same_span(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self(Kind::SameSpan(Box::new(Self::all(conditions))))
    }
}

/// The beginning of a condition about an attribute.
///
/// Where the value is an array, one of its elements has to be like that. Text is compared as bytes, and
/// never equals a number; a whole number equals a floating point number of the same value.
#[derive(Debug, Clone)]
#[must_use]
pub struct AttributeCondition {
    key: String,
    holder: Holder,
}

impl AttributeCondition {
    /// Looks on spans alone.
    pub fn on_span(mut self) -> Self {
        self.holder = Holder::Span;
        self
    }

    /// Looks on resources alone.
    pub fn on_resource(mut self) -> Self {
        self.holder = Holder::Resource;
        self
    }

    /// Returns the condition that it is there, whatever its value.
    pub fn exists(self) -> Condition {
        self.test(Test::Exists)
    }

    /// Returns the condition that it is this.
    pub fn is(self, value: impl Into<Scalar>) -> Condition {
        self.test(Test::OneOf(vec![value.into()]))
    }

    /// Returns the condition that it is one of these.
    pub fn one_of(self, values: impl IntoIterator<Item = impl Into<Scalar>>) -> Condition {
        self.test(Test::OneOf(values.into_iter().map(Into::into).collect()))
    }

    /// Returns the condition that it is text which starts like one of these.
    pub fn starts_with(self, prefixes: impl IntoIterator<Item = impl Into<String>>) -> Condition {
        let prefixes = prefixes.into_iter().map(Into::into);
        self.test(Test::Prefix(prefixes.collect()))
    }

    /// Returns the condition that it is text in which this regular expression is found, in the syntax of
    /// [`regex`](https://docs.rs/regex/latest/regex/#syntax): somewhere in it, unless it has `^` and `$`.
    pub fn matches(self, regex: impl Into<String>) -> Condition {
        self.test(Test::Regex(regex.into()))
    }

    /// Returns the condition that it is a number in this range.
    pub fn number(self, range: impl RangeBounds<f64>) -> Condition {
        self.test(Test::Range(Range::new(&range)))
    }

    fn test(self, test: Test) -> Condition {
        let Self { key, holder } = self;
        let wanted = Wanted { key, holder, test };
        Condition(Kind::Leaf(Leaf::Attribute(wanted)))
    }
}

/// The beginning of a condition about the name of a span.
#[derive(Debug, Clone)]
#[must_use]
pub struct NameCondition(());

impl NameCondition {
    /// Returns the condition that it is this.
    pub fn is(self, name: impl Into<String>) -> Condition {
        self.one_of([name])
    }

    /// Returns the condition that it is one of these.
    pub fn one_of(self, names: impl IntoIterator<Item = impl Into<String>>) -> Condition {
        let names = names.into_iter().map(|name| Scalar::Text(name.into()));
        Self::test(Test::OneOf(names.collect()))
    }

    /// Returns the condition that it starts like one of these.
    pub fn starts_with(self, prefixes: impl IntoIterator<Item = impl Into<String>>) -> Condition {
        Self::test(Test::Prefix(prefixes.into_iter().map(Into::into).collect()))
    }

    /// Returns the condition that this regular expression is found in it; see
    /// [`AttributeCondition::matches`].
    pub fn matches(self, regex: impl Into<String>) -> Condition {
        Self::test(Test::Regex(regex.into()))
    }

    fn test(test: Test) -> Condition {
        Condition(Kind::Leaf(Leaf::Name(test)))
    }
}
