//! A client span and W3C context for every AWS SDK for Rust call
