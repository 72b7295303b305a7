//! Resources of measured spans, and the attributes that measurements keep.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use hashbrown::HashTable;
use lamplight_otlp::trace::{AnyValue, field};
use lamplight_semconv as semconv;

use super::attributes::{each, push_attribute, push_scalar, push_text};

/// The name of a service without a name, according to the conventions.
const UNKNOWN_SERVICE: &str = "unknown_service";
/// Number of resources in the cache. Every environment of a function has its own resource.
const MAX_KNOWN: usize = 1024;
const MAX_BYTES: usize = 1 << 20;

/// A cache of recent resources.
#[derive(Debug)]
pub(super) struct Resources {
    /// Attributes that measurements keep; the first is `service.name`.
    kept: Vec<String>,
    /// Attributes of resources that may distinguish series.
    chosen: Vec<String>,
    known: Vec<Known>,
    index: HashTable<u32>,
    bytes: usize,
    /// The previous resource, which usually is the next one too.
    last: usize,
    hasher: RandomState,
}

/// The cached data of a resource.
#[derive(Debug)]
pub(super) struct Known {
    hash: u64,
    message: Box<[u8]>,
    /// The attributes that measurements keep, each in field 1.
    pub(super) identity: Arc<[u8]>,
    /// The name of the service, as an `AnyValue`.
    pub(super) service: Box<[u8]>,
    /// Values of the configured attributes, as `AnyValue`s; empty if missing.
    pub(super) chosen: Vec<Box<[u8]>>,
    /// Its number in a window, and the serial of that window.
    pub(super) number: (u64, Option<u32>),
}

impl Resources {
    pub(super) fn new(kept: &[String], chosen: &[String]) -> Self {
        let mut all = vec![semconv::service::NAME.to_owned()];
        for key in kept {
            if !all.contains(key) {
                all.push(key.clone());
            }
        }
        Self {
            kept: all,
            chosen: chosen.to_vec(),
            known: Vec::new(),
            index: HashTable::new(),
            bytes: 0,
            last: 0,
            hasher: RandomState::new(),
        }
    }

    /// Returns the cached data of a resource, given as a message.
    #[inline]
    pub(super) fn get(&mut self, message: &[u8]) -> Option<&mut Known> {
        let is_last = |known: &Known| *known.message == *message;
        if !self.known.get(self.last).is_some_and(is_last) {
            self.last = self.find(message);
        }
        self.known.get_mut(self.last)
    }

    fn find(&mut self, message: &[u8]) -> usize {
        let hash = self.hasher.hash_one(message);
        let found = self.index.find(hash, |place| {
            let known = self.known.get(*place as usize);
            known.is_some_and(|known| *known.message == *message)
        });
        match found {
            Some(place) => *place as usize,
            None => self.insert(hash, message),
        }
    }

    fn insert(&mut self, hash: u64, message: &[u8]) -> usize {
        if self.known.len() >= MAX_KNOWN || self.bytes >= MAX_BYTES {
            self.known.clear();
            self.index.clear();
            self.bytes = 0;
        }
        let known = self.describe(hash, message);
        self.bytes += message.len() + known.identity.len();
        let place = self.known.len();
        let hash_of = |place: &u32| {
            let known = self.known.get(*place as usize);
            known.map_or(0, |known| known.hash)
        };
        self.index.insert_unique(hash, place as u32, hash_of);
        self.known.push(known);
        place
    }

    fn describe(&self, hash: u64, message: &[u8]) -> Known {
        let mut kept = vec![Vec::new(); self.kept.len()];
        let mut chosen = vec![Vec::new(); self.chosen.len()];
        each(message, field::RESOURCE_ATTRIBUTES.into(), |key, value| {
            let value = AnyValue::new(value).unwrap_or_default();
            let wanted = self.kept.iter().zip(&mut kept);
            for (wanted, place) in wanted.chain(self.chosen.iter().zip(&mut chosen)) {
                // The first of several wins, as in the Collector.
                if wanted.as_bytes() == key && place.is_empty() {
                    push_scalar(place, value);
                }
            }
        });
        let service = match kept.first_mut() {
            Some(service) => {
                if service.is_empty() {
                    push_text(service, UNKNOWN_SERVICE);
                }
                service.clone()
            }
            None => Vec::new(),
        };
        let mut identity = Vec::new();
        for (key, value) in self.kept.iter().zip(&kept) {
            if !value.is_empty() {
                push_attribute(&mut identity, key, value);
            }
        }
        Known {
            hash,
            message: message.into(),
            identity: identity.into(),
            service: service.into(),
            chosen: chosen.into_iter().map(Vec::into_boxed_slice).collect(),
            number: (0, None),
        }
    }
}

/// Returns the identity of the resource for measurements without a particular resource.
pub(super) fn nobody() -> Arc<[u8]> {
    let mut identity = Vec::new();
    super::attributes::push_text_attribute(&mut identity, semconv::service::NAME, UNKNOWN_SERVICE);
    identity.into()
}
