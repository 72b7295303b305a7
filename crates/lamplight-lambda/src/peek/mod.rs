//! Reads two members of a response while pretending to serialize it.
//!
//! A response type says nothing about its status code except through `Serialize`. Serializing it
//! into a tree would copy the payload, so this serializer walks the top level only, looks at the
//! members it knows and passes over the others unread. It allocates nothing.

use serde::Serialize;
use serde::ser::{self, Impossible};
use std::fmt;

/// What a response says about the outcome.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Peeked {
    /// `statusCode` of an API Gateway, function URL or load balancer response.
    pub(crate) status_code: Option<u16>,
    /// The length of `batchItemFailures` of a batch response.
    pub(crate) batch_item_failures: Option<usize>,
}

pub(crate) fn peek<T: Serialize + ?Sized>(response: &T) -> Peeked {
    response
        .serialize(TopLevel(Peeked::default()))
        .unwrap_or_default()
}

/// There is nothing to report: what cannot be read is not there.
#[derive(Debug)]
pub(crate) struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unreadable")
    }
}

impl std::error::Error for Unreadable {}

impl ser::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

#[derive(Clone, Copy, Debug, Default)]
enum Member {
    StatusCode,
    BatchItemFailures,
    Headers,
    MultiValueHeaders,
    #[default]
    Other,
}

impl Member {
    fn named(name: &str) -> Self {
        match name {
            "statusCode" => Self::StatusCode,
            "batchItemFailures" => Self::BatchItemFailures,
            "headers" => Self::Headers,
            "multiValueHeaders" => Self::MultiValueHeaders,
            _ => Self::Other,
        }
    }
}

/// What somebody reads of the object at the top.
trait Reading {
    type Found;

    /// Looks at a member, if it is one that is read.
    fn read<T: Serialize + ?Sized>(&mut self, member: Member, value: &T);

    fn finish(self) -> Self::Found;
}

impl Reading for Peeked {
    type Found = Self;

    fn read<T: Serialize + ?Sized>(&mut self, member: Member, value: &T) {
        match member {
            Member::StatusCode => {
                if let Ok(Scalar::Number(code)) = value.serialize(Value) {
                    self.status_code = u16::try_from(code).ok();
                }
            }
            Member::BatchItemFailures => {
                if let Ok(Scalar::Length(length)) = value.serialize(Value) {
                    self.batch_item_failures = Some(length);
                }
            }
            Member::Headers | Member::MultiValueHeaders | Member::Other => {}
        }
    }

    fn finish(self) -> Self {
        self
    }
}

/// The members of the object at the top.
struct Members<R> {
    reading: R,
    key: Member,
}

impl<R: Reading> Members<R> {
    fn new(reading: R) -> Self {
        Self {
            reading,
            key: Member::Other,
        }
    }
}

impl<R: Reading> ser::SerializeStruct for Members<R> {
    type Ok = R::Found;
    type Error = Unreadable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unreadable> {
        self.reading.read(Member::named(name), value);
        Ok(())
    }

    fn end(self) -> Result<R::Found, Unreadable> {
        Ok(self.reading.finish())
    }
}

impl<R: Reading> ser::SerializeMap for Members<R> {
    type Ok = R::Found;
    type Error = Unreadable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unreadable> {
        self.key = match key.serialize(Value) {
            Ok(Scalar::Key(member)) => member,
            _ => Member::Other,
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unreadable> {
        self.reading.read(self.key, value);
        Ok(())
    }

    fn end(self) -> Result<R::Found, Unreadable> {
        Ok(self.reading.finish())
    }
}

/// What is to be learned from a key or from the value of a known member.
#[derive(Debug)]
enum Scalar {
    Key(Member),
    Number(u64),
    Length(usize),
}

/// Counts the elements of a sequence without looking at them.
#[derive(Debug)]
struct Count(usize);

impl ser::SerializeSeq for Count {
    type Ok = Scalar;
    type Error = Unreadable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), Unreadable> {
        self.0 += 1;
        Ok(())
    }

    fn end(self) -> Result<Scalar, Unreadable> {
        Ok(Scalar::Length(self.0))
    }
}

struct TopLevel<R>(R);
struct Value;

/// Everything that a serializer of this module passes over, so that each spells out only what it
/// reads.
macro_rules! unreadable {
    ($ok:ty: $($method:ident($($argument:ty),*)),* $(,)?) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$ok, Unreadable> { Err(Unreadable) })*
    };
}

