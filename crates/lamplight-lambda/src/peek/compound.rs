//! Lists and objects that pass everything on.

use super::serializer::Watched;
use super::{Place, Watch};
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, SerializeStruct};

pub(super) struct List<'w, 'n, I> {
    inner: I,
    at: Place,
    watch: &'w Watch<'n>,
    length: usize,
}

impl<'w, 'n, I> List<'w, 'n, I> {
    pub(super) fn new(inner: I, at: Place, watch: &'w Watch<'n>) -> Self {
        Self {
            inner,
            at,
            watch,
            length: 0,
        }
    }
}

impl<I: SerializeSeq> SerializeSeq for List<'_, '_, I> {
    type Ok = I::Ok;
    type Error = I::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), I::Error> {
        self.length += 1;
        let watch = self.watch;
        match Watch::element(self.at) {
            Some(at) => self.inner.serialize_element(&Watched { value, at, watch }),
            None => self.inner.serialize_element(value),
        }
    }

    fn end(self) -> Result<I::Ok, I::Error> {
        self.watch.list(self.at, self.length);
        self.inner.end()
    }
}

/// The members of a map or a struct.
pub(super) struct Members<'w, 'n, I> {
    inner: I,
    at: Place,
    watch: &'w Watch<'n>,
    /// Where the value goes whose key was written last.
    next: Option<Place>,
}

impl<'w, 'n, I> Members<'w, 'n, I> {
    pub(super) fn new(inner: I, at: Place, watch: &'w Watch<'n>) -> Self {
        Self {
            inner,
            at,
            watch,
            next: None,
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
        match watch.member(self.at, name) {
            Some(at) => {
                let value = Watched { value, at, watch };
                self.inner.serialize_field(name, &value)
            }
            None => self.inner.serialize_field(name, value),
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
        let Some(at) = self.at.keys() else {
            return self.inner.serialize_key(key);
        };
        watch.next.set(None);
        let value = key;
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
