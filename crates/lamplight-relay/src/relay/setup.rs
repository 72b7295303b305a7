//! Parts of a relay.

use std::sync::Arc;

use crate::{
    clean::Cleaner,
    rules::{Condition, Faults, Rule, Rules},
};

/// The data that one sink receives.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Lane {
    /// True if it receives spans.
    pub traces: bool,
    /// True if it receives metrics.
    pub metrics: bool,
    /// The kept traces that it receives; `None` for all.
    pub filter: Option<Filter>,
    /// Changes for this sink only.
    pub refine: Option<Cleaner>,
}

impl Lane {
    /// Returns a lane for all kept spans, unchanged.
    pub const fn all() -> Self {
        Self {
            traces: true,
            metrics: false,
            filter: None,
            refine: None,
        }
    }
}

/// A filter of the traces that a sink receives: those that meet a condition.
#[derive(Debug, Clone)]
pub struct Filter(Arc<Rules>);

impl Filter {
    /// Returns the filter of a condition.
    ///
    /// # Errors
    ///
    /// Returns an error if the condition is invalid.
    pub fn new(condition: Condition) -> Result<Self, Faults> {
        let rule = Rule::keep("filter", condition);
        let rules = Rules::builder().rule(rule).build()?;
        Ok(Self(Arc::new(rules)))
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.0
    }
}
