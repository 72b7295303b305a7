//! Generated Rust for one attribute: its key, its constructor and the enum of its values.

use super::{layout::Source, names};
use crate::model::{Attribute, AttributeType, EnumType, Literal, Member, ValueType};

/// The names of the OpenTelemetry API that a module uses.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Imports {
    array: bool,
    string_value: bool,
    value: bool,
}

impl Imports {
    pub(super) fn of(attributes: &[&Attribute]) -> Self {
        let mut imports = Self::default();
        for attribute in attributes {
            imports.add(&attribute.r#type);
        }
        imports
    }

    fn add(&mut self, r#type: &AttributeType) {
        self.value |= matches!(r#type, AttributeType::Enum(_));
        match r#type.value_type() {
            ValueType::String => {
                self.string_value |= match r#type {
                    AttributeType::Enum(members) => members.open,
                    AttributeType::Value(_) | AttributeType::Template(_) => true,
                };
            }
            ValueType::StringArray => {
                (self.array, self.string_value, self.value) = (true, true, true);
            }
            ValueType::IntArray | ValueType::DoubleArray | ValueType::BooleanArray => {
                (self.array, self.value) = (true, true);
            }
            ValueType::Any => self.value = true,
            ValueType::Int | ValueType::Double | ValueType::Boolean => {}
        }
    }

    pub(super) fn write(self, out: &mut Source) {
        let mut names = Vec::new();
        if self.array {
            names.push("Array");
        }
        names.push("KeyValue");
        if self.string_value {
            names.push("StringValue");
        }
        if self.value {
            names.push("Value");
        }
        match names.as_slice() {
            [only] => out.line(&format!("use ::opentelemetry::{only};")),
            _ => out.line(&format!("use ::opentelemetry::{{{}}};", names.join(", "))),
        }
    }
}

/// Writes the items of one attribute.
pub(super) fn write(attribute: &Attribute, usage: &str, out: &mut Source) {
    let segment = attribute.key.rsplit('.').next().unwrap_or_default();
    let constant = names::constant(segment);

    out.gap();
    out.docs(&documentation(attribute, usage));
    deprecated(attribute, out);
    out.assign(
        &format!("pub const {constant}: &str ="),
        &format!("{:?}", attribute.key),
    );

    out.gap();
    out.own_docs(&format!(
        "Returns the attribute `{}` with this value. See [`{constant}`].",
        shown_key(attribute)
    ));
    deprecated(attribute, out);
    constructor(attribute, &constant, &names::function(segment), out);

    if let AttributeType::Enum(members) = &attribute.r#type {
        enumeration(&names::enumeration(&attribute.key), &constant, members, out);
    }
}

/// Returns the key of an attribute for its documentation, with a placeholder for the rest of a template.
fn shown_key(attribute: &Attribute) -> String {
    match attribute.r#type {
        AttributeType::Template(_) => format!("{}.<key>", attribute.key),
        AttributeType::Enum(_) | AttributeType::Value(_) => attribute.key.clone(),
    }
}

fn deprecated(attribute: &Attribute, out: &mut Source) {
    if let Some(deprecation) = &attribute.deprecated {
        out.attribute(
            "deprecated",
            &format!("note = {:?}", deprecation.to_string().trim()),
        );
    }
}

fn documentation(attribute: &Attribute, usage: &str) -> String {
    let mut text = match attribute.brief.is_empty() {
        true => format!("`{}`.", attribute.key),
        false => attribute.brief.clone(),
    };
    if !attribute.note.is_empty() {
        text.push_str("\n\n");
        text.push_str(&attribute.note);
    }
    text.push_str(&format!(
        "\n\nType: `{}`. Stability: {}.",
        attribute.r#type, attribute.stability
    ));
    if !usage.is_empty() {
        text.push_str(&format!("\n\n{usage}"));
    }
    if !attribute.examples.is_empty() {
        let examples: Vec<String> = attribute.examples.iter().map(code).collect();
        text.push_str(&format!("\n\nExamples: {}.", examples.join(", ")));
    }
    text
}

/// Returns an example as a code span, whatever backticks and lines it contains.
fn code(example: &Literal) -> String {
    let text = example.to_string();
    let ticks = if text.contains('`') { "``" } else { "`" };
    format!("{ticks}{text}{ticks}")
}

