//! Custom changes to spans.

use lamplight_otlp::trace::{AnyValue, Attribute, Place, Span, attributes, field, messages};

/// A custom change, applied to every kept span after all other steps except the marks of sampling.
///
/// The stream is replayed after a crash, so the same span must give the same result. If a transform
/// panics, the span is counted and not delivered, since the transform may have been meant to hide
/// data.
pub trait Transform: Send + Sync + 'static {
    /// Changes a span.
    fn transform(&self, span: &mut SpanEditor<'_>);
}

impl<F: Fn(&mut SpanEditor<'_>) + Send + Sync + 'static> Transform for F {
    fn transform(&self, span: &mut SpanEditor<'_>) {
        self(span);
    }
}

/// A condition for dropping spans.
///
/// A condition that panics does not hold.
pub trait SpanCondition: Send + Sync + 'static {
    /// Returns whether the condition holds for a span, as received.
    fn holds(&self, place: Place<'_, '_>, span: &Span<'_>) -> bool;
}

impl<F: Fn(Place<'_, '_>, &Span<'_>) -> bool + Send + Sync + 'static> SpanCondition for F {
    fn holds(&self, place: Place<'_, '_>, span: &Span<'_>) -> bool {
        self(place, span)
    }
}

/// A value that a [`Transform`] sets on an attribute.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum NewValue {
    /// Text.
    String(String),
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating point number.
    Double(f64),
}

impl NewValue {
    fn view(&self) -> AnyValue<'_> {
        match self {
            Self::String(text) => AnyValue::String(text.as_bytes()),
            Self::Bool(value) => AnyValue::Bool(*value),
            Self::Int(value) => AnyValue::Int(*value),
            Self::Double(value) => AnyValue::Double(*value),
        }
    }
}

impl From<&str> for NewValue {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for NewValue {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for NewValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for NewValue {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for NewValue {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}

/// A kept span before delivery, with methods to change it.
#[derive(Debug)]
pub struct SpanEditor<'a> {
    span: Span<'a>,
    resource: &'a [u8],
    pub(super) edits: Edits,
}

/// The changes made with a [`SpanEditor`].
#[derive(Debug, Default)]
pub(super) struct Edits {
    /// Keys with their new values; `None` removes the attribute. Each key occurs once.
    pub(super) attributes: Vec<(String, Option<NewValue>)>,
    pub(super) name: Option<String>,
    pub(super) left_out: bool,
}

impl Edits {
    pub(super) fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.name.is_none() && !self.left_out
    }

    pub(super) fn of(&self, key: &[u8]) -> Option<&Option<NewValue>> {
        let mut found = self.attributes.iter();
        let (_, value) = found.find(|(edited, _)| edited.as_bytes() == key)?;
        Some(value)
    }
}

impl<'a> SpanEditor<'a> {
    /// `resource` contains the encoded fields of a `ResourceSpans` without its spans.
    pub(super) fn new(span: Span<'a>, resource: &'a [u8]) -> Self {
        Self {
            span,
            resource,
            edits: Edits::default(),
        }
    }

    /// Returns the span without the changes made here.
    pub fn span(&self) -> &Span<'a> {
        &self.span
    }

    /// Returns the attributes of the span's resource.
    pub fn resource_attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        messages(self.resource, field::RESOURCE)
            .flatten()
            .flat_map(|resource| attributes(resource, field::RESOURCE_ATTRIBUTES).flatten())
    }

    /// Returns the value of an attribute, with the changes made here.
    pub fn attribute(&self, key: &str) -> Option<AnyValue<'_>> {
        if let Some(edited) = self.edits.of(key.as_bytes()) {
            return edited.as_ref().map(NewValue::view);
        }
        let mut all = self.span.attributes().flatten();
        Some(all.find(|attribute| attribute.key == key.as_bytes())?.value)
    }

    /// Sets an attribute; replaces an existing one with the same key.
    pub fn set_attribute(&mut self, key: &str, value: impl Into<NewValue>) {
        self.edit(key, Some(value.into()));
    }

    /// Removes an attribute and counts it in the span's `dropped_attributes_count`.
    pub fn remove_attribute(&mut self, key: &str) {
        self.edit(key, None);
    }

    /// Sets the name of the span.
    pub fn set_name(&mut self, name: &str) {
        self.edits.name = Some(name.to_owned());
    }

    /// Drops the span.
    pub fn leave_out(&mut self) {
        self.edits.left_out = true;
    }

    fn edit(&mut self, key: &str, value: Option<NewValue>) {
        let mut edits = self.edits.attributes.iter_mut();
        match edits.find(|(edited, _)| edited == key) {
            Some((_, edited)) => *edited = value,
            None => self.edits.attributes.push((key.to_owned(), value)),
        }
    }
}
