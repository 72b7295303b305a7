//! W3C trace context and baggage in and out of every AWS Lambda event envelope
