//! Semantic-convention registries: YAML to typed Rust, and a checker for recorded spans
