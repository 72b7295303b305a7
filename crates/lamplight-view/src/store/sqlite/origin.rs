//! Shared data of spans, stored once.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    hash::{IsHash, hash},
    number::{count, counted},
};
use crate::{
    facts::Facts,
    span::{Resource, Scope},
    store::StoreError,
};

/// Maximum number of cached origins.
const REMEMBERED: usize = 4096;

/// The shared data of spans.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) resource: Arc<Resource>,
    pub(super) scope: Arc<Scope>,
}

/// The facts of an origin.
#[derive(Debug, Clone)]
pub(super) struct Recorder {
    pub(super) function: Arc<str>,
    pub(super) version: Option<String>,
    pub(super) memory: Option<u64>,
}

/// Resource and scope as received.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) resource: &'a [u8],
    pub(super) resource_schema: &'a [u8],
    pub(super) scope: &'a [u8],
    pub(super) scope_schema: &'a [u8],
}

impl Source<'_> {
    pub(super) fn hash(&self) -> u64 {
        let parts = [
            self.resource,
            self.resource_schema,
            self.scope,
            self.scope_schema,
        ];
        parts.into_iter().fold(0, hash)
    }
}

/// Returns the hash of a source together with the facts of one of its spans.
pub(super) fn with_facts(source: u64, facts: &Facts<'_>) -> u64 {
    let version = facts
        .version
        .map_or(source, |it| hash(source, it.as_bytes()));
    let memory = facts.memory.unwrap_or_default().to_le_bytes();
    hash(hash(version, facts.function.as_bytes()), &memory)
}

/// A cache of recently used origins.
#[derive(Debug, Default)]
pub(super) struct Origins {
    by_hash: HashMap<u64, i64, IsHash>,
    by_id: HashMap<i64, Arc<Origin>>,
}

impl Origins {
    /// Returns the id of an origin, and stores it if it is new. `hash` is the result of
    /// [`with_facts`].
    pub(super) fn id(
        &mut self,
        connection: &Connection,
        hash: u64,
        source: &Source<'_>,
        facts: &Facts<'_>,
    ) -> Result<i64, StoreError> {
        if let Some(id) = self.by_hash.get(&hash) {
            return Ok(*id);
        }
        let facts_of_it = params![
            hash.cast_signed(),
            facts.function,
            facts.version,
            facts.memory.map(count),
            source.resource,
            source.resource_schema,
            source.scope,
            source.scope_schema
        ];
        // Of those with this hash, the one with equal content.
        let mut select = connection.prepare_cached(
            "SELECT id FROM origins WHERE hash = ?1 AND function = ?2 AND version IS ?3 AND
             memory IS ?4 AND resource = ?5 AND resource_schema = ?6 AND scope = ?7 AND
             scope_schema = ?8",
        )?;
        let found = select.query_row(facts_of_it, |row| row.get(0)).optional()?;
        let id = if let Some(id) = found {
            id
        } else {
            connection.execute(
                "INSERT INTO origins(hash, function, version, memory, resource, resource_schema,
                 scope, scope_schema, spans) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0)",
                facts_of_it,
            )?;
            connection.last_insert_rowid()
        };
        if self.by_hash.len() >= REMEMBERED {
            self.by_hash.clear();
        }
        self.by_hash.insert(hash, id);
        Ok(id)
    }

    /// Returns the origin with an id; an empty one if there is none.
    pub(super) fn get(
        &mut self,
        connection: &Connection,
        id: i64,
    ) -> Result<Arc<Origin>, StoreError> {
        if let Some(origin) = self.by_id.get(&id) {
            return Ok(Arc::clone(origin));
        }
        let origin = connection.query_row(
            "SELECT resource, resource_schema, scope, scope_schema FROM origins WHERE id = ?1",
            [id],
            |row| {
                let bytes = |column| {
                    row.get_ref(column)
                        .map(|it| it.as_blob().unwrap_or_default())
                };
                let resource = Resource::decode(bytes(0)?, bytes(1)?).unwrap_or_default();
                let scope = Scope::decode(bytes(2)?, bytes(3)?).unwrap_or_default();
                Ok(Origin {
                    resource: Arc::new(resource),
                    scope: Arc::new(scope),
                })
            },
        )?;
        let origin = Arc::new(origin);
        if self.by_id.len() >= REMEMBERED {
            self.by_id.clear();
        }
        self.by_id.insert(id, Arc::clone(&origin));
        Ok(origin)
    }

    /// Clears the cache, since the stored data has changed.
    pub(super) fn clear(&mut self) {
        self.by_hash.clear();
        self.by_id.clear();
    }
}

/// Returns the facts of every origin.
pub(super) fn recorders(connection: &Connection) -> Result<HashMap<i64, Recorder>, StoreError> {
    let mut functions = HashMap::<String, Arc<str>>::new();
    let mut recorders = HashMap::new();
    let mut select =
        connection.prepare_cached("SELECT id, function, version, memory FROM origins")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(1)?;
        let shared = || Arc::from(name.as_str());
        let recorder = Recorder {
            function: Arc::clone(functions.entry(name.clone()).or_insert_with(shared)),
            version: row.get(2)?,
            memory: row.get::<_, Option<i64>>(3)?.map(counted),
        };
        recorders.insert(row.get(0)?, recorder);
    }
    Ok(recorders)
}

/// Returns the origins of a function.
pub(super) fn origins_of(
    connection: &Connection,
    function: &str,
) -> Result<HashSet<i64>, StoreError> {
    let mut select = connection.prepare_cached("SELECT id FROM origins WHERE function = ?1")?;
    let origins = select.query_map([function], |row| row.get(0))?;
    Ok(origins.collect::<Result<_, _>>()?)
}

/// The change in the number of spans per origin, compared to the table.
#[derive(Debug, Default)]
pub(super) struct Uses(HashMap<i64, i64>);

impl Uses {
    pub(super) fn add(&mut self, origin: i64, spans: i64) {
        *self.0.entry(origin).or_default() += spans;
    }

    /// Stores the changes, and removes origins without spans; returns whether there were any.
    pub(super) fn store(self, connection: &Connection) -> Result<bool, StoreError> {
        let mut update =
            connection.prepare_cached("UPDATE origins SET spans = spans + ?2 WHERE id = ?1")?;
        let mut delete =
            connection.prepare_cached("DELETE FROM origins WHERE id = ?1 AND spans <= 0")?;
        let mut removed = 0;
        for (origin, spans) in self.0 {
            update.execute((origin, spans))?;
            if spans <= 0 {
                removed += delete.execute([origin])?;
            }
        }
        Ok(removed > 0)
    }
}
