//! An AWS SDK configuration from a Lambda function's environment, and nothing else.
//!
//! ```
//! let config = lamplight_aws_config::sdk_config();
//! let events = aws_sdk_eventbridge::Client::new(&config);
//! ```
//!
//! * [`sdk_config`] reads what Lambda gives a function. It needs no `aws-config`, no files, no metadata
//!   service and no waiting.
//! * `load` (feature `chain`) reads what a machine has: profiles, single sign-on, a container's role. For programs
//!   that are no function.
//! * [`disconnect`] drops the connections of its clients, which do not survive a Lambda SnapStart snapshot.
//!
//! Nothing of Lamplight's instrumentation is in here: `lamplight-aws-sdk` adds spans and context to clients
//! of any configuration.

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
