//! Views in one file, in which each is an element with an id.

use std::fmt::Write as _;

use super::View;
use crate::store::{Query, Side};

impl View {
    /// Returns the id of its element in a file.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::Functions(_) => "functions".to_owned(),
            Self::Invocations(Query {
                function: Some(function),
                ..
            }) => format!("invocations-{}", safe(function)),
            Self::Invocations(_) => "invocations".to_owned(),
            Self::Traces(_) => "traces".to_owned(),
            Self::Trace { id, span: None, .. } => format!("trace-{id}"),
            Self::Trace {
                id,
                span: Some(span),
                ..
            } => format!("trace-{id}-{span}"),
            Self::Invocation(id) => format!("invocation-{}-{}", id.trace, id.span),
            Self::Message(id) => format!("message-{}", safe(id)),
            Self::Map(_) => "map".to_owned(),
            Self::Differences {
                side: Side::Failed, ..
            } => "differences".to_owned(),
            Self::Differences {
                side: Side::Slow, ..
            } => "differences-slow".to_owned(),
        }
    }
}

/// Returns the target of a link to `id` in a file with some ids: `id` itself, or the view that
/// contains it. An invocation without its own card is in its trace.
pub(crate) fn nearest(id: &str, has: impl Fn(&str) -> bool) -> Option<String> {
    let Some((kind, name)) = id.split_once('-') else {
        return has(id).then(|| id.to_owned());
    };
    let trace = || name.split('-').next().map(|trace| format!("trace-{trace}"));
    let candidates = match kind {
        "trace" => [None, trace()],
        "invocation" => [Some(format!("trace-{name}")), trace()],
        _ => [None, Some(kind.to_owned())],
    };
    let all = [Some(id.to_owned())].into_iter().chain(candidates);
    all.flatten().find(|it| has(it))
}

/// Returns a name in characters that are allowed in ids and fragments. Different names stay
/// different.
fn safe(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for character in name.chars() {
        if character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | '/' | ':') {
            text.push(character);
        } else {
            let _ = write!(text, "~{:x}~", u32::from(character));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{nearest, safe};

    #[test]
    fn names_that_differ_have_ids_that_differ() {
        assert_eq!(safe("orders"), "orders");
        assert_eq!(safe("a b"), "a~20~b");
        assert_ne!(safe("a~20~b"), safe("a b"));
        assert_ne!(safe("é"), safe("e9"));
        assert_ne!(safe("~"), safe("~7e~"));
    }

    #[test]
    fn a_link_to_what_is_not_there_leads_to_what_it_is_a_part_of() {
        let has = |id: &str| matches!(id, "invocations" | "trace-1" | "invocation-1-2");
        assert_eq!(nearest("trace-1-7", has).as_deref(), Some("trace-1"));
        assert_eq!(
            nearest("invocation-1-2", has).as_deref(),
            Some("invocation-1-2")
        );
        assert_eq!(nearest("invocation-1-3", has).as_deref(), Some("trace-1"));
        assert_eq!(
            nearest("invocations-f-g", has).as_deref(),
            Some("invocations")
        );
        assert_eq!(nearest("invocations", has).as_deref(), Some("invocations"));
        assert_eq!(nearest("trace-2", has), None);
        assert_eq!(nearest("message-2", has), None);
    }
}
