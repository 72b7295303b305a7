//! Semantic-convention registries: from YAML to Rust that the compiler checks.

mod error;
mod generate;
mod load;
mod model;
mod registry;
mod yaml;

pub use error::{Diagnostic, Error, Position};
pub use generate::RustSource;
pub use model::{
    Attribute, AttributeType, Deprecation, EnumType, Literal, Member, Stability, ValueType,
};
pub use registry::Registry;
