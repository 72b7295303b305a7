//! Rust names for the names of a registry.

use std::collections::BTreeSet;

use crate::model::{EnumType, Member};

/// Words that cannot name an item except as raw identifiers, in any edition.
const KEYWORDS: [&str; 51] = [
    "abstract",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "static",
    "struct",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
    "union",
    "auto",
    "macro_rules",
];
/// Words that cannot be raw identifiers.
const PATH_WORDS: [&str; 4] = ["crate", "self", "super", "Self"];
/// Types that the generated code names without a path.
const IMPORTED: [&str; 10] = [
    "Array",
    "From",
    "Into",
    "IntoIterator",
    "KeyValue",
    "Option",
    "Self",
    "StringValue",
    "Value",
    "Vec",
];

/// Converts `status_code` to `STATUS_CODE`. A name without letters would equal the function's name, so it
/// gets a suffix that no segment has.
pub(crate) fn constant(segment: &str) -> String {
    let name = guard_digit(segment.to_uppercase());
    match segment.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        true => name,
        false => format!("{name}_"),
    }
}

/// Converts `type` to `r#type`; used for modules too.
pub(crate) fn function(segment: &str) -> String {
    if PATH_WORDS.contains(&segment) {
        return format!("{segment}_");
    }
    if KEYWORDS.contains(&segment) {
        return format!("r#{segment}");
    }
    guard_digit(segment.to_owned())
}

/// Returns the file name of a module, without the raw prefix.
pub(crate) fn file(segment: &str) -> String {
    if segment == "mod" {
        return "mod_.rs".to_owned();
    }
    let name = function(segment);
    format!("{}.rs", name.strip_prefix("r#").unwrap_or(&name))
}

/// Converts `aws_sqs` to `AwsSqs`. Digits remain separated by an underscore, so that `http_1_0` and `http_10`
/// differ.
pub(crate) fn camel(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut start = true;
    for letter in name.chars() {
        if !letter.is_ascii_alphanumeric() {
            start = true;
            continue;
        }
        if start {
            let after_digit = camel.ends_with(|last: char| last.is_ascii_digit());
            if after_digit && letter.is_ascii_digit() {
                camel.push('_');
            }
            camel.push(letter.to_ascii_uppercase());
        } else {
            camel.push(letter);
        }
        start = false;
    }
    let camel = guard_digit(camel);
    if PATH_WORDS.contains(&camel.as_str()) {
        format!("{camel}_")
    } else {
        camel
    }
}

/// Returns the members that have a variant, each with its name. A deprecated member gives way to another one
/// with the same name: registries rename `azure_vm` to `azure.vm` and keep both.
pub(crate) fn variants(members: &EnumType) -> Vec<(String, &Member)> {
    let kept = members.members.iter().filter(|member| !member.excluded);
    let current: BTreeSet<String> = kept
        .clone()
        .filter(|member| member.deprecated.is_none())
        .map(|member| camel(&member.id))
        .collect();
    let name = |member: &Member| {
        let name = camel(&member.id);
        match member.deprecated.is_some() && current.contains(&name) {
            true => camel(&format!("deprecated_{}", member.id)),
            false => name,
        }
    };
    kept.map(|member| (name(member), member)).collect()
}

/// Name of the enum of an attribute.
pub(crate) fn enumeration(key: &str) -> String {
    let name = camel(key);
    if IMPORTED.contains(&name.as_str()) {
        format!("{name}Member")
    } else {
        name
    }
}

fn guard_digit(name: String) -> String {
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        format!("_{name}")
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_legal_and_tell_things_apart() {
        assert_eq!(constant("status_code"), "STATUS_CODE");
        assert_eq!(constant("2xx"), "_2XX");
        assert_ne!(constant("1_0"), function("1_0"));
        assert_eq!(function("type"), "r#type");
        assert_eq!(function("gen"), "r#gen");
        assert_eq!(function("self"), "self_");
        assert_eq!(file("type"), "type.rs");
        assert_eq!(camel("aws.sns"), "AwsSns");
        assert_eq!(camel("http_1_0"), "Http1_0");
        assert_ne!(camel("http_1_0"), camel("http_10"));
        assert_eq!(camel("cdma2000_1xrtt"), "Cdma2000_1xrtt");
        assert_eq!(camel("self"), "Self_");
        assert_eq!(camel("1.0"), "_1_0");
        assert_eq!(enumeration("key.value"), "KeyValueMember");
    }
}
