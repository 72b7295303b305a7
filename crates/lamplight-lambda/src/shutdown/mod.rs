//! The end of the environment.

mod extension;
#[cfg(unix)]
mod sigterm;

#[cfg(unix)]
pub(crate) use sigterm::Sigterm;

use std::time::Duration;

/// How long the flush on SIGTERM may take: 400 ms.
///
/// Lambda kills the process 500 ms after the signal, or 300 ms after it where the function has an
/// external extension too. To stop sooner for the sake of those would deliver less and save nothing.
pub const SHUTDOWN_BUDGET: Duration = Duration::from_millis(400);
