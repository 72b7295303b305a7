//! What goes out is what came in, but for what is to be cleaned.

mod bad_input;
mod corpus;
mod meaning;
mod model;
mod packing;
mod settings;
