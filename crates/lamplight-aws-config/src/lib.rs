//! An AWS SDK configuration from a Lambda function's environment variables.
//!
//! ```
//! let config = lamplight_aws_config::sdk_config();
//! let events = aws_sdk_eventbridge::Client::new(&config);
//! ```
//!
//! * [`sdk_config`] reads the variables that Lambda sets. It needs no `aws-config`, no files, no metadata
//!   service and no waiting.
//! * `load` (feature `chain`) reads the configuration of a machine: profiles, single sign-on, a container's
//!   role. It is for programs other than functions.
//! * [`disconnect`] drops the connections of its clients, which do not survive a Lambda SnapStart snapshot.
//!
//! The crate has no instrumentation: `lamplight-aws-sdk` adds spans and context propagation to clients of any
//! configuration.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "chain")]
mod chain;
mod config;
mod connections;
mod credentials;

#[cfg(feature = "chain")]
pub use chain::load;
pub use config::sdk_config;
pub use connections::disconnect;

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
