//! Formatting of views as addresses.

use std::fmt::Display;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{Addresses, Scale, View, quantity};
use crate::{
    facts::Outcome,
    store::{Query, Side, Window},
};

/// Characters with a meaning in a query, or that must not occur in an address.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'\'')
    .add(b'+')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

impl View {
    /// Returns the address of the view: a path with a query of the values other than defaults, or a
    /// fragment with `#`.
    ///
    /// A file has no queries: a filtered view has the address of the function's invocations there,
    /// or of all invocations.
    #[must_use]
    pub fn address(&self, addresses: Addresses) -> String {
        match addresses {
            Addresses::Paths => self.path(),
            Addresses::Fragments => format!("#{}", self.id()),
        }
    }

    fn path(&self) -> String {
        match self {
            Self::Functions(window) => Text::new("/").window(*window).text,
            Self::Invocations(query) => Text::new("/invocations").query(query).text,
            Self::Traces(query) => Text::new("/traces").query(query).text,
            Self::Trace {
                id,
                span,
                scale,
                critical,
            } => {
                Text::new(&format!("/trace/{id}"))
                    .add("scale", (*scale == Scale::True).then_some(true))
                    .add("critical", critical.then_some(true))
                    .add("span", span.as_ref())
                    .text
            }
            Self::Invocation(id) => format!("/invocation/{}/{}", id.trace, id.span),
            Self::Message(id) => Text::new("/message").add("id", Some(id)).text,
            Self::Map(window) => Text::new("/map").window(*window).text,
            Self::Differences { query, side } => {
                Text::new("/differences")
                    .query(query)
                    .add("side", (*side == Side::Slow).then_some("slow"))
                    .text
            }
        }
    }
}

impl Outcome {
    /// Returns its name in addresses.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Timeout => "timeout",
        }
    }
}

/// Returns conditions as text that can be parsed again.
pub(crate) fn conditions(query: &Query) -> String {
    let texts: Vec<_> = query.conditions.iter().map(ToString::to_string).collect();
    texts.join(" ")
}

/// An address under construction.
struct Text {
    text: String,
    any: bool,
}

impl Text {
    fn new(path: &str) -> Self {
        Self {
            text: path.to_owned(),
            any: false,
        }
    }

    fn add(mut self, name: &str, value: Option<impl Display>) -> Self {
        if let Some(value) = value {
            self.text.push(if self.any { '&' } else { '?' });
            self.any = true;
            self.text.push_str(name);
            self.text.push('=');
            let value = value.to_string();
            self.text.extend(utf8_percent_encode(&value, ENCODED));
        }
        self
    }

    fn window(self, window: Window) -> Self {
        self.add("from", window.from).add("to", window.to)
    }

    fn query(self, query: &Query) -> Self {
        let conditions = conditions(query);
        self.window(query.window)
            .add("function", query.function.as_ref())
            .add("outcome", query.outcome.map(Outcome::name))
            .add("trigger", query.trigger.as_ref())
            .add("cold", query.cold)
            .add("at_least", query.at_least.map(quantity))
            .add("at_most", query.at_most.map(quantity))
            .add("where", (!conditions.is_empty()).then_some(conditions))
            .add("limit", (query.limit > 0).then_some(query.limit))
            .add("before", query.before)
            .add("skip", (query.skip > 0).then_some(query.skip))
    }
}
