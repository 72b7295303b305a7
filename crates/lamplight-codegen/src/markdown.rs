//! The reference document of a registry.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::{
    model::{
        Attribute, AttributeType, AttributeUse, Deprecation, Details, Literal, RequirementLevel,
        Signal,
    },
    registry::Registry,
};

impl Registry {
    /// Returns the registry as one Markdown document: spans, events and metrics with their required
    /// attributes, then every attribute with its type, known values and examples.
    pub fn to_markdown(&self) -> String {
        let mut out = String::new();
        let title = if self.name.is_empty() {
            "Semantic conventions"
        } else {
            &self.name
        };
        heading(&mut out, 1, title);
        paragraph(&mut out, &self.description);
        if !self.schema_url.is_empty() {
            paragraph(&mut out, &format!("Schema: <{}>", self.schema_url));
        }
        paragraph(
            &mut out,
            "Generated from the registry: change that, not this.",
        );
        type IsSort = fn(&Details) -> bool;
        let sorts: [(&str, IsSort); 4] = [
            ("Spans", |details| matches!(details, Details::Span { .. })),
            ("Events", |details| matches!(details, Details::Event)),
            ("Metrics", |details| {
                matches!(details, Details::Metric { .. })
            }),
            ("Entities", |details| matches!(details, Details::Entity)),
        ];
        for (title, is_sort) in sorts {
            let mut signals: Vec<&Signal> = self
                .signals()
                .filter(|signal| is_sort(&signal.details))
                .collect();
            signals.sort_by(|one, other| one.id.cmp(&other.id));
            if !signals.is_empty() {
                heading(&mut out, 2, title);
            }
            for signal in signals {
                self.signal(signal, &mut out);
            }
        }
        heading(&mut out, 2, "Attributes");
        let mut namespaces: BTreeMap<&str, Vec<&Attribute>> = BTreeMap::new();
        for attribute in self.attributes() {
            let namespace = attribute.key.split_once('.').map_or("", |(first, _)| first);
            namespaces.entry(namespace).or_default().push(attribute);
        }
        for (namespace, attributes) in namespaces {
            self.namespace(namespace, &attributes, &mut out);
        }
        format!("{}\n", out.trim_end())
    }

    fn signal(&self, signal: &Signal, out: &mut String) {
        heading(out, 3, &format!("`{}`", signal.id));
        if let Some(deprecation) = &signal.deprecated {
            paragraph(out, &format!("**Deprecated:** {deprecation}"));
        }
        paragraph(out, &signal.brief);
        paragraph(out, &signal.note);
        let mut facts = vec![format!("Stability: {}", signal.stability)];
        match &signal.details {
            Details::Span { kind, name } => {
                facts.push(format!("kind: {kind}"));
                if !name.is_empty() {
                    facts.push(format!("name: {}", line(name)));
                }
            }
            Details::Metric { instrument, unit } => {
                facts.push(format!("instrument: {instrument}"));
                facts.push(format!("unit: `{unit}`"));
            }
            Details::Event | Details::Entity | Details::AttributeGroup => {}
        }
        if let Some(base) = &signal.refines {
            facts.push(format!("refines `{base}`"));
        }
        if !signal.entity_associations.is_empty() {
            facts.push(format!("about: {}", signal.entity_associations.join(", ")));
        }
        paragraph(out, &facts.join("; "));
        if !signal.attributes.is_empty() {
            self.uses(signal, out);
        }
    }

    /// Writes the table of the attributes a signal uses.
    fn uses(&self, signal: &Signal, out: &mut String) {
        let mut uses: Vec<&AttributeUse> = signal.attributes.iter().collect();
        uses.sort_by_key(|used| used.requirement_level.rank());
        out.push_str("| Attribute | Type | Requirement | Meaning |\n|---|---|---|---|\n");
        for used in uses {
            let r#type = self
                .attribute(&used.key)
                .map(|found| found.r#type.to_string());
            let start = if used.sampling_relevant {
                ", at start"
            } else {
                ""
            };
            let level = match &used.requirement_level {
                RequirementLevel::ConditionallyRequired(condition) => {
                    format!("{}: {condition}", used.requirement_level)
                }
                RequirementLevel::Recommended(reason) | RequirementLevel::OptIn(reason)
                    if !reason.is_empty() =>
                {
                    format!("{}: {reason}", used.requirement_level)
                }
                level => level.to_string(),
            };
            row(
                out,
                &[
                    &format!("`{}`", used.key),
                    &format!("`{}`", r#type.unwrap_or_default()),
                    &format!("{}{start}", level.trim_end().trim_end_matches('.')),
                    &used.brief,
                ],
            );
        }
        out.push('\n');
    }

    fn namespace(&self, namespace: &str, attributes: &[&Attribute], out: &mut String) {
        let title = if namespace.is_empty() {
            "Without a namespace"
        } else {
            namespace
        };
        heading(out, 3, &format!("`{title}`"));
        out.push_str("| Key | Type | Stability | Meaning | Examples |\n|---|---|---|---|---|\n");
        for attribute in attributes {
            let mut meaning = match &attribute.deprecated {
                Some(deprecation) => retired(deprecation),
                None => String::new(),
            };
            meaning.push_str(&attribute.brief);
            let examples: Vec<String> = attribute.examples.iter().map(code).collect();
            row(
                out,
                &[
                    &format!("`{}`", attribute.key),
                    &format!("`{}`", attribute.r#type),
                    &attribute.stability.to_string(),
                    &meaning,
                    &examples.join(", "),
                ],
            );
        }
        out.push('\n');
        for attribute in attributes {
            let AttributeType::Enum(members) = &attribute.r#type else {
                continue;
            };
            let open = if members.open {
                "Known values"
            } else {
                "The only values"
            };
            paragraph(out, &format!("{open} of `{}`:", attribute.key));
            out.push_str("| Value | Meaning | Stability |\n|---|---|---|\n");
            for member in &members.members {
                let meaning = match &member.deprecated {
                    Some(deprecation) => format!("{}{}", retired(deprecation), member.brief),
                    None => member.brief.clone(),
                };
                row(
                    out,
                    &[
                        &code(&member.value),
                        &meaning,
                        &member.stability.to_string(),
                    ],
                );
            }
            out.push('\n');
        }
    }
}

/// Returns the note on a deprecated name as a sentence, to be followed by its meaning.
fn retired(deprecation: &Deprecation) -> String {
    let note = deprecation.to_string();
    format!(
        "**Deprecated:** {}. ",
        note.trim_end().trim_end_matches('.')
    )
}

fn heading(out: &mut String, level: usize, text: &str) {
    let _ = writeln!(out, "{} {text}\n", "#".repeat(level));
}

fn paragraph(out: &mut String, text: &str) {
    let text = text.trim();
    if !text.is_empty() {
        let _ = writeln!(out, "{text}\n");
    }
}

fn row(out: &mut String, cells: &[&str]) {
    for cell in cells {
        let _ = write!(out, "| {} ", line(cell));
    }
    out.push_str("|\n");
}

/// Returns one line that does not end a table cell.
fn line(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

fn code(literal: &Literal) -> String {
    let text = match literal {
        Literal::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}
