//! The local server: OTLP in, pages out.