fn constructor(attribute: &Attribute, constant: &str, function: &str, out: &mut Source) {
    let (parameter, value) = match &attribute.r#type {
        AttributeType::Enum(_) => (names::enumeration(&attribute.key), "value"),
        AttributeType::Value(r#type) | AttributeType::Template(r#type) => {
            let (parameter, value) = parameter(*r#type);
            (parameter.to_owned(), value)
        }
    };
    let mut parameters = vec![format!("value: {parameter}")];
    // Using a deprecated constant would cause a warning even here.
    let is_template = matches!(attribute.r#type, AttributeType::Template(_));
    let key = match (is_template, &attribute.deprecated) {
        (false, None) => constant.to_owned(),
        (false, Some(_)) => format!("{:?}", attribute.key),
        (true, None) => format!("format!(\"{{{constant}}}.{{key}}\")"),
        (true, Some(_)) => format!("format!(\"{}.{{key}}\")", attribute.key),
    };
    if is_template {
        parameters.insert(0, "key: &str".to_owned());
    }
    out.function(&format!("pub fn {function}"), &parameters, "KeyValue");
    if value.starts_with("Value::Array") {
        // Bound first, because it would not fit on a line inside the call.
        out.line(&format!("let value = {value};"));
        out.call("KeyValue::new", &[&key, "value"]);
    } else {
        out.call("KeyValue::new", &[&key, value]);
    }
    out.close("}");
}

/// Returns the type of the parameter, and the expression that converts it to the recorded value.
pub(super) fn parameter(r#type: ValueType) -> (&'static str, &'static str) {
    match r#type {
        ValueType::String => ("impl Into<StringValue>", "value.into()"),
        ValueType::Int => ("i64", "value"),
        ValueType::Double => ("f64", "value"),
        ValueType::Boolean => ("bool", "value"),
        ValueType::StringArray => (
            "impl IntoIterator<Item: Into<StringValue>>",
            "Value::Array(Array::String(value.into_iter().map(Into::into).collect()))",
        ),
        ValueType::IntArray => (
            "impl Into<Vec<i64>>",
            "Value::Array(Array::I64(value.into()))",
        ),
        ValueType::DoubleArray => (
            "impl Into<Vec<f64>>",
            "Value::Array(Array::F64(value.into()))",
        ),
        ValueType::BooleanArray => (
            "impl Into<Vec<bool>>",
            "Value::Array(Array::Bool(value.into()))",
        ),
        ValueType::Any => ("impl Into<Value>", "value"),
    }
}

/// Returns the name of the variant for any other value, chosen to differ from all members.
pub(super) fn custom_variant(variants: &[(String, &Member)]) -> &'static str {
    let taken = |name: &str| variants.iter().any(|(variant, _)| variant == name);
    ["Custom", "Unlisted", "AnyOther"]
        .into_iter()
        .find(|name| !taken(name))
        .unwrap_or("Custom_")
}

fn enumeration(name: &str, constant: &str, members: &EnumType, out: &mut Source) {
    let variants = names::variants(members);
    let custom = custom_variant(&variants);
    let text = members.value_type == ValueType::String;
    let open = members.open && members.value_type != ValueType::Boolean;

    out.gap();
    out.own_docs(&format!("Values of [`{constant}`]."));
    out.line(match (open, members.value_type) {
        (true, ValueType::String) => "#[derive(Debug, Clone, PartialEq, Eq, Hash)]",
        (true, ValueType::Double) => "#[derive(Debug, Clone, Copy, PartialEq)]",
        _ => "#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]",
    });
    out.line("#[non_exhaustive]");
    out.open(&format!("pub enum {name} {{"));
    listed_variants(&variants, out);
    if open {
        out.own_docs("A value the registry does not list.");
        out.line(&format!(
            "{custom}({}),",
            if text {
                "StringValue"
            } else {
                accessor(members.value_type).1
            }
        ));
    }
    out.close("}");

    out.gap();
    if variants.iter().any(|(_, it)| it.deprecated.is_some()) {
        out.line("#[allow(deprecated)]");
    }
    out.open(&format!("impl {name} {{"));
    match (open, text) {
        (true, true) => open_text(&variants, custom, out),
        (true, false) => open_number(&variants, custom, members.value_type, out),
        (false, _) => closed(&variants, members.value_type, out),
    }
    out.close("}");

    out.gap();
    out.open(&format!("impl From<{name}> for Value {{"));
    out.open(&format!("fn from(value: {name}) -> Self {{"));
    if open && text {
        out.open("match value {");
        out.arm(&format!("{name}::{custom}(value)"), "value.into()");
        out.arm("listed", "listed.listed().into()");
        out.close("}");
    } else {
        out.line(&format!(
            "value.{}().into()",
            accessor(members.value_type).0
        ));
    }
    out.close("}");
    out.close("}");
}

fn listed_variants(variants: &[(String, &Member)], out: &mut Source) {
    for (variant, member) in variants {
        out.docs(&member_documentation(member));
        if let Some(deprecation) = &member.deprecated {
            out.attribute(
                "deprecated",
                &format!("note = {:?}", deprecation.to_string().trim()),
            );
        }
        out.line(&format!("{variant},"));
    }
}

