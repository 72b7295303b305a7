//! Kinds of nodes on the map, and their links.

use crate::{
    page::View,
    store::{Condition, Node, NodeKind, Query, Window},
};

/// Returns the target of a node: the invocations of a function, or else the traces through it.
pub(super) fn view(node: &Node, window: Window) -> Option<View> {
    let mut query = Query {
        window,
        ..Query::default()
    };
    let name = node.name.clone();
    match node.kind {
        NodeKind::Client => None,
        NodeKind::Function => {
            query.function = Some(name);
            Some(View::Invocations(query))
        }
        _ => {
            // A text condition would also match other attributes, and parts of other names.
            query.conditions.push(match node.named_by {
                Some(key) => Condition::Equal(key.to_owned(), name),
                None => Condition::Text(name),
            });
            Some(View::Traces(query))
        }
    }
}

/// Returns the name of a kind of node.
pub(super) const fn kind(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Client => "caller",
        NodeKind::Function => "function",
        NodeKind::Queue => "queue",
        NodeKind::Topic => "topic",
        NodeKind::Bus => "event bus",
        NodeKind::Stream => "stream",
        NodeKind::Table => "table",
        NodeKind::Bucket => "bucket",
        NodeKind::Service => "service",
    }
}
