//! The server from the perspective of exporters and browsers.

mod guard;
mod live;
mod otlp;
mod pages;
mod rig;

pub(crate) use rig::{start, traces};
