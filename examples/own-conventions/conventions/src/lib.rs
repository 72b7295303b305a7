//! Names that all services of Acme use in their traces.
//!
//! The build script makes all of this crate of `semconv/*.yaml`. Publish it to the company's own registry,
//! and let services depend on a version of it.
//!
//! ```
//! use acme_conventions::com::acme::order::{self, ComAcmeOrderChannel};
//!
//! let attributes = [order::id("A-1001"), order::channel(ComAcmeOrderChannel::Web)];
//! assert_eq!(attributes[1].key.as_str(), order::CHANNEL);
//! ```
//!
//! A value of a wrong type and an unknown name do not compile:
//!
//! ```compile_fail
//! acme_conventions::com::acme::order::total_cents("49.90");
//! ```
//!
//! ```compile_fail
//! println!("{}", acme_conventions::com::acme::order::TOTAL);
//! ```

include!(concat!(env!("OUT_DIR"), "/semconv.rs"));
