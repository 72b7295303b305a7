//! A part of the report.

use std::fmt::{Display, Write};

use crate::bench::Bench;

/// A part of the report, as Markdown.
#[derive(Debug, Default)]
pub(crate) struct Section {
    pub(crate) title: &'static str,
    /// The text below the title.
    pub(crate) text: String,
    /// The budgets measured in this section.
    pub(crate) budgets: Vec<Budget>,
    /// Bar charts of it.
    pub(crate) plots: Vec<crate::plot::Plot>,
}

impl Section {
    /// Returns a section that could not be measured.
    pub(crate) fn failed(bench: &Bench, name: &'static str, error: impl Display) -> Self {
        Self {
            title: name,
            text: format!("Not measured: {}.\n", reason(bench, error)),
            ..Self::default()
        }
    }
}

/// A budget, and the measurement.
#[derive(Debug)]
pub(crate) struct Budget {
    /// The subject.
    pub(crate) what: &'static str,
    /// The bound, in words.
    pub(crate) bound: &'static str,
    /// The measurement, in words.
    pub(crate) measured: String,
    /// True if it is met.
    pub(crate) met: bool,
    /// The reason if not, or the limitations of the figure. May be empty.
    pub(crate) note: String,
}

/// A Markdown table, grown row by row.
#[derive(Debug)]
pub(crate) struct Table(String);

impl Table {
    /// A table with these column headings; all but the first column are right-aligned.
    pub(crate) fn new(columns: &[&str]) -> Self {
        let mut table = Self(String::new());
        table.row(columns);
        let rule = columns.iter().enumerate();
        table.row(
            &rule
                .map(|(index, _)| if index == 0 { "---" } else { "---:" })
                .collect::<Vec<_>>(),
        );
        table
    }

    /// A table of text, left-aligned.
    pub(crate) fn of_text(columns: &[&str]) -> Self {
        let mut table = Self(String::new());
        table.row(columns);
        table.row(&vec!["---"; columns.len()]);
        table
    }

    /// Adds a row.
    pub(crate) fn row<T: AsRef<str>>(&mut self, cells: &[T]) {
        for cell in cells {
            let _ = write!(self.0, "| {} ", cell.as_ref());
        }
        self.0.push_str("|\n");
    }

    /// The Markdown.
    pub(crate) fn finish(self) -> String {
        self.0
    }
}

/// Returns an error for the report: its first line, without the folders of this machine.
pub(crate) fn reason(bench: &Bench, error: impl Display) -> String {
    let error = error.to_string();
    bench.say(&error);
    let first = error.lines().next().unwrap_or_default();
    first.replace(&format!("{}/", bench.root.display()), "")
}

/// Returns the entry with the minimum, as in ` Least memory: bare.`, or an empty string without measurements.
pub(crate) fn least<'a>(
    what: &str,
    values: impl Iterator<Item = (&'a str, Option<f64>)>,
) -> String {
    let values = values.filter_map(|(name, value)| Some((name, value?)));
    let best = values.min_by(|(_, a), (_, b)| a.total_cmp(b));
    best.map_or_else(String::new, |(name, _)| format!(" {what}: {name}."))
}

/// A number with thin thousands: `12 345`.
pub(crate) fn thousands(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    if number < 0.0 && digits != "0" {
        grouped.insert(0, '-');
    }
    grouped
}
