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
//! A value of another type, a key that does not exist or a value no one listed does not
//! compile:
//!
//! ```compile_fail
//! lamplight_semconv::faas::coldstart("yes");
//! ```

mod generated;

pub use generated::*;
