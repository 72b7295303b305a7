//! An AWS on loopback: `ministack` from PyPI, which needs nothing but Python 3.
//!
//! Tests take [`LocalAws::shared`] and point the clients of the AWS SDK to its
//! [`endpoint`](LocalAws::endpoint). The functions that are deployed to it run as processes of this
//! machine, with the same endpoint in `AWS_ENDPOINT_URL`. The demo, whose server may outlive it,
//! takes the parts: [`install`] and [`Python::server`]. Tests that need another package of Python's
//! have it from [`install_packages`]. What there is no client of the SDK for goes through the `client`
//! (feature `client`).

#[cfg(feature = "client")]
pub mod client;
mod install;
mod server;

pub use install::{PACKAGE, Python, install, install_packages};
pub use server::{LocalAws, target};

/// What went wrong, in words for the one who runs the tests.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
