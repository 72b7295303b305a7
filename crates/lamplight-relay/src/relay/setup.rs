//! What a relay is made of.

use std::sync::Arc;

use crate::{
    clean::Cleaner,
    rules::{Condition, Faults, Rule, Rules},
};

/// What one sink is given.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Lane {
    /// Whether it is given spans.
    pub traces: bool,
    /// Whether it is given metrics.
    pub metrics: bool,
    /// Which kept traces it is given; all where there is none.
    pub filter: Option<Filter>,
    /// What is changed for it alone.
    pub refine: Option<Cleaner>,
}

impl Lane {
    /// Returns a lane for all kept spans, as they are.
    pub const fn all() -> Self {
        Self {
            traces: true,
            metrics: false,
            filter: None,
            refine: None,
        }
    }
}

/// The traces that a sink is given: those that meet a condition.
#[derive(Debug, Clone)]
pub struct Filter(Arc<Rules>);

impl Filter {
    /// Returns the filter of a condition.
    ///
    /// # Errors
    ///
    /// Where the condition is wrong.
    pub fn new(condition: Condition) -> Result<Self, Faults> {
        let rule = Rule::keep("filter", condition);
        let rules = Rules::builder().rule(rule).build()?;
        Ok(Self(Arc::new(rules)))
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.0
    }
}
