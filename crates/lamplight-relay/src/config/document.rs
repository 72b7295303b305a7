//! What is read, and what is wrong with it.

use std::cell::{Cell, RefCell};

use crate::config::{
    environment::Lookup,
    fault::{Fault, Lines},
};

/// Most faults that are told: in what is no configuration at all each line has one.
const MOST_FAULTS: usize = 100;

/// What is read, and what has been found wrong with it.
pub(super) struct Document<'d> {
    lines: Lines<'d>,
    pub(super) lookup: &'d Lookup<'d>,
    /// Whether regular expressions are looked at one by one, to say which of them is wrong. What they are compiled
    /// into afterwards says only that one is, and to compile them twice would be felt at a cold start.
    pub(super) is_each_regex_checked: bool,
    faults: RefCell<Vec<Fault>>,
    /// How many more there were than are told.
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

    /// Returns what is wrong, and how much more there was than is told.
    pub(super) fn into_faults(self) -> (Vec<Fault>, usize) {
        (self.faults.into_inner(), self.more.get())
    }

    /// Notes a fault at a byte of the text.
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
