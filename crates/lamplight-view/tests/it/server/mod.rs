//! The server as exporters and browsers see it.

mod guard;
mod live;
mod otlp;
mod pages;
mod rig;

pub(crate) use rig::{start, traces};
