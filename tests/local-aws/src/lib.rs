//! An AWS on loopback: `ministack` from PyPI, which requires only Python 3.
//!
//! Tests use [`LocalAws::shared`] and configure the clients of the AWS SDK with its
//! [`endpoint`](LocalAws::endpoint). The functions deployed to it run as processes of this machine, with the
//! same endpoint in `AWS_ENDPOINT_URL`. The demo, whose server may outlive it, uses the parts: [`install`]
//! and [`Python::server`]. Tests that need another Python package use [`install_packages`]. For services
//! without an SDK client, there is the `client` (feature `client`).

#[cfg(feature = "client")]
pub mod client;
mod install;
mod server;

pub use install::{PACKAGE, Python, install, install_packages};
pub use server::{LocalAws, target};

/// An error, with a message for the person who runs the tests.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
