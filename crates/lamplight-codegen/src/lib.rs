//! Semantic-convention registries: from YAML to Rust that the compiler checks.

mod check;
mod error;
mod generate;
mod load;
mod model;
mod registry;
mod resolve;
mod yaml;

pub use error::{Diagnostic, Error, Position};
pub use generate::RustSource;
pub use model::{
    Attribute, AttributeType, AttributeUse, Deprecation, Details, EnumType, Literal, Member,
    RequirementLevel, Signal, SpanKind, Stability, ValueType,
};
pub use registry::Registry;
