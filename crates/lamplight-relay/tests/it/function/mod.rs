//! The relay's drivers: the configuration, the functions and the process, and what deploys them.

mod again;
mod batch;
mod driver;
mod spans;
mod templates;
mod yaml;
