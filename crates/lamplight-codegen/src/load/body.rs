//! Bodies of events. They are not used, and only checked for validity.

use super::{
    attribute,
    fields::{Fields, Sink},
    signal,
};
use crate::yaml::Node;

#[derive(Clone, Copy, PartialEq)]
enum Sort {
    Plain,
    Map,
    Enum,
}

const SORTS: [(&str, Sort); 13] = [
    ("boolean", Sort::Plain),
    ("int", Sort::Plain),
    ("double", Sort::Plain),
    ("string", Sort::Plain),
    ("string[]", Sort::Plain),
    ("int[]", Sort::Plain),
    ("double[]", Sort::Plain),
    ("boolean[]", Sort::Plain),
    ("bytes", Sort::Plain),
    ("undefined", Sort::Plain),
    ("map", Sort::Map),
    ("map[]", Sort::Map),
    ("enum", Sort::Enum),
];

/// Reports the faults of a body and of the fields in it.
pub(super) fn check(node: &Node, subject: &str, sink: &mut Sink) {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        let Some(mut fields) = Fields::of(node, subject, sink) else {
            continue;
        };
        fields.required("id", sink);
        for name in ["brief", "note"] {
            fields.text(name, sink);
        }
        attribute::standing(&mut fields, sink);
        attribute::examples(&mut fields);
        signal::requirement_level(&mut fields, sink);
        match fields.choice("type", &SORTS, sink) {
            Some(Sort::Map) => open.extend(fields.list("fields", sink)),
            Some(Sort::Enum) => {
                for member in fields.list("members", sink) {
                    attribute::member(member, subject, sink);
                }
            }
            Some(Sort::Plain) => {}
            None if fields.get("type").is_none() => fields.missing("type", sink),
            None => {}
        }
        fields.finish(sink);
    }
}
