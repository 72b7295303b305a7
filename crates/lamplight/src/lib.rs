//! OpenTelemetry for Rust on AWS Lambda: whole traces, typed conventions, exports the caller never waits for
