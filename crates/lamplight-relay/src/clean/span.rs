//! Changes to a span.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lamplight_otlp::{
    Fields, Malformed, Value,
    trace::{Attribute, Span, field},
};

use super::{
    config::EventPolicy,
    splice::{Field, Splice, bytes, double_attribute, fields, string_attribute, varint_attribute},
    transform::{Edits, NewValue, SpanEditor, Transform},
    workshop::{Dropped, EVENT, Kind, LINK, Looks, SPAN, Workshop},
};

/// `Span.dropped_links_count`.
const DROPPED_LINKS_COUNT: u32 = 14;

/// `Span.status`.
const STATUS: u32 = 15;

/// The result of a transform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edited {
    Same,
    Changed,
    LeftOut,
}

impl Workshop {
    /// Writes a span with its events, attributes and texts cleaned. Returns whether it changed; if
    /// not, nothing is written.
    pub(super) fn span(&mut self, span: &Span<'_>, out: &mut Vec<u8>) -> Result<bool, Malformed> {
        let message = span.message;
        let looks = self.looks(SPAN, message);
        let is_in_nested =
            span.has_nested && (self.picks_events() || self.concerns_nested(&looks, message));
        if looks.at_nothing() && !is_in_nested {
            return Ok(false);
        }
        let mut splice = Splice::new(message, out);
        let [mut attributes, mut events, mut links] = <[Dropped; 3]>::default();
        for field in fields(message) {
            let field = field?;
            match (field.number as u32, field.value) {
                (field::EVENTS, Value::Bytes(event)) => {
                    if self.strips(event)? {
                        splice.replace(&field);
                        events.one_more();
                        self.stats.events += 1;
                    } else {
                        self.nested(EVENT, event, &field, &looks, &mut splice)?;
                    }
                }
                (field::LINKS, Value::Bytes(_)) if self.config.drop_links => {
                    splice.replace(&field);
                    links.one_more();
                }
                (field::LINKS, Value::Bytes(link)) => {
                    self.nested(LINK, link, &field, &looks, &mut splice)?;
                }
                (field::DROPPED_EVENTS_COUNT, _) => events.read(&field, &mut splice),
                (DROPPED_LINKS_COUNT, _) => links.read(&field, &mut splice),
                (STATUS, Value::Bytes(status)) if !looks.at_nothing() => {
                    self.status(status, &field, &looks, &mut splice)?;
                }
                _ => self.own_field(SPAN, message, &field, &looks, &mut attributes, &mut splice)?,
            }
        }
        attributes.write(field::DROPPED_ATTRIBUTES_COUNT, &mut splice);
        events.write(field::DROPPED_EVENTS_COUNT, &mut splice);
        links.write(DROPPED_LINKS_COUNT, &mut splice);
        Ok(splice.finish())
    }

    fn picks_events(&self) -> bool {
        self.config.events != EventPolicy::All || self.config.drop_links
    }

    fn concerns_nested(&self, looks: &Looks, message: &[u8]) -> bool {
        self.concerns(EVENT, looks, message) || self.concerns(LINK, looks, message)
    }

    /// Returns whether an event is dropped.
    fn strips(&self, event: &[u8]) -> Result<bool, Malformed> {
        match self.config.events {
            EventPolicy::All => Ok(false),
            EventPolicy::None => Ok(true),
            EventPolicy::Exceptions => {
                let mut name = &b""[..];
                for field in Fields::new(event) {
                    if let (2, Value::Bytes(bytes)) = field? {
                        name = bytes;
                    }
                }
                Ok(name != b"exception")
            }
        }
    }

    /// Cleans an event or a link.
    fn nested(
        &mut self,
        kind: Kind,
        message: &[u8],
        field: &Field<'_>,
        outer: &Looks,
        splice: &mut Splice<'_, '_>,
    ) -> Result<(), Malformed> {
        let looks = self.looks_inside(kind, outer, message);
        if looks.at_nothing() {
            return Ok(());
        }
        let mut new = self.pool.take();
        if self.attributed(kind, message, &looks, &mut new)? {
            bytes(splice.replace(field), field.number as u32, &new);
        }
        self.pool.give(new);
        Ok(())
    }

