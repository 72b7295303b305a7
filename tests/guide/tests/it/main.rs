//! Links, commands and code blocks of what people read first.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod code;
mod commands;
mod cost;
mod links;
