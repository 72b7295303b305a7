//! Pages: HTML and SVG made by pure functions from the results of a store.
//!
//! [`render`] returns the page of one [`View`], for a server; [`file()`] returns all of them in one
//! file, which needs no server. Text is escaped by construction. A page requests nothing from any
//! other host, and [`content_security_policy`] forbids it.

mod assets;
mod differences;
mod file;
mod functions;
mod invocations;
mod journeys;
mod layout;
mod map;
mod parts;
mod render;
mod site;
#[cfg(test)]
mod tests;
mod text;
pub mod time;
pub mod trace;
mod traces;
mod view;

pub use assets::content_security_policy;
pub use file::{FileSettings, file};
pub use render::{failure, render};
pub use site::{Page, Site};
pub use view::{Addresses, Scale, View, ViewError};
