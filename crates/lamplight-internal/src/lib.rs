//! An implementation detail of the Lamplight crates.
//!
//! **Nothing here is a public interface**: every item may change or be removed in any release, including
//! patch releases, and each Lamplight crate works only with the version of this one that was released with
//! it. Depend on `lamplight` instead.
//!
//! * [`circuit_breaker`] pauses attempts to reach a destination that does not respond.
//! * [`diagnostics`] writes Lamplight's log lines about itself, each cause once per process.
//! * [`environment`] reads environment variables.
//! * [`names`] defines errors for unknown names.
//! * [`sync`] locks a mutex even if it is poisoned.
//! * `within` is a timeout that stops while nothing polls it (feature `tokio`).

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod circuit_breaker;
pub mod diagnostics;
pub mod environment;
pub mod names;
pub mod sync;
#[cfg(feature = "tokio")]
pub mod within;
