//! Construction of rules, and their faults.

use std::{collections::BTreeSet, error::Error, fmt};

use super::{
    compile::{Compiler, Effect},
    program::Rules,
    rule::Rule,
    verdict::RuleId,
};

/// Maximum number of rules.
const MAX_RULES: usize = 1000;

/// Maximum length of a rule's name, in bytes.
const MAX_NAME: usize = 200;

/// A builder of [`Rules`].
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct RulesBuilder {
    rules: Vec<Rule>,
}

impl Rules {
    /// Returns a builder without rules.
    pub fn builder() -> RulesBuilder {
        RulesBuilder::default()
    }
}

impl RulesBuilder {
    /// Adds a rule. The order of rules only determines which one is reported if several have the
    /// same threshold.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Adds rules.
    pub fn rules(mut self, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.rules.extend(rules);
        self
    }

    /// Returns the rules.
    ///
    /// # Errors
    ///
    /// Returns all faults of the rules: missing or duplicate names, more than 1000 rules, more than
    /// 64 different conditions in total, invalid fractions, regular expressions that are invalid or
    /// too large, and empty ranges.
    pub fn build(self) -> Result<Rules, Faults> {
        let mut faults = Vec::new();
        if self.rules.len() > MAX_RULES {
            let problem = format!(
                "there are {} rules, but at most {MAX_RULES} are allowed",
                self.rules.len()
            );
            return Err(Faults(vec![Fault {
                rule: None,
                problem,
            }]));
        }
        let mut compiler = Compiler::default();
        let mut names = BTreeSet::new();
        for (index, rule) in self.rules.iter().enumerate() {
            let mut problems = compiler.rule(rule);
            if rule.name.is_empty() {
                problems.push("it has no name".to_owned());
            } else if rule.name.len() > MAX_NAME {
                problems.push(format!("its name is longer than {MAX_NAME} bytes"));
            } else if !names.insert(&rule.name) {
                problems.push("another rule has the same name".to_owned());
            }
            let rule = (index, &rule.name);
            faults.extend(problems.into_iter().map(|problem| Fault {
                rule: Some((rule.0, rule.1.clone())),
                problem,
            }));
        }
        if !faults.is_empty() {
            return Err(Faults(faults));
        }
        let program = compiler.program;
        let numbered = (0..).zip(&program.rules);
        let drops = numbered
            .filter(|(_, rule)| rule.effect == Effect::Drop)
            .map(|(index, _)| RuleId::new(index))
            .collect();
        let asks_resources = program.resource.leaves() != 0 || program.resource.has_slots();
        Ok(Rules {
            program,
            drops,
            asks_resources,
        })
    }
}

/// A fault of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    rule: Option<(usize, String)>,
    problem: String,
}

impl Fault {
    /// Returns the index of the rule, starting at 0; `None` if the fault concerns all rules.
    pub fn index(&self) -> Option<usize> {
        self.rule.as_ref().map(|(index, _)| *index)
    }

    /// Returns the problem and its remedy.
    pub fn problem(&self) -> &str {
        &self.problem
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rule {
            Some((index, name)) if name.is_empty() => write!(f, "rule {}: ", index + 1)?,
            Some((_, name)) => write!(f, "rule `{name}`: ")?,
            None => {}
        }
        f.write_str(&self.problem)
    }
}

/// All faults of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Returns the faults, in the order of the rules.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.0.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl Error for Faults {}
