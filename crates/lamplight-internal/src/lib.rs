//! An implementation detail of the Lamplight crates.
//!
//! **Nothing here is a public interface**: every item may change or go in any release, patch releases
//! included, and each Lamplight crate works with the version of this one that was released with it. Depend
//! on `lamplight` instead.
//!
//! * [`circuit_breaker`] says when to leave a destination alone.
//! * [`diagnostics`] writes Lamplight's log lines about itself, each cause once in a process.
//! * [`environment`] reads environment variables.
//! * [`names`] has the error of an unknown name.
//! * [`sync`] locks a mutex whatever happened to another holder.
//! * `within` waits as long as somebody waits (feature `tokio`).

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod circuit_breaker;
pub mod diagnostics;
pub mod environment;
pub mod names;
pub mod sync;
#[cfg(feature = "tokio")]
pub mod within;
