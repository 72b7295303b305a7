//! Rows for listed shards.

use std::{collections::BTreeMap, time::Duration};

use super::settings::{Settings, Start};
use crate::{
    record::{ShardId, StreamTime},
    source::{Position, name::shard_of, store::Row, stream::ShardInfo},
};

/// Tolerated difference between the clocks of this machine and of the stream when reading starts at
/// the latest record.
const CLOCKS_APART: Duration = Duration::from_secs(5);

/// Returns rows for the shards without one. In a stream that was never read, they start as the
/// settings specify. Later shards only hold records that came after that, and start at their first
/// record.
pub(super) fn new_rows(
    stream: &str,
    known: &BTreeMap<ShardId, Row>,
    listed: &[ShardInfo],
    settings: &Settings,
) -> Vec<Row> {
    let first_time = known.is_empty();
    let rows = listed.iter().map(|info| {
        let position = if first_time {
            start(info, settings)
        } else {
            Position::TrimHorizon
        };
        row(stream, info, position)
    });
    rows.filter(|row| !known.contains_key(&row.shard)).collect()
}

/// Returns the row of a shard whose parent has ended.
pub(super) fn child_row(stream: &str, info: &ShardInfo) -> Row {
    row(stream, info, Position::TrimHorizon)
}

fn row(stream: &str, info: &ShardInfo, position: Position) -> Row {
    let parents = info.parents.iter().map(|parent| shard_of(stream, parent));
    Row::new(
        shard_of(stream, &info.id),
        parents.collect(),
        info.range,
        position,
    )
}

/// Returns the starting position in a stream that was never read. The latest record is stored as a
/// time, so that records that arrive before the first checkpoint are read again after a restart.
fn start(info: &ShardInfo, settings: &Settings) -> Position {
    match settings.start {
        Start::TrimHorizon => Position::TrimHorizon,
        Start::Time(time) => Position::Time(time),
        Start::Latest if info.closed => Position::End,
        Start::Latest => {
            let begin = StreamTime::default();
            let apart = begin.after(CLOCKS_APART);
            Position::Time(begin.after(settings.clock.now().since(apart)))
        }
    }
}
