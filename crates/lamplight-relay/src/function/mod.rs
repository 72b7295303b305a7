//! The relay as a function behind an event source mapping.

mod event;

pub use self::event::Batch;
