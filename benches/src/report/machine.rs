//! The machine and the date of a report.

use std::{
    path::Path,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use crate::process;

/// Processor, cores, memory.
pub(crate) fn hardware() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = field(&cpu, "model name").unwrap_or("unknown processor");
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes =
        field(&memory, "MemTotal").and_then(|total| total.split(' ').next()?.parse::<u64>().ok());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "{name}, {cores} cores, {} GiB",
        kilobytes.map_or("?".to_owned(), |kb| (kb >> 20).to_string())
    )
}

/// Kernel, architecture.
pub(crate) fn system() -> String {
    first_line("uname", &["-srm"])
}

/// The compiler.
pub(crate) fn compiler() -> String {
    first_line("rustc", &["--version"])
}

/// Returns the current commit, and whether there are changes. Files that a report itself writes do not count:
/// the report, its plots, and the lock files of rivals that follow the workspace.
pub(crate) fn commit(root: &Path) -> String {
    let root = &*root.to_string_lossy();
    let commit = first_line("git", &["-C", root, "rev-parse", "--short", "HEAD"]);
    let changes = first_line(
        "git",
        &[
            "-C",
            root,
            "status",
            "--porcelain",
            "--untracked-files=no",
            "--",
            ".",
            ":(exclude)benches/REPORT.md",
            ":(exclude)benches/plots",
            ":(exclude)benches/rivals/lamplight*/Cargo.lock",
        ],
    );
    let changed = !changes.is_empty() && changes != "unknown";
    if changed {
        format!("{commit} with changes")
    } else {
        commit
    }
}

/// Returns the number of processes ready to run, averaged over a minute.
pub(crate) fn load() -> f64 {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ')
        .next()
        .and_then(|load| load.parse().ok())
        .unwrap_or(0.0)
}

/// Today, in UTC.
pub(crate) fn today() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let (year, month, day) = civil(i64::try_from(seconds / 86_400).unwrap_or_default());
    format!("{year}-{month:02}-{day:02}")
}

/// Year, month and day of a day since 1970-01-01, in the proleptic Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Years begin in March here, so that the leap day is the last day of its year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines()
        .find_map(|line| line.strip_prefix(name)?.split_once(':'))
        .map(|(_, value)| value.trim())
}

fn first_line(program: &str, args: &[&str]) -> String {
    process::output(Command::new(program).args(args)).map_or("unknown".to_owned(), |output| {
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::civil;

    #[test]
    fn days_are_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(19_782), (2024, 2, 29));
        assert_eq!(civil(20_778), (2026, 11, 21));
    }
}
