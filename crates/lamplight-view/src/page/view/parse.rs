//! Parsing of addresses to views.

use std::{borrow::Cow, str::FromStr};

use percent_encoding::percent_decode_str;

use super::{Scale, View, ViewError, quantity::nanoseconds};
use crate::{
    facts::Outcome,
    span::{SpanId, SpanRef, TraceId},
    store::{Condition, Query, Side, Window},
};

/// Maximum number of rows on a page, whatever its address requests.
const MOST_ROWS: usize = 1000;

impl View {
    /// Returns the view at a path, with the query after its `?`.
    ///
    /// Unknown parameters and those without a value, as sent by forms, are ignored. Times are
    /// nanoseconds since 1970; durations have the form `250ms`, `1.5s` or `2m`.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no view at the path, or if a value is invalid.
    pub fn parse(path: &str, query: &str) -> Result<Self, ViewError> {
        let parameters = Parameters::read(query);
        let mut segments = path.split('/').filter(|it| !it.is_empty());
        let name = segments.next().unwrap_or_default();
        let rest: Vec<&str> = segments.collect();
        match (name, rest.as_slice()) {
            ("", []) => Ok(Self::Functions(parameters.window()?)),
            ("invocations", []) => Ok(Self::Invocations(parameters.query()?)),
            ("traces", []) => Ok(Self::Traces(parameters.query()?)),
            ("map", []) => Ok(Self::Map(parameters.window()?)),
            ("trace", [trace]) => Ok(Self::Trace {
                id: trace_id(trace)?,
                span: parameters.text("span").map(span_id).transpose()?,
                scale: if parameters.flag("scale")? == Some(true) {
                    Scale::True
                } else {
                    Scale::Compressed
                },
                critical: parameters.flag("critical")? == Some(true),
            }),
            ("invocation", [trace, span]) => Ok(Self::Invocation(SpanRef {
                trace: trace_id(trace)?,
                span: span_id(span)?,
            })),
            ("message", []) => match parameters.text("id") {
                Some(id) => Ok(Self::Message(id.to_owned())),
                None => Err(invalid("id", "", "it must be the id of a message")),
            },
            ("differences", []) => Ok(Self::Differences {
                query: parameters.query()?,
                side: match parameters.text("side") {
                    None | Some("failed") => Side::Failed,
                    Some("slow") => Side::Slow,
                    Some(other) => return Err(invalid("side", other, "it must be failed or slow")),
                },
            }),
            _ => Err(ViewError::Unknown(path.to_owned())),
        }
    }
}

/// Parameters of a query, in order; the first one of duplicates wins.
struct Parameters<'a>(Vec<(Cow<'a, str>, String)>);

impl<'a> Parameters<'a> {
    fn read(query: &'a str) -> Self {
        let pairs = query.split('&').filter(|it| !it.is_empty());
        let pair = |text: &'a str| {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            // Forms send `+` for a space.
            let value = value.replace('+', " ");
            let value = percent_decode_str(&value).decode_utf8_lossy().into_owned();
            (percent_decode_str(name).decode_utf8_lossy(), value)
        };
        Self(pairs.map(pair).collect())
    }

    fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(it, _)| it == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|it| !it.is_empty())
    }

    fn number<T: FromStr>(&self, name: &str, is: &str) -> Result<Option<T>, ViewError> {
        let read = |text: &str| text.trim().parse().map_err(|_| invalid(name, text, is));
        self.text(name).map(read).transpose()
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, ViewError> {
        match self.text(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(invalid(name, other, "it must be true or false")),
        }
    }

    fn duration(&self, name: &str) -> Result<Option<u64>, ViewError> {
        let is = "it must be a number with a unit, such as 250ms, 1.5s or 2m";
        let read = |text| nanoseconds(text).ok_or_else(|| invalid(name, text, is));
        self.text(name).map(read).transpose()
    }

    fn window(&self) -> Result<Window, ViewError> {
        let is = "it must be an integer of nanoseconds since 1970";
        Ok(Window {
            from: self.number("from", is)?,
            to: self.number("to", is)?,
        })
    }

    fn query(&self) -> Result<Query, ViewError> {
        let outcome = match self.text("outcome") {
            None => None,
            Some("ok") => Some(Outcome::Ok),
            Some("error") => Some(Outcome::Error),
            Some("timeout") => Some(Outcome::Timeout),
            Some(other) => {
                return Err(invalid("outcome", other, "it must be ok, error or timeout"));
            }
        };
        let conditions = match self.text("where") {
            Some(text) => {
                Condition::parse_all(text).map_err(|error| ViewError::Invalid(error.to_string()))?
            }
            None => Vec::new(),
        };
        let limit: Option<usize> = self.number("limit", "it must be an integer")?;
        Ok(Query {
            window: self.window()?,
            function: self.text("function").map(str::to_owned),
            outcome,
            trigger: self.text("trigger").map(str::to_owned),
            cold: self.flag("cold")?,
            at_least: self.duration("at_least")?,
            at_most: self.duration("at_most")?,
            conditions,
            limit: limit.unwrap_or_default().min(MOST_ROWS),
            before: self.number("before", "it must be an integer of nanoseconds since 1970")?,
            skip: self
                .number("skip", "it must be an integer")?
                .unwrap_or_default(),
        })
    }
}

fn trace_id(text: &str) -> Result<TraceId, ViewError> {
    let is = "it must be 32 hexadecimal digits";
    TraceId::from_hex(text).ok_or_else(|| invalid("the id of a trace", text, is))
}

fn span_id(text: &str) -> Result<SpanId, ViewError> {
    let is = "it must be 16 hexadecimal digits";
    SpanId::from_hex(text).ok_or_else(|| invalid("the id of a span", text, is))
}

fn invalid(name: &str, value: &str, is: &str) -> ViewError {
    ViewError::Invalid(format!("cannot read {value:?} as {name}: {is}"))
}
