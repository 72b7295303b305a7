//! Attribute keys, typed attributes and known values, generated from the registry in `semconv/`.
//!
//! There is a module for each level of a key. It has the key as a `&'static str`, which `tracing` macros
//! accept too, a constructor that accepts only the right type, and an enum if the convention lists the
//! values:
//!
//! ```
//! use lamplight_semconv::{app, faas, faas::FaasTrigger};
//!
//! let attributes = [
//!     faas::trigger(FaasTrigger::Pubsub),
//!     app::event::producer::application("iot"),
//! ];
//! assert_eq!(attributes[0].key.as_str(), faas::TRIGGER);
//! ```
//!
//! A value of another type, an unknown key or an unlisted value does not compile, and a deprecated key causes
//! a warning with its successor:
//!
//! ```compile_fail
//! lamplight_semconv::faas::coldstart("yes");
//! ```
//!
//! ```compile_fail
//! let _ = lamplight_semconv::faas::COLD_START;
//! ```
//!
//! ```compile_fail
//! #![deny(deprecated)]
//! let _ = lamplight_semconv::faas::EXECUTION;
//! ```
//!
//! The module `spans` has a function for each span that Lamplight records, which takes the attributes
//! required by the convention; `semconv/README.md` is the complete reference.
//!
//! With the feature `descriptions`, each key has a description, for programs that show attributes to people.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "descriptions")]
pub mod descriptions;
mod generated;

pub use generated::*;

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
