//! OpenTelemetry attribute keys and typed attributes used by Lamplight, generated from a registry
