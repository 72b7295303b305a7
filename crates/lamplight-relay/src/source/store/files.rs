//! The files of a [`FileStore`](super::FileStore).
//!
//! `NAME.checkpoint` has one line per field, an empty line, and the opaque state.
//! `NAME.log/NUMBER.TIME.KEEP` is a chunk of the log. `NAME` is the name of the shard, with all
//! characters other than letters, digits and hyphens written as `%XX`.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::Bytes;

use super::{
    Row, Save,
    table::{Chunk, Entry},
};
use crate::{
    record::{HashRange, ShardId, StreamTime},
    source::Position,
};

/// First line of a checkpoint. The number is the version of the format.
const HEAD: &str = "lamplight checkpoint 1";

/// Reads all shards of a folder, and removes files that no checkpoint counts.
pub(super) fn read_all(folder: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("checkpoint") => {
                let bytes = fs::read(&path)?;
                let (row, next_chunk) = parse(&bytes).ok_or_else(|| not_ours(&path))?;
                let log = read_log(folder, &row.shard, next_chunk)?;
                entries.push(Entry {
                    row,
                    log,
                    next_chunk,
                });
            }
            // Left behind by a process that ended during a write.
            Some("new") => fs::remove_file(&path)?,
            _ => {}
        }
    }
    Ok(entries)
}

pub(super) fn write_row(folder: &Path, row: &Row, next_chunk: u64) -> io::Result<()> {
    let path = folder.join(format!("{}.checkpoint", file_name(&row.shard)));
    replace(&path, &encode(row, next_chunk))
}

pub(super) fn write_chunk(
    folder: &Path,
    shard: &ShardId,
    number: u64,
    save: &Save,
) -> io::Result<()> {
    let log = log_folder(folder, shard);
    fs::create_dir_all(&log)?;
    replace(
        &log.join(chunk_name(number, save.time, save.keep)),
        &save.log,
    )
}

pub(super) fn remove_chunk(folder: &Path, shard: &ShardId, chunk: &Chunk) -> io::Result<()> {
    let name = chunk_name(chunk.number, chunk.time, chunk.keep);
    fs::remove_file(log_folder(folder, shard).join(name))
}

fn read_log(folder: &Path, shard: &ShardId, next_chunk: u64) -> io::Result<Vec<Chunk>> {
    let files = match fs::read_dir(log_folder(folder, shard)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        files => files?,
    };
    let mut chunks = Vec::new();
    for file in files {
        let path = file?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        match name.and_then(parse_chunk_name) {
            Some((number, time, keep)) if number < next_chunk => chunks.push(Chunk {
                number,
                time,
                keep,
                data: Bytes::from(fs::read(&path)?),
            }),
            // Not counted by the checkpoint: its decisions did not take effect.
            _ => fs::remove_file(&path)?,
        }
    }
    chunks.sort_by_key(|chunk| chunk.number);
    Ok(chunks)
}

/// Writes a file atomically.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&new, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Waits until the names in a folder are on the disk.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Does nothing: elsewhere a folder cannot be opened as a file.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn encode(row: &Row, next_chunk: u64) -> Vec<u8> {
    let parents: Vec<_> = row.parents.iter().map(ShardId::as_str).collect();
    let HashRange { first, last } = row.range;
    let head = format!(
        "{HEAD}\nshard {}\nparents {}\nrange {first} {last}\nposition {}\ntoken {}\nchunks \
        {next_chunk}\n\n",
        row.shard,
        parents.join(" "),
        row.position,
        row.token
    );
    [head.as_bytes(), &row.state].concat()
}

fn parse(bytes: &[u8]) -> Option<(Row, u64)> {
    let end = memchr::memmem::find(bytes, b"\n\n")?;
    let (head, state) = (bytes.get(..end)?, bytes.get(end + 2..)?);
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.lines();
    if lines.next() != Some(HEAD) {
        return None;
    }
    let mut fact = |name| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
    let shard = ShardId::new(fact("shard")?);
    let parents = fact("parents")?.split_whitespace().map(ShardId::new);
    let parents = parents.collect();
    let (first, last) = fact("range")?.split_once(' ')?;
    let range = HashRange {
        first: first.parse().ok()?,
        last: last.parse().ok()?,
    };
    let position = Position::parse(fact("position")?)?;
    let token = fact("token")?.parse().ok()?;
    let next_chunk = fact("chunks")?.parse().ok()?;
    let row = Row {
        state: Bytes::copy_from_slice(state),
        token,
        ..Row::new(shard, parents, range, position)
    };
    Some((row, next_chunk))
}

fn chunk_name(number: u64, time: StreamTime, keep: Duration) -> String {
    format!("{number:020}.{}.{}", time.as_millis(), keep.as_millis())
}

fn parse_chunk_name(name: &str) -> Option<(u64, StreamTime, Duration)> {
    let mut parts = name.split('.');
    let mut number = || parts.next()?.parse::<u64>().ok();
    let parsed = (number()?, number()?, number()?);
    if parts.next().is_some() {
        return None;
    }
    let (number, time, keep) = parsed;
    Some((
        number,
        StreamTime::from_millis(time),
        Duration::from_millis(keep),
    ))
}

fn log_folder(folder: &Path, shard: &ShardId) -> PathBuf {
    folder.join(format!("{}.log", file_name(shard)))
}

fn file_name(shard: &ShardId) -> String {
    let mut name = String::new();
    for byte in shard.as_str().bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    name
}

fn not_ours(path: &Path) -> io::Error {
    let why = format!("{} is not a checkpoint of this version", path.display());
    io::Error::new(io::ErrorKind::InvalidData, why)
}
