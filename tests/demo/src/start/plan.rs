//! Estimate of how long a build goes on, by the size of the sources that are not compiled yet.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Cost of a crate besides that of its sources, in bytes of them.
const BASE: u64 = 30_000;
/// Cost of an executable, which is linked, in the same.
const LINKED: u64 = 1_000_000;
/// Part of the work after which its pace is known.
const KNOWN: f64 = 0.1;

/// A crate that is to be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Crate {
    name: String,
    version: String,
    size: u64,
}

impl Crate {
    /// Returns the crate of a line of `cargo tree`, such as `serde v1.0.229`, with so many `executables`. Its
    /// sources are in the folder that the line names, or in one of the `registries`.
    pub(super) fn of_tree(line: &str, executables: usize, registries: &[PathBuf]) -> Option<Self> {
        let (name, rest) = line.split_once(" v")?;
        let (version, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let path = rest
            .split_once("(/")
            .and_then(|(_, path)| path.split_once(')'));
        let folders = match path {
            Some((path, _)) => vec![Path::new("/").join(path)],
            None => registries
                .iter()
                .map(|registry| registry.join(format!("{name}-{version}")))
                .collect(),
        };
        let sources = folders.iter().map(|folder| sources(&folder.join("src")));
        Some(Self {
            name: name.to_owned(),
            version: version.to_owned(),
            size: BASE + LINKED * executables as u64 + sources.sum::<u64>(),
        })
    }

    /// Returns whether this is the crate with an id of cargo's: `…#serde@1.0.229`, or `…/serde#1.0.229`.
    fn is(&self, id: &str) -> bool {
        let Some((source, package)) = id.rsplit_once('#') else {
            return false;
        };
        let (name, version) = package
            .rsplit_once('@')
            .unwrap_or((source.rsplit('/').next().unwrap_or_default(), package));
        name == self.name && version == self.version
    }
}

/// Returns the bytes of Rust below a folder; none if it cannot be read.
fn sources(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => sources(&entry.path()),
            Ok(found) if entry.path().extension().is_some_and(|name| name == "rs") => found.len(),
            _ => 0,
        })
        .sum()
}

/// A build that is under way.
#[derive(Debug)]
pub(super) struct Progress {
    left: Vec<Crate>,
    crates: usize,
    size: u64,
    done: u64,
    begin: Instant,
    /// From the beginning to the crate that was finished last.
    lasted: Duration,
}

impl Progress {
    pub(super) fn new(crates: Vec<Crate>, begin: Instant) -> Self {
        Self {
            crates: crates.len(),
            size: crates.iter().map(|planned| planned.size).sum(),
            left: crates,
            done: 0,
            begin,
            lasted: Duration::ZERO,
        }
    }

    /// Counts a crate; one that was `fresh` was no work.
    pub(super) fn finish(&mut self, id: &str, fresh: bool, now: Instant) {
        let Some(index) = self.left.iter().position(|planned| planned.is(id)) else {
            return;
        };
        let finished = self.left.swap_remove(index);
        if fresh {
            self.crates -= 1;
            self.size -= finished.size;
        } else {
            self.done += finished.size;
            self.lasted = now.saturating_duration_since(self.begin);
        }
    }

    /// Returns the crates that were built.
    pub(super) fn built(&self) -> usize {
        self.crates - self.left.len()
    }

    /// Returns how long it has been going on.
    pub(super) fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.begin)
    }

    /// Returns how long it goes on, if enough is done to know the pace.
    pub(super) fn remaining(&self, now: Instant) -> Option<Duration> {
        let part = self.done as f64 / self.size as f64;
        let whole = Duration::try_from_secs_f64(self.lasted.as_secs_f64() / part).ok()?;
        (part >= KNOWN).then(|| whole.saturating_sub(self.age(now)))
    }

    /// Returns the line that tells how far it is.
    pub(super) fn line(&self, now: Instant) -> String {
        let counts = format!("building: {} of {} crates", self.built(), self.crates);
        match self.remaining(now) {
            Some(left) if left < Duration::from_secs(5) => format!("{counts}, a few seconds left"),
            Some(left) => format!("{counts}, about {} left", Rough(left)),
            None => counts,
        }
    }
}

/// A duration as people say it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rough(pub(super) Duration);

impl fmt::Display for Rough {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match (seconds / 60, seconds % 60) {
            (0, seconds) => write!(f, "{seconds} s"),
            (minutes, seconds) => write!(f, "{minutes} min {seconds} s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sized(name: &str, size: u64) -> Crate {
        Crate {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            size,
        }
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_line_of_the_tree_names_a_crate_and_its_sources() {
        let folder = env!("CARGO_MANIFEST_DIR");
        let own = format!("lamplight-demo v0.1.0 ({folder})");
        let own = Crate::of_tree(&own, 0, &[]).expect("a crate");
        assert!(own.size > BASE, "{own:?}");
        assert!(own.is("path+file:///tests/demo#lamplight-demo@0.1.0"));

        let missing = Crate::of_tree("serde_derive v1.0.229 (proc-macro)", 2, &[folder.into()]);
        let missing = missing.expect("a crate");
        assert_eq!(missing.size, BASE + 2 * LINKED);
        assert!(missing.is("registry+https://example.com/index#serde_derive@1.0.229"));
        assert!(!missing.is("registry+https://example.com/index#serde@1.0.229"));
        assert_eq!(Crate::of_tree("", 0, &[]), None);
    }

    #[test]
    fn a_package_in_a_folder_of_its_name_has_a_short_id() {
        assert!(sized("serde", 1).is("path+file:///crates/serde#1.0.0"));
        assert!(!sized("serde", 1).is("path+file:///crates/serde_json#1.0.0"));
    }

    #[test]
    fn the_rest_is_estimated_by_size_and_counted_down() {
        let begin = Instant::now();
        let crates = vec![
            sized("small", 100),
            sized("large", 900),
            sized("old", 9_000),
        ];
        let mut progress = Progress::new(crates, begin);
        progress.finish("/old#1.0.0", true, begin);
        assert_eq!(progress.remaining(begin), None);
        assert_eq!(progress.line(begin), "building: 0 of 2 crates");

        progress.finish("/small#1.0.0", false, begin + seconds(10));
        assert_eq!(progress.remaining(begin + seconds(10)), Some(seconds(90)));
        assert_eq!(
            progress.line(begin + seconds(30)),
            "building: 1 of 2 crates, about 1 min 10 s left"
        );
        let late = progress.line(begin + seconds(200));
        assert_eq!(late, "building: 1 of 2 crates, a few seconds left");
        // A second artifact of the same package.
        progress.finish("/small#1.0.0", false, begin + seconds(200));
        assert_eq!(progress.built(), 1);
    }
}
