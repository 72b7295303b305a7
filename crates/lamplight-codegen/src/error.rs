//! Faults of registries, each with a remedy.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The maximum number of faults reported for a registry; a file could contain millions.
pub(crate) const MAX_FAULTS: usize = 1_000;

/// A place in a registry file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Position {
    /// The file, with its path as derived from the path given for the registry.
    pub file: Arc<Path>,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

/// A fault of a registry, a breaking change, or a recommendation: its place, the problem and the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Its place, or the former place of a removed name.
    pub position: Position,
    /// The attribute, enum member, signal or file concerned; empty if there is no name.
    pub subject: String,
    /// The problem.
    pub problem: String,
    /// The remedy.
    pub remedy: String,
}

impl Diagnostic {
    pub(crate) fn new(
        position: Position,
        subject: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            position,
            subject: subject.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.position)?;
        if !self.subject.is_empty() {
            write!(f, "`{}`: ", self.subject)?;
        }
        write!(f, "{}; {}", self.problem, self.remedy)
    }
}

/// The error for a registry that cannot be loaded, or whose code cannot be written.
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read.
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// A file could not be written.
    Write {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The registry has faults, listed in the order of its files.
    Invalid(Vec<Diagnostic>),
}

impl Error {
    /// Returns the faults of the registry; empty if the error concerns files.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match self {
            Self::Invalid(diagnostics) => diagnostics,
            Self::Read { .. } | Self::Write { .. } => &[],
        }
    }
}

/// The same text as [`Display`](fmt::Display), because Cargo shows it when a build script returns the error.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        match std::error::Error::source(self) {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, .. } => write!(f, "cannot read {}", path.display()),
            Self::Write { path, .. } => write!(f, "cannot write {}", path.display()),
            Self::Invalid(diagnostics) => {
                let plural = if diagnostics.len() == 1 { "" } else { "s" };
                write!(f, "{} fault{plural} in the registry", diagnostics.len())?;
                for diagnostic in diagnostics {
                    write!(f, "\n{diagnostic}")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read { source, .. } | Self::Write { source, .. } => Some(source),
            Self::Invalid(_) => None,
        }
    }
}
