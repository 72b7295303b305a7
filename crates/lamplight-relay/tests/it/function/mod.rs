//! The relay's drivers: the configuration, the functions and the process, and their deployment
//! templates.

mod again;
mod batch;
mod deployments;
mod driver;
pub(crate) mod spans;
mod templates;
mod yaml;
