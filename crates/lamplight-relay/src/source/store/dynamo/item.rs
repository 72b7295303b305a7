//! Items of the table, and their conversion.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;

use super::super::{Lease, Row, Save};
use crate::{
    record::{HashRange, ShardId, StreamTime},
    source::Position,
};

type Item = HashMap<String, AttributeValue>;

/// A piece of a log.
pub(super) struct Piece {
    pub(super) time: StreamTime,
    pub(super) keep: Duration,
    pub(super) data: Bytes,
}

/// Returns the partition key of a stream's shards.
pub(super) fn row_partition(stream: &str) -> String {
    format!("shards#{stream}")
}

/// Returns the partition key of a shard's log.
pub(super) fn log_partition(shard: &ShardId) -> String {
    format!("log#{shard}")
}

/// Returns the key of a shard's row.
pub(super) fn row_key(shard: &ShardId) -> Item {
    let name = shard.as_str();
    let (stream, id) = name.rsplit_once('/').unwrap_or(("", name));
    item([("pk", text(&row_partition(stream))), ("sk", text(id))])
}

pub(super) fn of_row(row: &Row) -> Item {
    let parents: Vec<_> = row.parents.iter().map(ShardId::as_str).collect();
    let mut item = row_key(&row.shard);
    item.extend(self::item([
        ("shard", text(row.shard.as_str())),
        ("parents", text(&parents.join(" "))),
        ("first_key", text(&row.range.first.to_string())),
        ("last_key", text(&row.range.last.to_string())),
        ("checkpoint", text(&row.position.to_string())),
        (
            "checkpoint_state",
            AttributeValue::B(row.state.to_vec().into()),
        ),
        ("lease_token", number(row.token)),
        ("lease_beat", number(row.beat)),
    ]));
    if let Some(owner) = &row.owner {
        item.insert("lease_owner".to_owned(), text(owner));
    }
    item
}

pub(super) fn to_row(item: &Item) -> Option<Row> {
    let parents = to_text(item, "parents")?.split_whitespace();
    let range = HashRange {
        first: to_text(item, "first_key")?.parse().ok()?,
        last: to_text(item, "last_key")?.parse().ok()?,
    };
    let state = item.get("checkpoint_state")?.as_b().ok()?;
    Some(Row {
        state: Bytes::copy_from_slice(state.as_ref()),
        owner: to_text(item, "lease_owner").map(str::to_owned),
        token: to_number(item, "lease_token")?,
        beat: to_number(item, "lease_beat")?,
        ..Row::new(
            ShardId::new(to_text(item, "shard")?),
            parents.map(ShardId::new).collect(),
            range,
            Position::parse(to_text(item, "checkpoint")?)?,
        )
    })
}

/// Returns the item of a piece of a log. Later pieces, and those of later leases, sort after it.
pub(super) fn of_piece(lease: &Lease, piece: u64, save: &Save, data: &[u8], expires: u64) -> Item {
    let keep = u64::try_from(save.keep.as_millis()).unwrap_or(u64::MAX);
    item([
        ("pk", text(&log_partition(&lease.shard))),
        ("sk", text(&format!("{:020}-{piece:020}", lease.token))),
        ("written_at", number(save.time.as_millis())),
        ("kept_for", number(keep)),
        ("expires", number(expires)),
        ("log", AttributeValue::B(data.to_vec().into())),
    ])
}

pub(super) fn to_piece(mut item: Item) -> Option<Piece> {
    let time = StreamTime::from_millis(to_number(&item, "written_at")?);
    let keep = Duration::from_millis(to_number(&item, "kept_for")?);
    let AttributeValue::B(data) = item.remove("log")? else {
        return None;
    };
    Some(Piece {
        time,
        keep,
        data: data.into_inner().into(),
    })
}

pub(super) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(super) fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn to_text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

fn to_number(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

fn item<const N: usize>(members: [(&str, AttributeValue); N]) -> Item {
    members.map(|(name, value)| (name.to_owned(), value)).into()
}
