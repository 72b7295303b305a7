//! The relay's drivers: the configuration, the functions and the process, and what deploys them.

mod again;
mod batch;
mod driver;
pub(crate) mod spans;
mod templates;
mod yaml;
