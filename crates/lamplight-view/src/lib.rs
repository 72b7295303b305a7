//! Display of traces across functions, queues and streams.
//!
//! OTLP from any source ([`read`]) is kept in a [`store`] and assembled to a [`journey`]: spans
//! joined by parents, links, messages, attempts and waits. Pure functions draw it as [`page`]s: HTML
//! and SVG that request nothing from any other host.
//!
//! | feature | for |
//! |---|---|
//! | `server` | a local [`server`] that shows spans as they arrive |
//! | `clickhouse` | a [`store`] in the OpenTelemetry tables of ClickHouse |
//!
//! The module [`span`] contains the data model of a span, and [`facts`] the facts about functions
//! and messages in it.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod facts;
pub mod journey;
pub mod page;
pub mod read;
#[cfg(feature = "server")]
pub mod server;
pub mod span;
pub mod store;

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