fn member_documentation(member: &Member) -> String {
    let mut text = match member.brief.is_empty() {
        true => format!("`{}`.", member.id),
        false => member.brief.clone(),
    };
    if !member.note.is_empty() {
        text.push_str("\n\n");
        text.push_str(&member.note);
    }
    text
}

/// Returns the name and the return type of the method that returns the recorded value.
fn accessor(r#type: ValueType) -> (&'static str, &'static str) {
    match r#type {
        ValueType::Int => ("as_i64", "i64"),
        ValueType::Double => ("as_f64", "f64"),
        ValueType::Boolean => ("as_bool", "bool"),
        _ => ("as_str", "&'static str"),
    }
}

fn listed(variants: &[(String, &Member)], out: &mut Source) {
    for (variant, member) in variants {
        out.arm(&format!("Self::{variant}"), &member.value.to_string());
    }
}

/// Returns every value once, with the member as which it is read: of two, the one that is not deprecated.
fn distinct<'v>(variants: &'v [(String, &Member)]) -> Vec<(String, &'v str)> {
    let is_shadowed = |index: usize, member: &Member| {
        variants.iter().enumerate().any(|(other, (_, found))| {
            let preferred = match (&found.deprecated, &member.deprecated) {
                (None, Some(_)) => true,
                (Some(_), None) => false,
                _ => other < index,
            };
            other != index && found.value == member.value && preferred
        })
    };
    let kept = variants
        .iter()
        .enumerate()
        .filter(|(index, (_, m))| !is_shadowed(*index, m));
    kept.map(|(_, (variant, m))| (m.value.to_string(), variant.as_str()))
        .collect()
}

fn open_text(variants: &[(String, &Member)], custom: &str, out: &mut Source) {
    out.own_docs("Returns the recorded value.");
    out.open("pub fn as_str(&self) -> &str {");
    out.open("match self {");
    out.arm(&format!("Self::{custom}(value)"), "value.as_str()");
    out.arm("listed", "listed.listed()");
    out.close("}");
    out.close("}");

    out.gap();
    out.own_docs(&format!(
        "Returns the member with this value, or [`{custom}`](Self::{custom}) if there is none."
    ));
    out.open("pub fn from_value(value: impl Into<StringValue>) -> Self {");
    out.line("let value = value.into();");
    out.open("match value.as_str() {");
    for (value, variant) in distinct(variants) {
        out.arm(&value, &format!("Self::{variant}"));
    }
    out.arm("_", &format!("Self::{custom}(value)"));
    out.close("}");
    out.close("}");

    out.gap();
    out.open("fn listed(&self) -> &'static str {");
    out.open("match self {");
    listed(variants, out);
    out.arm(&format!("Self::{custom}(_)"), "\"\"");
    out.close("}");
    out.close("}");
}

fn open_number(variants: &[(String, &Member)], custom: &str, r#type: ValueType, out: &mut Source) {
    let (method, number) = accessor(r#type);
    out.own_docs("Returns the recorded value.");
    out.open(&format!("pub const fn {method}(self) -> {number} {{"));
    out.open("match self {");
    listed(variants, out);
    out.arm(&format!("Self::{custom}(value)"), "value");
    out.close("}");
    out.close("}");

    out.gap();
    out.own_docs(&format!(
        "Returns the member with this value, or [`{custom}`](Self::{custom}) if there is none."
    ));
    out.open(&format!(
        "pub const fn from_value(value: {number}) -> Self {{"
    ));
    out.open("match value {");
    for (value, variant) in distinct(variants) {
        out.arm(&value, &format!("Self::{variant}"));
    }
    out.arm("_", &format!("Self::{custom}(value)"));
    out.close("}");
    out.close("}");
}

fn closed(variants: &[(String, &Member)], r#type: ValueType, out: &mut Source) {
    let (method, result) = accessor(r#type);
    out.own_docs("Returns the recorded value.");
    out.open(&format!("pub const fn {method}(self) -> {result} {{"));
    out.open("match self {");
    listed(variants, out);
    out.close("}");
    out.close("}");

    out.gap();
    let parameter = if r#type == ValueType::String {
        "&str"
    } else {
        result
    };
    out.own_docs("Returns the member with this value.");
    out.open(&format!(
        "pub fn from_value(value: {parameter}) -> Option<Self> {{"
    ));
    out.open("match value {");
    for (value, variant) in distinct(variants) {
        out.arm(&value, &format!("Some(Self::{variant})"));
    }
    // Both Boolean values may be members; then no other value is left.
    if !(r#type == ValueType::Boolean && variants.len() == 2) {
        out.arm("_", "None");
    }
    out.close("}");
    out.close("}");
}
