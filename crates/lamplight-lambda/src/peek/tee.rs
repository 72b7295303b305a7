//! A serializer, and values, that note what passes at a place. How the serializer passes everything on is in
//! [`serializer`](super::serializer).

use std::collections::HashMap;

use serde::{Serialize, Serializer};
use serde_json::{Value, value::RawValue};

use super::watch::{Place, Watch};

/// Passes a value on to another serializer, and notes what is to be seen at this place.
pub(super) struct Tee<'w, 'n, S> {
    pub(super) inner: S,
    pub(super) at: Place,
    pub(super) watch: &'w Watch<'n>,
    /// The value is text of JSON, and not a string.
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

/// A value inside another one, whose serializer comes later.
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

/// The text of JSON that was written before.
pub(super) struct Json<'v, 'w, 'n, T: ?Sized>(pub(super) Watched<'v, 'w, 'n, T>);

impl<T: Serialize + ?Sized> Serialize for Json<'_, '_, '_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tee = Tee::new(serializer, self.0.at, self.0.watch);
        tee.is_json = true;
        self.0.value.serialize(tee)
    }
}

/// Reads JSON that was written before. Of a whole answer nothing is read but the members to look at.
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
