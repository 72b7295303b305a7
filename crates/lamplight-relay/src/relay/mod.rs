//! The relay, put together: a [`Core`] without I/O, and a driver around it.

pub mod log;

mod core;
mod setup;

pub use self::{
    core::{Core, Delivery, TraceDelivery},
    setup::{Filter, Lane},
};
