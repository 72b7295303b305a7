//! Traces across functions, queues and streams, as something to look at.
//!
//! OTLP comes in from anywhere ([`read`]), is kept in a [`store`], becomes a [`journey`] (which
//! parent, which link, which message, which attempt, which wait), and is drawn by pure functions as
//! [`page`]s: HTML and SVG without a request to any other host. With the feature `server` a local
//! [`server`] shows them while they come.
//!
//! The module [`span`] has a span as everything here sees it, and [`facts`] what a span says about
//! functions and messages.

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
