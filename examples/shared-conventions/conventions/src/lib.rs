//! What all services of Acme call things in their traces.
//!
//! Everything here is made of `semconv/*.yaml` when the crate is built, except `testing`. In
//! real life the crate is published to the company's own registry, and services depend on a
//! version of it as they do on any other crate.
//!
//! ```
//! use acme_conventions::com::acme::order::{self, ComAcmeOrderChannel};
//!
//! let attributes = [order::id("A-1001"), order::channel(ComAcmeOrderChannel::Web)];
//! assert_eq!(attributes[1].key.as_str(), order::CHANNEL);
//! ```
//!
//! A wrong type and an unknown name do not compile:
//!
//! ```compile_fail
//! acme_conventions::com::acme::order::total_cents("49.90");
//! ```
//!
//! ```compile_fail
//! println!("{}", acme_conventions::com::acme::order::TOTAL);
//! ```

include!(concat!(env!("OUT_DIR"), "/semconv.rs"));

#[cfg(feature = "testing")]
pub mod testing;
