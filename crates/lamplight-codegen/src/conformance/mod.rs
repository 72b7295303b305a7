//! Comparison of recorded spans with a registry.

mod attribute;
mod checker;
mod definition;
#[cfg(feature = "otlp")]
mod otlp;
mod recorded;
mod report;
#[cfg(feature = "sdk")]
mod sdk;

pub use checker::Checker;
#[cfg(feature = "otlp")]
pub use otlp::OtlpError;
pub use recorded::{RecordedAttribute, RecordedSpan};
pub use report::{Finding, FindingKind, Level, Report};
#[cfg(feature = "sdk")]
pub use sdk::CheckingExporter;
