//! The content of pages about a journey.

mod golden;
mod properties;
mod shows;
mod support;