/// Wrappers are transparent, and compound kinds other than those named are passed over.
macro_rules! transparent {
    ($ok:ty) => {
        type Ok = $ok;
        type Error = Unreadable;
        type SerializeTuple = Impossible<$ok, Unreadable>;
        type SerializeTupleStruct = Impossible<$ok, Unreadable>;
        type SerializeTupleVariant = Impossible<$ok, Unreadable>;
        type SerializeStructVariant = Impossible<$ok, Unreadable>;

        fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<$ok, Unreadable> {
            value.serialize(self)
        }

        fn serialize_newtype_struct<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            value: &T,
        ) -> Result<$ok, Unreadable> {
            value.serialize(self)
        }

        fn serialize_newtype_variant<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: &T,
        ) -> Result<$ok, Unreadable> {
            Err(Unreadable)
        }

        fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Unreadable> {
            Err(Unreadable)
        }

        fn serialize_tuple_struct(
            self,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeTupleStruct, Unreadable> {
            Err(Unreadable)
        }

        fn serialize_tuple_variant(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeTupleVariant, Unreadable> {
            Err(Unreadable)
        }

        fn serialize_struct_variant(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeStructVariant, Unreadable> {
            Err(Unreadable)
        }

        unreadable!($ok: serialize_bool(bool), serialize_f32(f32), serialize_f64(f64),
            serialize_char(char), serialize_bytes(&[u8]), serialize_none(), serialize_unit(),
            serialize_unit_struct(&'static str),
            serialize_unit_variant(&'static str, u32, &'static str));
    };
}

macro_rules! no_numbers {
    ($ok:ty) => {
        unreadable!($ok: serialize_i8(i8), serialize_i16(i16), serialize_i32(i32),
            serialize_i64(i64), serialize_u8(u8), serialize_u16(u16), serialize_u32(u32),
            serialize_u64(u64));
    };
}

mod headers;

pub(crate) use headers::headers;

impl<R: Reading> ser::Serializer for TopLevel<R> {
    transparent!(R::Found);
    no_numbers!(R::Found);
    type SerializeSeq = Impossible<R::Found, Unreadable>;
    type SerializeMap = Members<R>;
    type SerializeStruct = Members<R>;

    fn serialize_map(self, _: Option<usize>) -> Result<Members<R>, Unreadable> {
        Ok(Members::new(self.0))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<R>, Unreadable> {
        Ok(Members::new(self.0))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Unreadable> {
        Err(Unreadable)
    }

    unreadable!(R::Found: serialize_str(&str));
}

fn number<N: TryInto<u64>>(number: N) -> Result<Scalar, Unreadable> {
    number
        .try_into()
        .map(Scalar::Number)
        .map_err(|_| Unreadable)
}

impl ser::Serializer for Value {
    transparent!(Scalar);
    type SerializeSeq = Count;
    type SerializeMap = Impossible<Scalar, Unreadable>;
    type SerializeStruct = Impossible<Scalar, Unreadable>;

    fn serialize_str(self, text: &str) -> Result<Scalar, Unreadable> {
        Ok(Scalar::Key(Member::named(text)))
    }

    fn serialize_i8(self, value: i8) -> Result<Scalar, Unreadable> {
        number(value)
    }

    fn serialize_i16(self, value: i16) -> Result<Scalar, Unreadable> {
        number(value)
    }

    fn serialize_i32(self, value: i32) -> Result<Scalar, Unreadable> {
        number(value)
    }

    fn serialize_i64(self, value: i64) -> Result<Scalar, Unreadable> {
        number(value)
    }

    fn serialize_u8(self, value: u8) -> Result<Scalar, Unreadable> {
        number(value)
    }

    fn serialize_u16(self, value: u16) -> Result<Scalar, Unreadable> {
        number(value)
    }

    fn serialize_u32(self, value: u32) -> Result<Scalar, Unreadable> {
        number(value)
    }

    fn serialize_u64(self, value: u64) -> Result<Scalar, Unreadable> {
        number(value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Count, Unreadable> {
        Ok(Count(0))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Unreadable> {
        Err(Unreadable)
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStruct, Unreadable> {
        Err(Unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Typed {
        status_code: i64,
        body: Option<String>,
    }

    #[test]
    fn finds_the_status_code_in_typed_and_untyped_responses() {
        let typed = Typed {
            status_code: 503,
            body: Some("down".into()),
        };
        assert_eq!(peek(&typed).status_code, Some(503));
        assert_eq!(peek(&Some(&typed)).status_code, Some(503));
        assert_eq!(
            peek(&json!({"body": "x", "statusCode": 201})).status_code,
            Some(201)
        );
    }

    #[test]
    fn counts_the_failed_records() {
        let response =
            json!({"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "b"}]});
        assert_eq!(peek(&response).batch_item_failures, Some(2));
        assert_eq!(
            peek(&json!({"batchItemFailures": []})).batch_item_failures,
            Some(0)
        );
    }

    #[test]
    fn anything_else_says_nothing() {
        for response in [
            json!(null),
            json!("statusCode"),
            json!([{"statusCode": 500}]),
            json!({"statusCode": "500"}),
            json!({"statusCode": -1}),
            json!({"statusCode": 70_000}),
            json!({"nested": {"statusCode": 500}}),
            json!({"batchItemFailures": {"a": 1}}),
        ] {
            assert_eq!(peek(&response), Peeked::default(), "{response}");
        }
        assert_eq!(peek(&()), Peeked::default());
        assert_eq!(peek("text"), Peeked::default());
    }
}
