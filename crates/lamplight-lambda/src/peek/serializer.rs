//! The serializer that passes everything on.

use super::compound::{List, Members};
use super::{Place, Watch};
use serde::{Serialize, Serializer};
use std::fmt::Display;

/// Passes a value on to another serializer, and notes what is to be seen at this place.
pub(super) struct Tee<'w, 'n, S> {
    inner: S,
    at: Place,
    watch: &'w Watch<'n>,
}

impl<'w, 'n, S> Tee<'w, 'n, S> {
    pub(super) fn new(inner: S, at: Place, watch: &'w Watch<'n>) -> Self {
        Self { inner, at, watch }
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

macro_rules! numbers {
    ($($method:ident($number:ty)),*) => {
        $(fn $method(self, value: $number) -> Result<S::Ok, S::Error> {
            self.watch.number(self.at, value.try_into().ok());
            self.inner.$method(value)
        })*
    };
}

/// Nothing is to be seen in what goes on like this.
macro_rules! passed_on {
    ($($method:ident($($name:ident: $argument:ty),*) -> $ok:ty;)*) => {
        $(fn $method(self, $($name: $argument),*) -> Result<$ok, S::Error> {
            self.inner.$method($($name),*)
        })*
    };
}

impl<'w, 'n, S: Serializer> Serializer for Tee<'w, 'n, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = List<'w, 'n, S::SerializeSeq>;
    type SerializeTuple = S::SerializeTuple;
    type SerializeTupleStruct = S::SerializeTupleStruct;
    type SerializeTupleVariant = S::SerializeTupleVariant;
    type SerializeMap = Members<'w, 'n, S::SerializeMap>;
    type SerializeStruct = Members<'w, 'n, S::SerializeStruct>;
    type SerializeStructVariant = S::SerializeStructVariant;

    numbers!(
        serialize_i8(i8),
        serialize_i16(i16),
        serialize_i32(i32),
        serialize_i64(i64),
        serialize_i128(i128),
        serialize_u8(u8),
        serialize_u16(u16),
        serialize_u32(u32),
        serialize_u64(u64),
        serialize_u128(u128)
    );

    passed_on! {
        serialize_bool(value: bool) -> S::Ok;
        serialize_f32(value: f32) -> S::Ok;
        serialize_char(value: char) -> S::Ok;
        serialize_bytes(value: &[u8]) -> S::Ok;
        serialize_none() -> S::Ok;
        serialize_unit() -> S::Ok;
        serialize_unit_struct(name: &'static str) -> S::Ok;
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str) -> S::Ok;
        serialize_tuple(length: usize) -> S::SerializeTuple;
        serialize_tuple_struct(name: &'static str, length: usize) -> S::SerializeTupleStruct;
        serialize_tuple_variant(
            name: &'static str,
            index: u32,
            variant: &'static str,
            length: usize
        ) -> S::SerializeTupleVariant;
        serialize_struct_variant(
            name: &'static str,
            index: u32,
            variant: &'static str,
            length: usize
        ) -> S::SerializeStructVariant;
    }

    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        self.watch.float(self.at, value);
        self.inner.serialize_f64(value)
    }

    fn serialize_str(self, value: &str) -> Result<S::Ok, S::Error> {
        self.watch.text(self.at, value);
        self.inner.serialize_str(value)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        let Self { at, watch, .. } = self;
        self.inner.serialize_some(&Watched { value, at, watch })
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let Self { at, watch, .. } = self;
        let value = Watched { value, at, watch };
        self.inner.serialize_newtype_struct(name, &value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.inner
            .serialize_newtype_variant(name, index, variant, value)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        let inner = self.inner.serialize_seq(length)?;
        Ok(List::new(inner, self.at, self.watch))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        let inner = self.inner.serialize_map(length)?;
        Ok(Members::new(inner, self.at, self.watch))
    }

    fn serialize_struct(
        self,
        name: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStruct, S::Error> {
        let inner = self.inner.serialize_struct(name, length)?;
        Ok(Members::new(inner, self.at, self.watch))
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}
