//! Attribute keys, typed attributes and known values, generated from the registry in
//! `semconv/`.
//!
//! There is a module for every level of a key. It holds the key as a `&'static str`, which
//! `tracing` macros take too, a constructor that accepts only the right type, and, where the
//! convention lists the values, an enum of them:
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
//! A value of another type, a key that does not exist or a value that is not listed does not
//! compile, and a deprecated key is warned about with its successor:
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
//! The module `spans` has for every span Lamplight records a function that takes what its
//! convention requires; `semconv/README.md` is the reference of all of it.
//!
//! With the feature `descriptions` there is a sentence on every key, for programs that show
//! attributes to people.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "descriptions")]
pub mod descriptions;
mod generated;

pub use generated::*;

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
