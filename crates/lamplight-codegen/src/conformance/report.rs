//! The findings of a check.

use std::{collections::BTreeMap, fmt};

use crate::model::Stability;

/// The maximum number of distinct findings in a report. Spans with unique names could otherwise cause as many
/// findings as there are spans.
const MAX_FINDINGS: usize = 10_000;

/// Severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Level {
    /// Allowed, but worth knowing.
    Information,
    /// A possible improvement.
    Improvement,
    /// A violation of the convention.
    Violation,
}

/// The kind of a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FindingKind {
    /// The registry has no such attribute, but may have one with a similar name.
    UndeclaredAttribute {
        /// A similar declared name.
        similar: Option<String>,
    },
    /// The attribute is deprecated.
    DeprecatedAttribute {
        /// The registry's advice.
        remedy: String,
    },
    /// The type of the value differs from that in the registry.
    WrongType {
        /// Type of the registry.
        expected: String,
        /// Type that was recorded.
        recorded: String,
    },
    /// The value is not one of the known ones.
    UnknownValue {
        /// The recorded value.
        value: String,
    },
    /// The value is deprecated.
    DeprecatedValue {
        /// The recorded value.
        value: String,
        /// The registry's advice.
        remedy: String,
    },
    /// A required attribute is missing.
    MissingRequired {
        /// The span or event that requires it.
        definition: String,
    },
    /// A conditionally required attribute is missing.
    MissingConditionallyRequired {
        /// The span or event that requires it.
        definition: String,
        /// The condition.
        condition: String,
    },
    /// A recommended attribute is missing.
    MissingRecommended {
        /// The span or event that recommends it.
        definition: String,
    },
    /// An attribute that samplers need was set after the start of the span.
    SetAfterStart {
        /// The span type that requires it.
        definition: String,
    },
    /// The kind of the span differs from that of its type.
    WrongKind {
        /// The type of span.
        definition: String,
        /// Kinds the type allows.
        expected: String,
        /// Kind that was recorded.
        recorded: String,
    },
    /// The name of the span differs from that derived from its type and attributes.
    WrongName {
        /// The type of span.
        definition: String,
        /// The expected name.
        expected: String,
    },
    /// The definition of the span or event is deprecated.
    DeprecatedDefinition {
        /// The span or event.
        definition: String,
        /// The registry's advice.
        remedy: String,
    },
    /// The attribute may still change.
    NotStable {
        /// Its stability.
        stability: Stability,
    },
    /// The registry has no such event.
    UndeclaredEvent,
    /// No span type matches.
    UnknownSpan,
}

impl FindingKind {
    /// Returns the severity; if an enum is closed, an unknown value is a violation instead.
    fn level(&self) -> Level {
        match self {
            Self::UndeclaredAttribute { .. }
            | Self::DeprecatedAttribute { .. }
            | Self::WrongType { .. }
            | Self::DeprecatedValue { .. }
            | Self::DeprecatedDefinition { .. }
            | Self::MissingRequired { .. }
            | Self::SetAfterStart { .. }
            | Self::WrongKind { .. }
            | Self::WrongName { .. } => Level::Violation,
            Self::UndeclaredEvent => Level::Improvement,
            Self::UnknownValue { .. }
            | Self::NotStable { .. }
            | Self::MissingConditionallyRequired { .. }
            | Self::MissingRecommended { .. }
            | Self::UnknownSpan => Level::Information,
        }
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UndeclaredAttribute { similar: None } => f.write_str("is not declared"),
            Self::UndeclaredAttribute {
                similar: Some(similar),
            } => {
                write!(f, "is not declared; did you mean `{similar}`?")
            }
            Self::DeprecatedAttribute { remedy } => write!(f, "is deprecated: {remedy}"),
            Self::WrongType { expected, recorded } => {
                write!(f, "is declared as `{expected}`, recorded as `{recorded}`")
            }
            Self::UnknownValue { value } => write!(f, "has the unknown value {value}"),
            Self::DeprecatedValue { value, remedy } => {
                write!(f, "has the deprecated value {value}: {remedy}")
            }
            Self::MissingRequired { definition } => {
                write!(f, "is missing, `{definition}` requires it")
            }
            Self::MissingConditionallyRequired {
                definition,
                condition,
            } => {
                write!(f, "is missing, `{definition}` requires it: {condition}")
            }
            Self::MissingRecommended { definition } => {
                write!(f, "is missing, `{definition}` recommends it")
            }
            Self::SetAfterStart { definition } => {
                write!(
                    f,
                    "is set after the start, `{definition}` needs it there for samplers"
                )
            }
            Self::WrongKind {
                definition,
                expected,
                recorded,
            } => {
                write!(
                    f,
                    "is of kind {recorded}, `{definition}` is of kind {expected}"
                )
            }
            Self::WrongName {
                definition,
                expected,
            } => {
                write!(f, "is to be called \"{expected}\" as a `{definition}`")
            }
            Self::DeprecatedDefinition { definition, remedy } => {
                write!(f, "is a `{definition}`, which is deprecated: {remedy}")
            }
            Self::NotStable { stability } => write!(f, "may change, it is in {stability}"),
            Self::UndeclaredEvent => f.write_str("is not a declared event"),
            Self::UnknownSpan => f.write_str("is of no declared type"),
        }
    }
}

