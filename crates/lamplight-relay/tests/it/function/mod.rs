//! The relay's drivers: the configuration, the functions and the process, and what deploys them.

mod batch;
mod spans;
mod templates;
mod yaml;
