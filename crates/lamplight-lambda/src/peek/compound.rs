//! Serializers of lists and objects that pass everything on.

use serde::{
    Serialize,
    ser::{SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, SerializeTupleStruct},
};

use super::{
    tee::{Json, Watched},
    watch::{Place, Watch},
};

/// The elements of a list, or of a tuple, which JSON represents as a list.
pub(super) struct List<'w, 'n, I> {
    inner: I,
    at: Place,
    watch: &'w Watch<'n>,
}

impl<'w, 'n, I> List<'w, 'n, I> {
    pub(super) fn new(inner: I, at: Place, watch: &'w Watch<'n>) -> Self {
        watch.list(at);
        Self { inner, at, watch }
    }
}

/// Implements one of serde's traits for lists.
macro_rules! list {
    ($($name:ident::$method:ident),*) => {
        $(impl<I: $name> $name for List<'_, '_, I> {
            type Ok = I::Ok;
            type Error = I::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), I::Error> {
                let watch = self.watch;
                let Some(at) = Watch::element(self.at) else {
                    return self.inner.$method(value);
                };
                let result = self.inner.$method(&Watched { value, at, watch });
                watch.end_element(self.at);
                result
            }

            fn end(self) -> Result<I::Ok, I::Error> {
                self.inner.end()
            }
        })*
    };
}

list! {
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field
}

/// The members of a map or a struct.
pub(super) struct Members<'w, 'n, I> {
    inner: I,
    at: Place,
    watch: &'w Watch<'n>,
    /// The place of the value whose key was written last.
    next: Option<Place>,
    /// Set if the only member is text that represents this object; true if that text is JSON.
    text: Option<bool>,
}

impl<'w, 'n, I> Members<'w, 'n, I> {
    pub(super) fn new(inner: I, at: Place, watch: &'w Watch<'n>) -> Self {
        watch.other(at);
        Self {
            inner,
            at,
            watch,
            next: None,
            text: None,
        }
    }

    /// Returns the members of a value that `serde_json` passes as a struct, and writes as the text in its
    /// only member.
    pub(super) fn text(inner: I, at: Place, watch: &'w Watch<'n>, is_json: bool) -> Self {
        Self {
            inner,
            at,
            watch,
            next: None,
            text: Some(is_json),
        }
    }

    fn member(&self, name: &str) -> Option<Place> {
        match self.at {
            Place::In(object) => self.watch.member(object, name),
            _ => None,
        }
    }
}

impl<I: SerializeStruct> SerializeStruct for Members<'_, '_, I> {
    type Ok = I::Ok;
    type Error = I::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), I::Error> {
        let watch = self.watch;
        let at = match self.text {
            Some(_) => Some(self.at),
            None => self.member(name),
        };
        let Some(at) = at else {
            return self.inner.serialize_field(name, value);
        };
        let value = Watched { value, at, watch };
        match self.text {
            Some(true) => self.inner.serialize_field(name, &Json(value)),
            _ => self.inner.serialize_field(name, &value),
        }
    }

    fn skip_field(&mut self, name: &'static str) -> Result<(), I::Error> {
        self.inner.skip_field(name)
    }

    fn end(self) -> Result<I::Ok, I::Error> {
        self.inner.end()
    }
}

impl<I: SerializeMap> SerializeMap for Members<'_, '_, I> {
    type Ok = I::Ok;
    type Error = I::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), I::Error> {
        let watch = self.watch;
        let Place::In(object) = self.at else {
            return self.inner.serialize_key(key);
        };
        watch.next.set(None);
        let (value, at) = (key, Place::Key(object));
        let result = self.inner.serialize_key(&Watched { value, at, watch });
        self.next = watch.next.take();
        result
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), I::Error> {
        let watch = self.watch;
        match self.next.take() {
            Some(at) => self.inner.serialize_value(&Watched { value, at, watch }),
            None => self.inner.serialize_value(value),
        }
    }

    fn end(self) -> Result<I::Ok, I::Error> {
        self.inner.end()
    }
}
