//! `cargo demo`: the event broker on a local AWS, and the trace of every order.
//!
//! The starter, [`start`], has hardly a dependency: it installs the local AWS and builds the functions and the
//! runner at the same time, and shows how far it is. The runner, `run` (feature `runner`), does the rest.

mod error;
mod options;
mod processes;
#[cfg(feature = "runner")]
pub mod run;
pub mod start;

pub use error::{Error, Result};
pub use options::{Command, Functions, HELP, Options};

use std::time::Duration;

/// Longest run of one command of an installer; 3 to 40 s is usual.
const INSTALL_LIMIT: Duration = Duration::from_secs(300);
