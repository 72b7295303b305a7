//! What the pages about a journey show.

mod golden;
mod properties;
mod shows;
mod support;
