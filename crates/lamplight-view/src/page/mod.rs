//! Pages: HTML and SVG made by pure functions over what a store answers.
//!
//! [`render`] makes the page of one [`View`], for a server; [`file()`] puts all of them into one file
//! that needs none. Text is escaped by construction, and a page needs nothing from any other host:
//! [`content_security_policy`] allows nothing else.

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
