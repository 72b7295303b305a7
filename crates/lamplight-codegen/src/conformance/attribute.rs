//! Checks of one recorded attribute.

use super::{
    checker::Checker,
    report::{Finding, FindingKind, Level, Report},
};
use crate::{
    model::{
        Attribute, AttributeType, Deprecation, EnumType, Literal, Signal, Stability, ValueType,
    },
    suggest::nearest,
};

impl Checker {
    /// Compares an attribute with its declaration. `listed` are the signals that may list it,
    /// which excuses one that is deprecated.
    pub(super) fn attribute(
        &self,
        span: &str,
        key: &str,
        value: &Literal,
        listed: &[&Signal],
        report: &mut Report,
    ) {
        if self.is_ignored(key) {
            return;
        }
        let mut found = |kind| report.add(Finding::new(span, key, kind));
        let Some(declared) = self.declaration(key) else {
            let similar = self.similar(key);
            found(FindingKind::UndeclaredAttribute { similar });
            return;
        };
        let is_listed = listed
            .iter()
            .flat_map(|signal| &signal.attributes)
            .any(|used| used.key == declared.key);
        if let Some(reason) = declared.deprecated.as_ref().filter(|_| !is_listed) {
            let remedy = reason.to_string();
            found(FindingKind::DeprecatedAttribute { remedy });
        }
        let stability = declared.stability;
        if !matches!(stability, Stability::Stable | Stability::Deprecated) {
            found(FindingKind::NotStable { stability });
        }
        if !has_type(value, declared.r#type.value_type()) {
            let expected = declared.r#type.value_type().to_string();
            let recorded = type_name(value).to_owned();
            found(FindingKind::WrongType { expected, recorded });
        } else if let AttributeType::Enum(members) = &declared.r#type {
            member(span, key, value, members, report);
        }
    }

    fn is_ignored(&self, key: &str) -> bool {
        self.ignored.iter().any(|name| {
            key.strip_prefix(name.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// Returns the attribute of this key, or the template that has it.
    fn declaration(&self, key: &str) -> Option<&Attribute> {
        let own = self.registry.attribute(key);
        own.filter(|found| !matches!(found.r#type, AttributeType::Template(_)))
            .or_else(|| {
                let mut prefixes = key
                    .match_indices('.')
                    .filter_map(|(dot, _)| key.get(..=dot));
                let template = prefixes.find_map(|prefix| self.templates.get(prefix))?;
                self.registry.attribute(template)
            })
    }

    /// Returns a declared name similar to one that is not declared.
    fn similar(&self, key: &str) -> Option<String> {
        if self.templates.contains_key(&format!("{key}.")) {
            return Some(format!("{key}.<key>"));
        }
        let known: Vec<&str> = self.registry.attributes().map(|a| a.key.as_str()).collect();
        nearest(key, &known).map(str::to_owned)
    }
}

fn member(span: &str, key: &str, value: &Literal, members: &EnumType, report: &mut Report) {
    let mut found = members
        .members
        .iter()
        .filter(|member| member.value == *value);
    let Some(first) = found.next() else {
        let level = if members.open {
            Level::Information
        } else {
            Level::Violation
        };
        let kind = FindingKind::UnknownValue {
            value: value.to_string(),
        };
        report.add(Finding::new(span, key, kind).at(level));
        return;
    };
    // A value that was given a second name is not deprecated itself.
    let deprecated: Option<&Deprecation> = first.deprecated.as_ref();
    if let Some(reason) = deprecated.filter(|_| found.all(|other| other.deprecated.is_some())) {
        let kind = FindingKind::DeprecatedValue {
            value: value.to_string(),
            remedy: reason.to_string(),
        };
        report.add(Finding::new(span, key, kind));
    }
}

fn has_type(value: &Literal, r#type: ValueType) -> bool {
    let all = |is_item: fn(&Literal) -> bool| match value {
        Literal::List(items) => items.iter().all(is_item),
        _ => false,
    };
    match r#type {
        ValueType::Any => true,
        ValueType::String => matches!(value, Literal::String(_)),
        ValueType::Int => matches!(value, Literal::Int(_)),
        ValueType::Double => matches!(value, Literal::Double(_)),
        ValueType::Boolean => matches!(value, Literal::Boolean(_)),
        ValueType::StringArray => all(|item| matches!(item, Literal::String(_))),
        ValueType::IntArray => all(|item| matches!(item, Literal::Int(_))),
        ValueType::DoubleArray => all(|item| matches!(item, Literal::Double(_))),
        ValueType::BooleanArray => all(|item| matches!(item, Literal::Boolean(_))),
    }
}

fn type_name(value: &Literal) -> &'static str {
    match value {
        Literal::Null => "nothing",
        Literal::Boolean(_) => "boolean",
        Literal::Int(_) => "int",
        Literal::Double(_) => "double",
        Literal::String(_) => "string",
        Literal::Map(_) => "map",
        Literal::List(items) => match items.first() {
            Some(Literal::Boolean(_)) => "boolean[]",
            Some(Literal::Int(_)) => "int[]",
            Some(Literal::Double(_)) => "double[]",
            Some(Literal::String(_)) => "string[]",
            _ => "list",
        },
    }
}
