//! Looks at a response while the runtime serializes it.
//!
//! A response type says nothing about its status code except through `Serialize`, which belongs to
//! the function: it may take long, and may work only once. So nothing is serialized for the sake of
//! looking. The runtime's serializer is wrapped, and the wrapper notes what passes it on the top
//! level; what is below the members it knows goes straight to the runtime's.

mod compound;
mod serializer;

use self::serializer::Tee;
use serde::{Serialize, Serializer};
use std::cell::{Cell, RefCell};

/// What a response says about the outcome.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Peeked {
    /// `statusCode` of an API Gateway, function URL or load balancer response.
    pub(crate) status_code: Option<u16>,
    /// Whether there is a `statusCode` that is none.
    pub(crate) has_odd_status: bool,
    /// The length of `batchItemFailures` of a batch response.
    pub(crate) batch_item_failures: Option<usize>,
    /// The values of each header that was asked for.
    pub(crate) headers: Vec<Vec<String>>,
}

/// Serializes `response` into `serializer`, and gives the result with what was seen on the way.
/// `names` are headers to read, in lower case.
pub(crate) fn peek<T: Serialize + ?Sized, S: Serializer>(
    response: &T,
    names: &[String],
    serializer: S,
) -> (Result<S::Ok, S::Error>, Peeked) {
    let watch = Watch {
        names,
        next: Cell::new(None),
        seen: RefCell::default(),
    };
    let result = response.serialize(Tee::new(serializer, Place::Top, &watch));
    (result, watch.finish())
}

/// A place in a response where something is to be seen.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// The response itself.
    Top,
    /// A key of the response itself.
    TopKey,
    StatusCode,
    BatchItemFailures,
    /// A map of headers.
    Headers(Map),
    /// The name of a header.
    HeaderKey(Map),
    /// The value, or the list of values, of a header: an index into what was asked for.
    Header(Map, usize),
}

impl Place {
    /// The place of the keys, if the value of one may be something to see.
    fn keys(self) -> Option<Self> {
        match self {
            Self::Top => Some(Self::TopKey),
            Self::Headers(map) => Some(Self::HeaderKey(map)),
            _ => None,
        }
    }
}

/// A load balancer's and a REST API's response may have the same headers twice, in a map of single
/// values and in one of several.
#[derive(Clone, Copy, Debug)]
enum Map {
    Single,
    Multiple,
}

/// Notes what is seen.
struct Watch<'n> {
    names: &'n [String],
    /// Where the value goes whose key is written now.
    next: Cell<Option<Place>>,
    // Nothing of the function's runs while it is borrowed.
    seen: RefCell<Seen>,
}

#[derive(Default)]
struct Seen {
    status_code: Option<u16>,
    has_odd_status: bool,
    batch_item_failures: Option<usize>,
    single: Vec<Vec<String>>,
    multiple: Vec<Vec<String>>,
}

impl Watch<'_> {
    /// The place of a member, if something is to be seen there.
    fn member(&self, of: Place, name: &str) -> Option<Place> {
        match of {
            Place::Top => match name {
                "statusCode" => Some(Place::StatusCode),
                "batchItemFailures" => Some(Place::BatchItemFailures),
                "headers" if !self.names.is_empty() => Some(Place::Headers(Map::Single)),
                "multiValueHeaders" if !self.names.is_empty() => {
                    Some(Place::Headers(Map::Multiple))
                }
                _ => None,
            },
            Place::Headers(map) => {
                let mut names = self.names.iter();
                let index = names.position(|wanted| wanted.eq_ignore_ascii_case(name))?;
                Some(Place::Header(map, index))
            }
            _ => None,
        }
    }

    /// The place of the elements of a list.
    fn element(of: Place) -> Option<Place> {
        matches!(of, Place::Header(..)).then_some(of)
    }

    fn number(&self, at: Place, number: Option<u64>) {
        if let Place::StatusCode = at {
            self.status(number.and_then(|code| u16::try_from(code).ok()));
        }
    }

    /// API Gateway takes `503.0` for what it is.
    fn float(&self, at: Place, number: f64) {
        if let Place::StatusCode = at {
            self.status(integer(number));
        }
    }

    fn status(&self, code: Option<u16>) {
        let mut seen = self.seen.borrow_mut();
        seen.has_odd_status = code.is_none();
        seen.status_code = code;
    }

    fn text(&self, at: Place, text: &str) {
        let (map, index) = match at {
            Place::TopKey => return self.next.set(self.member(Place::Top, text)),
            Place::HeaderKey(map) => return self.next.set(self.member(Place::Headers(map), text)),
            Place::Header(map, index) => (map, index),
            // A number in quotation marks is one to API Gateway too.
            Place::StatusCode => {
                return self.status(text.trim().parse().ok().and_then(integer));
            }
            _ => return,
        };
        let mut seen = self.seen.borrow_mut();
        let values = match map {
            Map::Single => &mut seen.single,
            Map::Multiple => &mut seen.multiple,
        };
        values.resize(self.names.len(), Vec::new());
        if let Some(values) = values.get_mut(index) {
            values.push(text.to_owned());
        }
    }

    /// A list has ended that had `length` elements.
    fn list(&self, at: Place, length: usize) {
        if let Place::BatchItemFailures = at {
            self.seen.borrow_mut().batch_item_failures = Some(length);
        }
    }

    fn finish(self) -> Peeked {
        let seen = self.seen.into_inner();
        let mut multiple = seen.multiple.into_iter();
        let mut single = seen.single.into_iter();
        let headers = self.names.iter().map(|_| {
            let multiple = multiple.next().unwrap_or_default();
            let single = single.next().unwrap_or_default();
            match multiple.is_empty() {
                true => single,
                false => multiple,
            }
        });
        Peeked {
            status_code: seen.status_code,
            has_odd_status: seen.has_odd_status,
            batch_item_failures: seen.batch_item_failures,
            headers: headers.collect(),
        }
    }
}

/// The status code that `number` is, if it is a whole number of that size.
fn integer(number: f64) -> Option<u16> {
    let is_whole = number.fract() == 0.0 && (0.0..=f64::from(u16::MAX)).contains(&number);
    // In range and whole, so that nothing is lost.
    is_whole.then_some(number as u16)
}

#[cfg(test)]
mod tests;