    fn status(
        &mut self,
        message: &[u8],
        field: &Field<'_>,
        looks: &Looks,
        splice: &mut Splice<'_, '_>,
    ) -> Result<(), Malformed> {
        let mut new = self.pool.take();
        let mut status = Splice::new(message, &mut new);
        for field in fields(message) {
            let field = field?;
            if let (2, Value::Bytes(text)) = (field.number, field.value) {
                self.searched(text, 2, &field, looks, &mut status);
            }
        }
        if status.finish() {
            bytes(splice.replace(field), STATUS, &new);
        }
        self.pool.give(new);
        Ok(())
    }

    /// Writes a span with the user's transforms applied. `resource` contains the encoded fields of
    /// its `ResourceSpans`.
    pub(super) fn transformed(
        &mut self,
        message: &[u8],
        resource: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Edited, Malformed> {
        let config = std::sync::Arc::clone(&self.config);
        let mut current = self.pool.take();
        let mut edited = Edited::Same;
        for transform in &config.transforms {
            let source = if edited == Edited::Same {
                message
            } else {
                &current
            };
            let Some(edits) = edits(&**transform, source, resource)? else {
                self.stats.panics += 1;
                return Ok(Edited::LeftOut);
            };
            if edits.left_out {
                self.stats.left_out += 1;
                return Ok(Edited::LeftOut);
            }
            if !edits.is_empty() {
                let mut next = self.pool.take();
                if self.edited(source, &edits, &mut next)? {
                    edited = Edited::Changed;
                    std::mem::swap(&mut current, &mut next);
                }
                self.pool.give(next);
            }
        }
        if edited == Edited::Changed {
            out.extend_from_slice(&current);
        }
        self.pool.give(current);
        Ok(edited)
    }

    fn edited(
        &mut self,
        message: &[u8],
        edits: &Edits,
        out: &mut Vec<u8>,
    ) -> Result<bool, Malformed> {
        let mut splice = Splice::new(message, out);
        let mut dropped = Dropped::default();
        let mut named = false;
        for field in fields(message) {
            let field = field?;
            match (field.number as u32, field.value) {
                (5, _) => {
                    if let Some(name) = &edits.name {
                        bytes(splice.replace(&field), 5, name.as_bytes());
                        named = true;
                    }
                }
                (field::ATTRIBUTES, Value::Bytes(attribute)) => {
                    match edits.of(Attribute::new(attribute)?.key) {
                        Some(Some(_)) => drop(splice.replace(&field)),
                        Some(None) => {
                            splice.replace(&field);
                            dropped.one_more();
                            self.stats.attributes += 1;
                        }
                        None => {}
                    }
                }
                (field::DROPPED_ATTRIBUTES_COUNT, _) => dropped.read(&field, &mut splice),
                _ => {}
            }
        }
        if let (Some(name), false) = (&edits.name, named) {
            bytes(splice.end(), 5, name.as_bytes());
        }
        for (key, value) in &edits.attributes {
            if let Some(value) = value {
                set(splice.end(), key.as_bytes(), value);
            }
        }
        dropped.write(field::DROPPED_ATTRIBUTES_COUNT, &mut splice);
        Ok(splice.finish())
    }
}

/// Returns the changes of a transform to a span, or `None` if it panics.
fn edits(
    transform: &dyn Transform,
    message: &[u8],
    resource: &[u8],
) -> Result<Option<Edits>, Malformed> {
    let mut editor = SpanEditor::new(Span::new(message)?, resource);
    let run = AssertUnwindSafe(|| transform.transform(&mut editor));
    let ran = catch_unwind(run).is_ok();
    Ok(ran.then_some(editor.edits))
}

fn set(out: &mut Vec<u8>, key: &[u8], value: &NewValue) {
    let number = field::ATTRIBUTES;
    match value {
        NewValue::String(text) => string_attribute(out, number, key, text.as_bytes()),
        NewValue::Bool(value) => varint_attribute(out, number, key, 2, (*value).into()),
        NewValue::Int(value) => varint_attribute(out, number, key, 3, *value as u64),
        NewValue::Double(value) => double_attribute(out, number, key, *value),
    }
}
