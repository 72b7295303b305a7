//! Bounded tables of series.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

/// Series, and one for all measurements without room.
#[derive(Debug)]
pub(super) struct Table<S> {
    index: HashTable<u32>,
    series: Vec<Series<S>>,
    limit: usize,
    pub(super) overflow: Option<S>,
    /// Seeded at random in each process, so that names cannot be chosen to collide. The output is
    /// sorted.
    hasher: RandomState,
}

/// A series.
#[derive(Debug)]
pub(super) struct Series<S> {
    hash: u64,
    key: Box<[u8]>,
    /// The number of its resource in the window.
    pub(super) resource: u32,
    /// Its attributes, each in field 1.
    pub(super) attributes: Box<[u8]>,
    pub(super) state: S,
}

impl<S: Default> Table<S> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            index: HashTable::new(),
            series: Vec::new(),
            limit,
            overflow: None,
            hasher: RandomState::new(),
        }
    }

    /// Returns the series with this key. As long as there is room, a new series is added, with the
    /// resource and attributes that `describe` returns.
    #[inline]
    pub(super) fn get(
        &mut self,
        key: &[u8],
        describe: impl FnOnce(&[u8]) -> Option<(u32, Box<[u8]>)>,
    ) -> &mut S {
        let hash = self.hasher.hash_one(key);
        let found = self.index.find(hash, |place| {
            let series = self.series.get(*place as usize);
            series.is_some_and(|series| *series.key == *key)
        });
        let place = match found {
            Some(place) => Some(*place as usize),
            None => self.insert(hash, key, describe),
        };
        match place.and_then(|place| self.series.get_mut(place)) {
            Some(series) => &mut series.state,
            None => self.overflow.get_or_insert_default(),
        }
    }

    #[cold]
    fn insert(
        &mut self,
        hash: u64,
        key: &[u8],
        describe: impl FnOnce(&[u8]) -> Option<(u32, Box<[u8]>)>,
    ) -> Option<usize> {
        if self.series.len() >= self.limit {
            return None;
        }
        let (resource, attributes) = describe(key)?;
        let place = self.series.len();
        let hash_of = |place: &u32| {
            let series = self.series.get(*place as usize);
            series.map_or(0, |series| series.hash)
        };
        let number = u32::try_from(place).ok()?;
        self.index.insert_unique(hash, number, hash_of);
        self.series.push(Series {
            hash,
            key: key.into(),
            resource,
            attributes,
            state: S::default(),
        });
        Some(place)
    }

    /// Returns the series in the order in which they were added.
    pub(super) fn series(&self) -> &[Series<S>] {
        &self.series
    }
}
