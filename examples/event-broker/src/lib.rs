//! The demo of the event broker.
