//! A serializer that passes everything on.

use std::fmt::{Display, Write as _};

use serde::{Serialize, Serializer};

use super::{
    compound::{List, Members},
    tee::{Tee, Watched, read_json},
    watch::Place,
};

/// The name of the struct in which `serde_json` passes JSON text.
const RAW_VALUE: &str = "$serde_json::private::RawValue";
/// The name of the struct in which it passes a number of arbitrary precision, as text.
const NUMBER: &str = "$serde_json::private::Number";

macro_rules! numbers {
    ($($method:ident($number:ty)),*) => {
        $(fn $method(self, value: $number) -> Result<S::Ok, S::Error> {
            self.watch.number(self.at, value.try_into().ok());
            self.inner.$method(value)
        })*
    };
}

/// Implements methods for values whose content does not matter.
macro_rules! others {
    ($($method:ident($($name:ident: $argument:ty),*) -> $ok:ty;)*) => {
        $(fn $method(self, $($name: $argument),*) -> Result<$ok, S::Error> {
            self.watch.other(self.at);
            self.inner.$method($($name),*)
        })*
    };
}

impl<'w, 'n, S: Serializer> Serializer for Tee<'w, 'n, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = List<'w, 'n, S::SerializeSeq>;
    type SerializeTuple = List<'w, 'n, S::SerializeTuple>;
    type SerializeTupleStruct = List<'w, 'n, S::SerializeTupleStruct>;
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

    others! {
        serialize_bool(value: bool) -> S::Ok;
        serialize_bytes(value: &[u8]) -> S::Ok;
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

    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        self.watch.float(self.at, value.into());
        self.inner.serialize_f32(value)
    }

    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        self.watch.float(self.at, value);
        self.inner.serialize_f64(value)
    }

    fn serialize_char(self, value: char) -> Result<S::Ok, S::Error> {
        self.watch.text(self.at, value.encode_utf8(&mut [0; 4]));
        self.inner.serialize_char(value)
    }

    fn serialize_str(self, value: &str) -> Result<S::Ok, S::Error> {
        match self.is_json {
            true => read_json(self.watch, self.at, value),
            false => self.watch.text(self.at, value),
        }
        self.inner.serialize_str(value)
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.watch.null(self.at);
        self.inner.serialize_none()
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.watch.null(self.at);
        self.inner.serialize_unit()
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<S::Ok, S::Error> {
        self.watch.null(self.at);
        self.inner.serialize_unit_struct(name)
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.watch.text(self.at, variant);
        self.inner.serialize_unit_variant(name, index, variant)
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

    /// An object with this single member.
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let Self { inner, watch, .. } = self;
        watch.other(self.at);
        let member = match self.at {
            Place::In(object) => watch.member(object, variant),
            _ => None,
        };
        match member {
            Some(at) => {
                let value = Watched { value, at, watch };
                inner.serialize_newtype_variant(name, index, variant, &value)
            }
            None => inner.serialize_newtype_variant(name, index, variant, value),
        }
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        let inner = self.inner.serialize_seq(length)?;
        Ok(List::new(inner, self.at, self.watch))
    }

    fn serialize_tuple(self, length: usize) -> Result<Self::SerializeTuple, S::Error> {
        let inner = self.inner.serialize_tuple(length)?;
        Ok(List::new(inner, self.at, self.watch))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        let inner = self.inner.serialize_tuple_struct(name, length)?;
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
        Ok(match (name, self.at) {
            (RAW_VALUE, at) => Members::text(inner, at, self.watch, true),
            (NUMBER, at @ (Place::StatusCode | Place::Offset)) => {
                Members::text(inner, at, self.watch, false)
            }
            (_, at) => Members::new(inner, at, self.watch),
        })
    }

    /// Text to be read is formatted first, which results in the same bytes.
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        let mut text = String::new();
        if self.watch.reads_text(self.at) && write!(text, "{value}").is_ok() {
            return self.serialize_str(&text);
        }
        self.watch.other(self.at);
        self.inner.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}
