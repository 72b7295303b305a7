//! The parsed text and the faults found in it.

use std::cell::{Cell, RefCell};

use crate::config::{
    environment::Lookup,
    fault::{Fault, Lines},
};

/// Maximum number of reported faults: a text that is not a configuration has one on each line.
const MOST_FAULTS: usize = 100;

/// The parsed text and the faults found in it.
pub(super) struct Document<'d> {
    lines: Lines<'d>,
    pub(super) lookup: &'d Lookup<'d>,
    /// True if each regular expression is checked on its own, to report which one is wrong. The
    /// compiled set reports only that one of them is, and compiling all of them twice would slow
    /// down a cold start.
    pub(super) is_each_regex_checked: bool,
    faults: RefCell<Vec<Fault>>,
    /// Number of faults beyond [`MOST_FAULTS`].
    more: Cell<usize>,
}

impl<'d> Document<'d> {
    pub(super) fn new(text: &'d str, lookup: &'d Lookup<'d>, is_each_regex_checked: bool) -> Self {
        Self {
            lines: Lines::new(text),
            lookup,
            is_each_regex_checked,
            faults: RefCell::default(),
            more: Cell::default(),
        }
    }

    /// Returns the faults, and the number of further faults that were not recorded.
    pub(super) fn into_faults(self) -> (Vec<Fault>, usize) {
        (self.faults.into_inner(), self.more.get())
    }

    /// Records a fault at a byte offset of the text.
    pub(super) fn fault(&self, at: usize, key: &str, problem: String, remedy: &str) {
        let mut faults = self.faults.borrow_mut();
        if faults.len() == MOST_FAULTS {
            return self.more.set(self.more.get().saturating_add(1));
        }
        let (line, column) = self.lines.position(at);
        faults.push(Fault {
            line,
            column,
            key: key.to_owned(),
            problem,
            remedy: remedy.to_owned(),
        });
    }
}
