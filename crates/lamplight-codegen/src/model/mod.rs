//! The data of a registry that has been read.

mod attribute;
mod literal;
mod signal;

pub use attribute::{
    Attribute, AttributeType, Deprecation, EnumType, Member, Stability, ValueType,
};
pub use literal::Literal;
pub(crate) use literal::{code_generation, is_private};
pub use signal::{AttributeUse, Details, RequirementLevel, Signal, SpanKind};
