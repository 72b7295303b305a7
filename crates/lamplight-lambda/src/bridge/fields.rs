//! The fields of a `tracing` event.

use std::{error::Error, fmt::Debug};

use lamplight_semconv::{self as semconv, error::ErrorType};
use opentelemetry::{KeyValue, Value};
use tracing::field::{Field, Visit};

use crate::outcome;

/// The fields of an event.
#[derive(Default)]
pub(super) struct Fields {
    message: Option<String>,
    /// The text of the first field that is an error or has the name of one.
    error: Option<String>,
    error_type: Option<String>,
    causes: Option<String>,
    attributes: Vec<KeyValue>,
}

impl Fields {
    /// Returns the name and the attributes of an event that is not an exception. An error in it is described
    /// nevertheless.
    pub(super) fn event(mut self) -> (String, Vec<KeyValue>) {
        let message = self.message.take();
        let name = message.unwrap_or_else(|| match self.error {
            Some(_) => semconv::events::exception::NAME.to_owned(),
            None => "event".to_owned(),
        });
        if self.error.is_some() {
            return (name, self.exception());
        }
        (name, self.attributes)
    }

    /// Returns whether the event has what an exception requires: a message or a type.
    pub(super) fn is_exception(&self) -> bool {
        self.message.is_some() || self.error.is_some()
    }

    /// Returns the description of the error.
    pub(super) fn text(&self) -> &str {
        let text = self.message.as_ref().or(self.error.as_ref());
        text.map(String::as_str).unwrap_or_default()
    }

    /// Returns the value of `error.type`.
    pub(super) fn error_type(&self) -> ErrorType {
        let name = self.error_type.clone();
        name.map_or(ErrorType::Other, ErrorType::from_value)
    }

    /// Returns the attributes of an exception. The event's own fields come first, followed by those of the
    /// error as its cause.
    pub(super) fn exception(self) -> Vec<KeyValue> {
        let mut attributes = self.attributes;
        let (message, stack) = match (self.message, self.error) {
            (Some(message), Some(error)) => {
                let cause = self.causes.unwrap_or(error);
                let stack = format!("{message}\ncaused by: {cause}");
                (Some(message), Some(stack))
            }
            (message, error) => (message.or(error), self.causes),
        };
        attributes.extend(self.error_type.map(semconv::exception::r#type));
        attributes.extend(message.map(semconv::exception::message));
        attributes.extend(stack.map(semconv::exception::stacktrace));
        attributes
    }

    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        if field.name() == "message" {
            self.message = Some(value.into().to_string());
        } else {
            self.attributes.push(KeyValue::new(field.name(), value));
        }
    }

    /// Stores a text. It is an error if the field has the name of one, as with `#[instrument(err)]`.
    fn set_text(&mut self, field: &Field, text: String) {
        if self.error.is_none() && matches!(field.name(), "error" | "err") {
            self.error = Some(text);
        } else {
            self.set(field, text);
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.set_text(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set_text(field, value.to_owned());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match i64::try_from(value) {
            Ok(value) => self.set(field, value),
            Err(_) => self.set(field, value.to_string()),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        if self.error.is_some() {
            self.set(field, value.to_string());
            return;
        }
        self.error = Some(value.to_string());
        self.error_type = outcome::type_in_chain(value);
        self.causes = outcome::causes(value);
    }
}
