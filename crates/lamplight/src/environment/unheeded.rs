//! Variables that are set but have no effect, reported at the start in one line per kind.

use lamplight_internal::diagnostics::warn_once;

use super::{
    Environment,
    variables::{CONFIG_FILE, OLD_CONFIG_FILE, Support, TABLE, Variable},
};

/// The maximum number of names in one line.
const MOST: usize = 12;

/// The maximum edit distance of a misspelled name.
const SLIP: usize = 2;

impl Environment<'_> {
    /// Reports variables that are set but have no effect.
    pub(crate) fn say_unheeded(&self) {
        let unsupported = self.unsupported();
        if !unsupported.is_empty() {
            warn_once("not-supported", || {
                format!(
                    "set but not supported, and without effect: {}; take them out, or see the table in \
                     the documentation of the crate lamplight",
                    listed(&unsupported)
                )
            });
        }
        self.say_slips();
    }

    /// Reports probably misspelled names, even if nothing is exported, because one may be the reason.
    pub(crate) fn say_slips(&self) {
        let unknown = self.unknown();
        if !unknown.is_empty() {
            warn_once("unknown-variables", || {
                format!(
                    "set but not known, and without effect: {}",
                    listed(&unknown)
                )
            });
        }
    }

    /// Reports a declarative configuration, which is not supported. It would replace all variables, including
    /// those that turn telemetry off.
    ///
    /// Specification:
    /// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#declarative-configuration>.
    pub(crate) fn say_config_file(&self) {
        for name in [CONFIG_FILE, OLD_CONFIG_FILE] {
            if self.get(name).is_some() {
                warn_once("config-file", || {
                    format!(
                        "{name} is set, and the file is NOT READ: Lamplight has no declarative \
                         configuration, and telemetry is set up as the other variables say; set these, \
                         and take {name} out"
                    )
                });
            }
        }
    }

    /// Returns the variables that are set but not supported, with the alternatives.
    pub(super) fn unsupported(&self) -> Vec<String> {
        let asks = |variable: &'static Variable| {
            let Support::Not { asks, instead } = variable.support else {
                return None;
            };
            let mut names = variable.names.iter();
            let name =
                names.find(|name| self.get(name).is_some() && asks(&self.variables, name))?;
            Some((*name, instead))
        };
        let mut said: Vec<(&str, Vec<&str>)> = Vec::new();
        for (name, instead) in TABLE.iter().filter_map(asks) {
            if [CONFIG_FILE, OLD_CONFIG_FILE].contains(&name) {
                continue;
            }
            match said.iter_mut().find(|(known, _)| *known == instead) {
                Some((_, names)) => names.push(name),
                None => said.push((instead, vec![name])),
            }
        }
        let line = |(instead, names): &(&str, Vec<&str>)| {
            format!("{} ({})", names.join(", "), instead.replace('`', ""))
        };
        said.iter().map(line).collect()
    }

    /// Returns names that are almost certainly misspelled: any unknown name of Lamplight, and any unknown
    /// name of OpenTelemetry that is close to a known one. Others may be for agents of other languages.
    pub(super) fn unknown(&self) -> Vec<String> {
        let known = || TABLE.iter().flat_map(|variable| variable.names);
        let line = |name: &String| {
            let nearest = known()
                .map(|known| (distance(name, known), known))
                .min_by_key(|(distance, _)| *distance);
            match nearest {
                Some((0, _)) => None,
                Some((1..=SLIP, known)) => Some(format!("{name} (is {known} meant?)")),
                _ if name.starts_with("LAMPLIGHT_") => Some(name.clone()),
                _ => None,
            }
        };
        let names = self.names.iter();
        let set = names.filter(|name| self.get(name).is_some());
        set.filter_map(line).collect()
    }
}

/// Returns the items as a list, truncated if it is long.
fn listed(items: &[String]) -> String {
    let shown: Vec<&str> = items.iter().take(MOST).map(String::as_str).collect();
    match items.len().checked_sub(MOST) {
        Some(more @ 1..) => format!("{}; and {more} more", shown.join("; ")),
        _ => shown.join("; "),
    }
}

/// Returns the edit distance (Levenshtein), or a number greater than [`SLIP`] if the distance is greater.
fn distance(a: &str, b: &str) -> usize {
    if a.len().abs_diff(b.len()) > SLIP {
        return SLIP + 1;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in (1..).zip(a.bytes()) {
        let (mut diagonal, mut left) = (i - 1, i);
        for (cell, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let above = *cell;
            *cell = (diagonal + usize::from(x != y))
                .min(above + 1)
                .min(left + 1);
            (diagonal, left) = (above, *cell);
        }
        if let Some(first) = row.first_mut() {
            *first = i;
        }
    }
    row.last().copied().unwrap_or_default()
}
