// Generated from a registry of semantic conventions: change that, not this.

pub mod app;
pub mod aws;
pub mod client;
pub mod cloud;
pub mod code;
pub mod db;
pub mod deployment;
pub mod error;
pub mod events;
pub mod exception;
pub mod faas;
pub mod http;
pub mod lamplight;
pub mod messaging;
pub mod metrics;
pub mod network;
pub mod otel;
pub mod rpc;
pub mod server;
pub mod service;
pub mod span;
pub mod spans;
pub mod status;
pub mod telemetry;
pub mod url;
pub mod user_agent;

/// Schema URL of the names, for the scope of a tracer.
pub const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.44.0";
