//! Checkpoints in files, for one process.

use std::{
    collections::BTreeSet,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

use bytes::Bytes;
use lamplight_internal::sync::lock;

use super::{CheckpointStore, Lease, Row, Save, StoreError, files, table::Table};
use crate::{record::ShardId, source::BoxFuture};

/// A store in a folder that only one process uses at a time.
///
/// A checkpoint is replaced atomically, by renaming a complete file: after a crash of the process
/// or the machine it is either the old or the new one. A log chunk is on the disk before the
/// checkpoint that counts it; opening the store removes chunks that no checkpoint counts.
#[derive(Debug, Clone)]
pub struct FileStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    /// The lock ends with the process, even after a crash.
    _lock: File,
    table: Mutex<Table>,
}

impl FileStore {
    /// Opens the store in a folder and reads its content. Creates the folder if necessary.
    ///
    /// # Errors
    ///
    /// Returns an error if another process has it open, if it cannot be read or written, or if it
    /// contains a file that the store does not write.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let folder = folder.into();
        let failed = |error: io::Error| unavailable(&folder, &error);
        fs::create_dir_all(&folder).map_err(failed)?;
        let lock = File::create(folder.join("lock")).map_err(failed)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => StoreError::Unavailable(format!(
                "another process uses the checkpoints in {}: use a separate folder for each \
                process",
                folder.display()
            )),
            TryLockError::Error(error) => unavailable(&folder, &error),
        })?;
        let mut table = Table::default();
        for entry in files::read_all(&folder).map_err(failed)? {
            table.insert(entry);
        }
        Ok(Self {
            inner: Arc::new(Inner {
                folder,
                _lock: lock,
                table: Mutex::new(table),
            }),
        })
    }

    /// Runs file operations on a thread that may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let inner = self.inner.clone();
        let done = tokio::task::spawn_blocking(move || work(&inner)).await;
        done.unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))
    }
}

impl Inner {
    fn table(&self) -> MutexGuard<'_, Table> {
        lock(&self.table)
    }

    fn failed(&self) -> impl Fn(io::Error) -> StoreError + '_ {
        |error| unavailable(&self.folder, &error)
    }

    /// Writes the row of a shard from the table.
    fn write(&self, table: &Table, shard: &ShardId) -> Result<(), StoreError> {
        let Some(entry) = table.entry(shard) else {
            return Err(StoreError::Fenced);
        };
        files::write_row(&self.folder, &entry.row, entry.next_chunk).map_err(self.failed())
    }

    fn add(&self, rows: &[Row]) -> Result<(), StoreError> {
        let mut table = self.table();
        let known: BTreeSet<_> = rows
            .iter()
            .filter(|row| table.entry(&row.shard).is_some())
            .map(|row| row.shard.clone())
            .collect();
        for row in rows.iter().filter(|row| !known.contains(&row.shard)) {
            files::write_row(&self.folder, row, 0).map_err(self.failed())?;
            table.add(std::slice::from_ref(row));
        }
        Ok(())
    }

    /// The disk is updated before the table, so that a failed write does not take effect.
    fn save(&self, lease: &Lease, save: &Save) -> Result<(), StoreError> {
        let mut table = self.table();
        let entry = table.check(lease)?;
        let mut next = entry.next_chunk;
        if !save.log.is_empty() {
            let shard = &lease.shard;
            files::write_chunk(&self.folder, shard, next, save).map_err(self.failed())?;
            next = next.saturating_add(1);
        }
        let row = Row {
            position: save.position.clone(),
            state: save.state.clone(),
            ..entry.row.clone()
        };
        files::write_row(&self.folder, &row, next).map_err(self.failed())?;
        for old in table.save(lease, save)? {
            // A remaining file is removed when its number is used again, or with the folder.
            let _ = files::remove_chunk(&self.folder, &lease.shard, &old);
        }
        Ok(())
    }
}

impl CheckpointStore for FileStore {
    fn rows<'a>(&'a self, stream: &'a str) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        Box::pin(async move { Ok(self.inner.table().rows(stream)) })
    }

    fn add<'a>(&'a self, rows: &'a [Row]) -> BoxFuture<'a, Result<(), StoreError>> {
        let rows = rows.to_vec();
        Box::pin(self.blocking(move |inner| inner.add(&rows)))
    }

    fn take<'a>(
        &'a self,
        seen: &'a Row,
        owner: &'a str,
    ) -> BoxFuture<'a, Result<Lease, StoreError>> {
        let (seen, owner) = (seen.clone(), owner.to_owned());
        Box::pin(self.blocking(move |inner| {
            let mut table = inner.table();
            let lease = table.take(&seen, &owner)?;
            inner.write(&table, &seen.shard)?;
            Ok(lease)
        }))
    }

    fn renew<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<(), StoreError>> {
        // No other process can take the lease, so nothing is written.
        Box::pin(async move { self.inner.table().renew(lease) })
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.inner.table().release(lease) })
    }

    fn save<'a>(
        &'a self,
        lease: &'a Lease,
        save: &'a Save,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let (lease, save) = (lease.clone(), save.clone());
        Box::pin(self.blocking(move |inner| inner.save(&lease, &save)))
    }

    fn log<'a>(&'a self, shard: &'a ShardId) -> BoxFuture<'a, Result<Vec<Bytes>, StoreError>> {
        Box::pin(async move { Ok(self.inner.table().log(shard)) })
    }

    fn is_shared(&self) -> bool {
        false
    }
}

fn unavailable(folder: &Path, error: &io::Error) -> StoreError {
    StoreError::Unavailable(format!("{}: {error}", folder.display()))
}
