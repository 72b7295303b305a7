//! Pages: HTML and SVG made by pure functions over what a store answers.

pub mod time;
mod view;

pub use view::{Addresses, Scale, View, ViewError};
