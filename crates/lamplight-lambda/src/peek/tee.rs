//! A serializer and values that record what is passed at a place. The serializer passes everything on in
//! [`serializer`](super::serializer).

use std::collections::HashMap;

use serde::{Serialize, Serializer};
use serde_json::{Value, value::RawValue};

use super::watch::{Place, Watch};

/// A serializer that passes a value on to another one, and records it if its place is of interest.
pub(super) struct Tee<'w, 'n, S> {
    pub(super) inner: S,
    pub(super) at: Place,
    pub(super) watch: &'w Watch<'n>,
    /// True if the value is JSON text instead of a string.
    pub(super) is_json: bool,
}

impl<'w, 'n, S> Tee<'w, 'n, S> {
    pub(super) fn new(inner: S, at: Place, watch: &'w Watch<'n>) -> Self {
        Self {
            inner,
            at,
            watch,
            is_json: false,
        }
    }
}

/// A value inside another one, to be serialized later.
pub(super) struct Watched<'v, 'w, 'n, T: ?Sized> {
    pub(super) value: &'v T,
    pub(super) at: Place,
    pub(super) watch: &'w Watch<'n>,
}

impl<T: Serialize + ?Sized> Serialize for Watched<'_, '_, '_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value
            .serialize(Tee::new(serializer, self.at, self.watch))
    }
}

/// JSON text.
pub(super) struct Json<'v, 'w, 'n, T: ?Sized>(pub(super) Watched<'v, 'w, 'n, T>);

impl<T: Serialize + ?Sized> Serialize for Json<'_, '_, '_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tee = Tee::new(serializer, self.0.at, self.0.watch);
        tee.is_json = true;
        self.0.value.serialize(tee)
    }
}

/// Reads JSON text. Of a whole response, only the members of interest are read.
pub(super) fn read_json(watch: &Watch<'_>, at: Place, json: &str) {
    let Place::In(object) = at else {
        if let Ok(value) = serde_json::from_str::<Value>(json) {
            let value = &value;
            let watched = Watched { value, at, watch };
            let _ = serde_json::to_writer(std::io::sink(), &watched);
        }
        return;
    };
    if let Ok(members) = serde_json::from_str::<HashMap<String, &RawValue>>(json) {
        for (name, value) in members {
            if let Some(at) = watch.member(object, &name) {
                read_json(watch, at, value.get());
            }
        }
    }
}