/// One finding about one span.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Finding {
    /// Its severity.
    pub level: Level,
    /// Name of the span.
    pub span: String,
    /// The attribute or event concerned; empty if it is the span itself.
    pub subject: String,
    /// Its kind.
    pub kind: FindingKind,
}

impl Finding {
    pub(super) fn new(span: &str, subject: &str, kind: FindingKind) -> Self {
        let level = kind.level();
        Self {
            level,
            span: span.to_owned(),
            subject: subject.to_owned(),
            kind,
        }
    }

    pub(super) fn at(mut self, level: Level) -> Self {
        self.level = level;
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Level::Violation => f.write_str("violation: ")?,
            Level::Improvement => f.write_str("improvement: ")?,
            Level::Information => f.write_str("information: ")?,
        }
        write!(f, "span \"{}\"", self.span)?;
        if !self.subject.is_empty() {
            write!(f, ": `{}`", self.subject)?;
        }
        write!(f, " {}", self.kind)
    }
}

/// The findings of one or more checks, each distinct finding with the number of its occurrences.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    findings: BTreeMap<Finding, usize>,
    beyond: usize,
    spans: usize,
    types: BTreeMap<String, usize>,
}

impl Report {
    pub(super) fn add(&mut self, finding: Finding) {
        if let Some(count) = self.findings.get_mut(&finding) {
            *count += 1;
        } else if self.findings.len() < MAX_FINDINGS {
            self.findings.insert(finding, 1);
        } else {
            self.beyond += 1;
        }
    }

    pub(super) fn add_span(&mut self, types: &[&str]) {
        self.spans += 1;
        for name in types {
            *self.types.entry((*name).to_owned()).or_default() += 1;
        }
    }

    /// Adds the findings of another report.
    pub fn merge(&mut self, other: Self) {
        for (finding, count) in other.findings {
            if let Some(present) = self.findings.get_mut(&finding) {
                *present += count;
            } else if self.findings.len() < MAX_FINDINGS {
                self.findings.insert(finding, count);
            } else {
                self.beyond += count;
            }
        }
        self.beyond += other.beyond;
        self.spans += other.spans;
        for (name, count) in other.types {
            *self.types.entry(name).or_default() += count;
        }
    }

    /// Returns the findings of at least this level, with the number of their occurrences.
    pub fn findings(&self, least: Level) -> impl Iterator<Item = (&Finding, usize)> {
        self.findings
            .iter()
            .filter(move |(finding, _)| finding.level >= least)
            .map(|(finding, count)| (finding, *count))
    }

    /// Returns the findings that violate the convention.
    pub fn violations(&self) -> impl Iterator<Item = &Finding> {
        self.findings(Level::Violation).map(|(finding, _)| finding)
    }

    /// Displays the findings of at least this level, one per line, after the number of spans.
    pub fn display(&self, least: Level) -> impl fmt::Display {
        DisplayFrom {
            report: self,
            least,
        }
    }

    /// Returns whether there are no violations.
    pub fn is_clean(&self) -> bool {
        self.violations().next().is_none() && self.beyond == 0
    }

    /// Returns the number of spans that were checked.
    pub fn spans(&self) -> usize {
        self.spans
    }

    /// Returns the span types that were seen, with the number of spans of each.
    pub fn types(&self) -> impl Iterator<Item = (&str, usize)> {
        self.types
            .iter()
            .map(|(name, count)| (name.as_str(), *count))
    }
}

impl fmt::Display for Report {
    /// Displays the improvements and violations, one per line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.display(Level::Improvement).fmt(f)
    }
}

struct DisplayFrom<'r> {
    report: &'r Report,
    least: Level,
}

impl fmt::Display for DisplayFrom<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        write!(f, "{} spans checked", report.spans)?;
        for (finding, count) in report.findings(self.least) {
            write!(f, "\n{finding}")?;
            if count > 1 {
                write!(f, " ({count} times)")?;
            }
        }
        if report.beyond > 0 {
            write!(f, "\nand {} more findings", report.beyond)?;
        }
        Ok(())
    }
}
