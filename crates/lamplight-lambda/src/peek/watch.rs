//! The members of a response that are read, and their values.

use std::cell::{Cell, RefCell};

use lamplight_propagation::inbound::ItemId;

/// The members of a response that determine its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Peeked {
    /// `statusCode` of an API Gateway, function URL or load balancer response.
    pub(crate) status_code: Option<u16>,
    /// True if there is a `statusCode` that is not a valid status code.
    pub(crate) has_odd_status: bool,
    /// The records in `batchItemFailures` of a batch response; `None` stands for an identifier that is empty,
    /// null, missing or of the wrong type. If the member is not a list, it is represented by one `None`.
    pub(crate) batch_item_failures: Option<Vec<Option<ItemId>>>,
    /// The values of each requested header.
    pub(crate) headers: Vec<Vec<String>>,
}

/// A place of interest in a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// An object.
    In(Object),
    /// A key of an object.
    Key(Object),
    StatusCode,
    BatchItemFailures,
    /// The topic partition and the offset of a Kafka record.
    Partition,
    Offset,
    /// The value, or the list of values, of a header: an index into the requested names.
    Header(Map, usize),
}

/// An object with members of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Object {
    /// The response itself.
    Answer,
    /// A map of headers.
    Headers(Map),
    /// An element of `batchItemFailures`.
    Failure,
    /// The identifier of a record: an object for Kafka, text for all others.
    Identifier,
}

/// A response of a load balancer or a REST API may have headers in a map of single values and in a map of
/// lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Map {
    Single,
    Multiple,
}

/// The values read so far.
pub(super) struct Watch<'n> {
    names: &'n [String],
    /// The place of the value whose key is being written.
    pub(super) next: Cell<Option<Place>>,
    // No code of the function runs while this is borrowed.
    seen: RefCell<Seen>,
}

#[derive(Default)]
struct Seen {
    status_code: Option<u16>,
    has_odd_status: bool,
    batch_item_failures: Option<Vec<Option<ItemId>>>,
    item: Item,
    single: Vec<Vec<String>>,
    multiple: Vec<Vec<String>>,
}

/// The element of `batchItemFailures` that is being written.
#[derive(Default)]
struct Item {
    named: Option<ItemId>,
    partition: Option<String>,
    offset: Option<i64>,
}

impl Item {
    fn id(self) -> Option<ItemId> {
        let at_offset = || ItemId::at_offset(&self.partition?, self.offset?);
        self.named.or_else(at_offset)
    }
}

impl<'n> Watch<'n> {
    /// Returns a watch for headers with these names, in lower case.
    pub(super) fn new(names: &'n [String]) -> Self {
        Self {
            names,
            next: Cell::new(None),
            seen: RefCell::default(),
        }
    }

    /// Returns the place of a member, if it is of interest.
    pub(super) fn member(&self, of: Object, name: &str) -> Option<Place> {
        let place = match (of, name) {
            (Object::Answer, "statusCode") => Place::StatusCode,
            (Object::Answer, "batchItemFailures") => Place::BatchItemFailures,
            (Object::Answer, "headers") if !self.names.is_empty() => {
                Place::In(Object::Headers(Map::Single))
            }
            (Object::Answer, "multiValueHeaders") if !self.names.is_empty() => {
                Place::In(Object::Headers(Map::Multiple))
            }
            (Object::Headers(map), _) => {
                let mut names = self.names.iter();
                let index = names.position(|wanted| wanted.eq_ignore_ascii_case(name))?;
                Place::Header(map, index)
            }
            (Object::Failure, "itemIdentifier") => Place::In(Object::Identifier),
            (Object::Identifier, "partition") => Place::Partition,
            (Object::Identifier, "offset") => Place::Offset,
            _ => return None,
        };
        Some(place)
    }

    /// Returns the place of the elements of a list.
    pub(super) fn element(of: Place) -> Option<Place> {
        match of {
            Place::Header(..) => Some(of),
            Place::BatchItemFailures => Some(Place::In(Object::Failure)),
            _ => None,
        }
    }

    /// Records the start of a list.
    pub(super) fn list(&self, at: Place) {
        match at {
            Place::BatchItemFailures => {
                self.seen.borrow_mut().batch_item_failures = Some(Vec::new());
            }
            _ => self.other(at),
        }
    }

    /// Records the end of a list element.
    pub(super) fn end_element(&self, of: Place) {
        if let Place::BatchItemFailures = of {
            let mut seen = self.seen.borrow_mut();
            let id = std::mem::take(&mut seen.item).id();
            seen.batch_item_failures.get_or_insert_default().push(id);
        }
    }

    /// Returns whether text at this place is of interest.
    pub(super) fn reads_text(&self, at: Place) -> bool {
        !matches!(at, Place::BatchItemFailures | Place::In(Object::Answer))
    }

    pub(super) fn null(&self, at: Place) {
        if let Place::BatchItemFailures = at {
            self.seen.borrow_mut().batch_item_failures = Some(Vec::new());
        }
    }

    /// Records a value of a type that is invalid at this place.
    pub(super) fn other(&self, at: Place) {
        match at {
            Place::StatusCode => self.status(None),
            Place::BatchItemFailures => {
                self.seen.borrow_mut().batch_item_failures = Some(vec![None]);
            }
            _ => {}
        }
    }

    pub(super) fn number(&self, at: Place, number: Option<i64>) {
        match at {
            Place::StatusCode => self.status(number.and_then(|code| u16::try_from(code).ok())),
            Place::Offset => self.seen.borrow_mut().item.offset = number,
            _ => self.other(at),
        }
    }

    /// Records a floating-point number: API Gateway accepts `503.0`.
    pub(super) fn float(&self, at: Place, number: f64) {
        match at {
            Place::StatusCode => self.status(integer(number)),
            _ => self.other(at),
        }
    }

    fn status(&self, code: Option<u16>) {
        let mut seen = self.seen.borrow_mut();
        seen.has_odd_status = code.is_none();
        seen.status_code = code;
    }

    pub(super) fn text(&self, at: Place, text: &str) {
        let (map, index) = match at {
            Place::Key(object) => return self.next.set(self.member(object, text)),
            Place::Header(map, index) => (map, index),
            // API Gateway accepts a number in quotation marks, too.
            Place::StatusCode => {
                return self.status(text.trim().parse().ok().and_then(integer));
            }
            Place::In(Object::Identifier) => {
                self.seen.borrow_mut().item.named = ItemId::named(text);
                return;
            }
            Place::Partition => {
                self.seen.borrow_mut().item.partition = Some(text.to_owned());
                return;
            }
            Place::Offset => {
                self.seen.borrow_mut().item.offset = text.parse().ok();
                return;
            }
            _ => return self.other(at),
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

    pub(super) fn finish(self) -> Peeked {
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

/// Returns the status code `number`, if it is a whole number in range.
fn integer(number: f64) -> Option<u16> {
    let is_whole = number.fract() == 0.0 && (0.0..=f64::from(u16::MAX)).contains(&number);
    // In range and whole, so the conversion is exact.
    is_whole.then_some(number as u16)
}
