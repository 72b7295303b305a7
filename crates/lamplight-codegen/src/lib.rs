//! Semantic conventions enforced by the compiler: a registry in YAML becomes typed Rust and a reference
//! document, and a checker verifies that recorded spans follow it.
//!
//! A registry is a folder of YAML files in the format of the OpenTelemetry registries, with a manifest:
//!
//! ```yaml
//! # semconv/shop.yaml
//! file_format: definition/2
//! attributes:
//!   - key: com.acme.shop.basket.size
//!     type: int
//!     stability: development
//!     brief: Things in the basket.
//!     examples: [3]
//! ```
//!
//! - In a build script, [`build`] generates Rust from it: `com::acme::shop::basket::SIZE`, a key for
//!   `tracing` macros, and `com::acme::shop::basket::size(3)`, a `KeyValue` that accepts only an integer.
//!   [`Registry::to_rust`] does the same for code that is committed, and so does the command `lamplight
//!   semconv generate`.
//! - [`Registry::load`] reads both forms of the format with dependencies, references, inheritance, imports
//!   and refinements, and reports every fault with its file, line, key and remedy.
//! - [`Registry::breaking_changes_since_release`] returns the changes that break users of a released version,
//!   and [`Registry::advice`] returns recommendations.
//! - [`Registry::to_markdown`] returns the reference document.
//! - [`Checker`] compares recorded spans with the registry; in tests, [`CheckingExporter`] does so on the way
//!   to the real exporter.
//!
//! # Supported registries
//!
//! Every definition that weaver 0.25 reads is either read or rejected with a reason:
//!
//! - Files of `file_format: definition/2`, `definition/1` and those without a format.
//! - Constructs of earlier versions that weaver itself no longer reads: `prefix` of groups and of references,
//!   `constraints`, `stability: deprecated` and `experimental`, `deprecated` as a text,
//!   `allow_custom_values`, groups without a type (spans), groups with the same name (one signal).
//! - All releases of the published conventions from 1.21.0 to 1.44.0, for code generation and for comparison.
//!
//! Some things that weaver reads are rejected: attributes that are defined twice, successors that are not
//! defined, names that cannot become Rust, enums whose members have different types, `?`, `[` and `{` in
//! patterns of imports, dependencies that are not folders, and registries that were resolved before they were
//! published. Bodies of events are checked, but not used. Names have at most 256 letters and 32 parts, files
//! at most 16 MiB.
//!
//! # Features
//!
//! - `sdk`: [`Checker::check`] for spans of `opentelemetry_sdk`, and [`CheckingExporter`].
//! - `otlp`: [`Checker::check_otlp_file`].

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(feature = "sdk", feature = "otlp")),
    allow(rustdoc::broken_intra_doc_links)
)]

mod advice;
mod build_script;
mod check;
mod compat;
mod conformance;
mod draft;
mod error;
mod generate;
mod load;
mod markdown;
mod model;
mod registry;
mod resolve;
mod suggest;
mod yaml;

pub use build_script::build;
#[cfg(feature = "sdk")]
pub use conformance::CheckingExporter;
#[cfg(feature = "otlp")]
pub use conformance::OtlpError;
pub use conformance::{
    Checker, Finding, FindingKind, Level, RecordedAttribute, RecordedSpan, Report,
};
pub use error::{Diagnostic, Error, Position};
pub use generate::RustSource;
pub use model::{
    Attribute, AttributeType, AttributeUse, Deprecation, Details, EnumType, Literal, Member,
    RequirementLevel, Signal, SpanKind, Stability, ValueType,
};
pub use registry::Registry;

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
