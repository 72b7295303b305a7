//! `[source]`: the streams to read, where to start, and where to keep checkpoints.

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use crate::{
    config::{
        http,
        item::Item,
        keys::{Key, Table, key},
        section::Section,
        stream,
    },
    record::StreamTime,
};

const HOUR: Duration = Duration::from_secs(3600);
const SECOND: Duration = Duration::from_secs(1);

pub(super) static SOURCE: Table = Table {
    name: "source",
    about: "The streams to read. The function behind an event source mapping receives its records \
    from Lambda and does not read streams: it ignores this table, whose variables need not be set \
    for it.",
    list: false,
    open: false,
    keys: KEYS,
};

const KEYS: &[Key] = &[
    key(
        "streams",
        "strings",
        "required",
        "Names or ARNs of streams. Variables are substituted.",
    ),
    key(
        "start",
        "`\"trim_horizon\"`, `\"latest\"`, or a time such as `\"2026-01-31T12:00:00Z\"`",
        "`\"trim_horizon\"`",
        "The starting position of a shard without a checkpoint.",
    ),
    key(
        "checkpoints",
        "table",
        "required",
        "The checkpoint store: see below.",
    ),
    key(
        "fan_out",
        "string",
        "none",
        "ARN of a registered consumer of the only stream, for enhanced fan-out with a dedicated 2 \
        MB/s per shard. \
         Variables are substituted.",
    ),
    key(
        "poll_interval",
        "duration",
        "`\"1 s\"`",
        "Pause after a shard has been read to its end. A shard allows 5 calls per second for all \
        its readers.",
    ),
    key(
        "read_share",
        "share",
        "`\"90 %\"`",
        "The share of a shard's 5 calls and 2 MB per second to use. With two readers, use 45 % \
        each.",
    ),
    key(
        "shard_sync",
        "duration",
        "`\"45 s\"`",
        "Interval between listings of shards.",
    ),
    key(
        "lease",
        "duration",
        "`\"30 s\"`",
        "Duration of a lease: a shard is taken over if its owner sends no heartbeat for this time. \
        Instances share shards by leases.",
    ),
    key(
        "owner",
        "string",
        "a random one",
        "The name of this instance in leases, which must be unique. Variables are substituted.",
    ),
    key(
        "region",
        "string",
        "the environment's",
        "The region of streams without ARNs, and of the table. Variables are substituted.",
    ),
    key(
        "endpoint",
        "string",
        "AWS's",
        "The endpoint of a Kinesis-compatible service other than AWS. Variables are substituted.",
    ),
];

pub(super) static CHECKPOINTS: Table = Table {
    name: "source.checkpoints",
    about: "The store of checkpoints and leases: a folder for a single process, or a DynamoDB \
    table for any number of them.",
    list: false,
    open: false,
    keys: &[
        key(
            "type",
            "`\"file\"`, `\"dynamodb\"` or `\"memory\"`",
            "required",
            "The kind of store. `memory` loses its content at exit, and is only for trials.",
        ),
        key(
            "path",
            "string",
            "required for `file`",
            "The folder, which is created if necessary. Variables are substituted.",
        ),
        key(
            "table",
            "string",
            "required for `dynamodb`",
            "The table. Variables are substituted.",
        ),
        key(
            "interval",
            "duration",
            "`\"5 s\"`",
            "Interval between saves of checkpoints.",
        ),
        key(
            "endpoint",
            "string",
            "AWS's",
            "The endpoint of a DynamoDB-compatible service other than AWS. Variables are \
            substituted.",
        ),
    ],
};

/// The streams to read, and how to read them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SourceConfig {
    /// Names or ARNs of the streams.
    pub streams: Vec<String>,
    /// The starting position of a shard without a checkpoint.
    pub start: Start,
    /// The checkpoint store.
    pub checkpoints: Checkpoints,
    /// The interval between saves of checkpoints.
    pub checkpoint_interval: Duration,
    /// The ARN of a stream consumer, for enhanced fan-out.
    pub fan_out: Option<String>,
    /// Pause before reading again from a shard that had no more records.
    pub poll_interval: Duration,
    /// The share of a shard's read throughput to use.
    pub read_share: f64,
    /// The interval between listings of shards.
    pub shard_sync: Duration,
    /// The duration of a lease.
    pub lease: Duration,
    /// The name of this instance.
    pub owner: Option<String>,
    /// The AWS region of the streams.
    pub region: Option<String>,
    /// The endpoint of a Kinesis-compatible service other than AWS.
    pub endpoint: Option<String>,
}

/// The starting position of a shard without a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Start {
    /// The oldest record of the shard.
    #[default]
    TrimHorizon,
    /// After the newest record.
    Latest,
    /// The first record that arrived at or after this time.
    At(StreamTime),
}

/// A checkpoint store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checkpoints {
    /// Memory: checkpoints are lost at exit.
    Memory,
    /// A folder.
    File(PathBuf),
    /// A DynamoDB table.
    DynamoDb {
        /// Its name.
        table: String,
        /// The endpoint of a DynamoDB-compatible service other than AWS.
        endpoint: Option<String>,
    },
}

/// Reads `[source]`, if present.
pub(super) fn read(section: &Section<'_>) -> Option<SourceConfig> {
    if !section.is_there() {
        return None;
    }
    let region = section.filled("region");
    let streams = streams(section, region.as_deref());
    if let (Some(item), Some([_, _, ..])) = (section.get("fan_out"), streams.as_deref()) {
        item.fault(
            "is a consumer of one stream, but several are read",
            "read each stream with its own relay, or remove it",
        );
    }
    let start = section.get("start").and_then(|item| start(&item));
    let remedy = "write `checkpoints = { type = \"file\", path = \"/var/lib/lamplight-relay\" }`";
    section.required("checkpoints", remedy);
    let store = section.section(&CHECKPOINTS);
    Some(SourceConfig {
        streams: streams.unwrap_or_default(),
        start: start.unwrap_or_default(),
        checkpoints: store
            .is_there()
            .then(|| checkpoints(&store))
            .flatten()
            .unwrap_or(Checkpoints::Memory),
        checkpoint_interval: store
            .duration("interval", SECOND..=HOUR)
            .unwrap_or(5 * SECOND),
        fan_out: section.filled("fan_out"),
        poll_interval: section
            .duration("poll_interval", Duration::from_millis(200)..=60 * SECOND)
            .unwrap_or(SECOND),
        read_share: read_share(section).unwrap_or(0.9),
        shard_sync: section
            .duration("shard_sync", SECOND..=HOUR)
            .unwrap_or(45 * SECOND),
        lease: section
            .duration("lease", SECOND..=HOUR)
            .unwrap_or(30 * SECOND),
        owner: section.filled("owner"),
        region,
        endpoint: section.get("endpoint").and_then(|item| http::url(&item)),
    })
}

fn streams(section: &Section<'_>, region: Option<&str>) -> Option<Vec<String>> {
    let item = section.required("streams", "write `streams = [\"spans\"]`")?;
    let items = match item.as_text() {
        Some(_) => vec![item.clone()],
        None => item.items()?,
    };
    if items.is_empty() {
        item.fault("lists no streams", "write `streams = [\"spans\"]`");
    }
    let (mut streams, mut names) = (Vec::new(), BTreeSet::new());
    for item in items {
        let Some(stream) = item.filled() else {
            continue;
        };
        stream::region(&item, &stream, region.map(str::to_owned));
        let name = stream::parts(&stream).map_or(&*stream, |(_, name)| name);
        // Checkpoints are stored by stream name.
        if !names.insert(name.to_owned()) {
            item.fault(
                "has the same name as another stream",
                "remove it, or read it with a relay that has its own checkpoints",
            );
        }
        streams.push(stream);
    }
    Some(streams)
}

fn read_share(section: &Section<'_>) -> Option<f64> {
    let item = section.get("read_share")?;
    let share = item.share()?;
    if share < 0.01 {
        item.fault("is less than 1 %, the minimum", "write more");
        return None;
    }
    Some(share)
}

fn start(item: &Item<'_>) -> Option<Start> {
    let text = item.datetime().or_else(|| item.text())?;
    match text.as_str() {
        "trim_horizon" => Some(Start::TrimHorizon),
        "latest" => Some(Start::Latest),
        time => {
            let millis = moment(time);
            if millis.is_none() {
                item.fault(
                    &format!("{text:?} is not a starting position"),
                    "write \"trim_horizon\", \"latest\", or a time such as \
                    \"2026-01-31T12:00:00Z\"",
                );
            }
            millis.map(|millis| Start::At(StreamTime::from_millis(millis)))
        }
    }
}

fn checkpoints(section: &Section<'_>) -> Option<Checkpoints> {
    let kinds = [("memory", 0), ("file", 1), ("dynamodb", 2)];
    let of_kinds = [("path", 1), ("table", 2), ("endpoint", 2)];
    section.required("type", "write `type = \"file\"` or `type = \"dynamodb\"`")?;
    let kind = section.choice("type", &kinds)?;
    for (name, _) in of_kinds.iter().filter(|(_, of)| *of != kind) {
        if let Some(item) = section.get(name) {
            item.fault(
                "is set, but checkpoints of this type do not have it",
                "remove it, or change the type",
            );
        }
    }
    if kind == 1 {
        let path = section.required("path", "write `path = \"/var/lib/lamplight-relay\"`")?;
        return Some(Checkpoints::File(path.filled()?.into()));
    }
    if kind == 2 {
        let table = section.required("table", "write `table = \"relay-checkpoints\"`")?;
        return Some(Checkpoints::DynamoDb {
            table: table.filled()?,
            endpoint: section.get("endpoint").and_then(|item| http::url(&item)),
        });
    }
    Some(Checkpoints::Memory)
}

/// Returns the milliseconds since 1970 of a time such as `2026-01-31T12:00:00Z`.
fn moment(text: &str) -> Option<u64> {
    let datetime: toml_datetime::Datetime = text.parse().ok()?;
    let (date, time) = (datetime.date?, datetime.time?);
    let offset = match datetime.offset? {
        toml_datetime::Offset::Z => 0,
        toml_datetime::Offset::Custom { minutes } => i64::from(minutes),
    };
    // Days since 1970 in the proleptic Gregorian calendar, with years that begin in March.
    let year = i64::from(date.year) - i64::from(date.month <= 2);
    let month = (i64::from(date.month) + 9) % 12;
    let days = year * 365 + year / 4 - year / 100
        + year / 400
        + (month * 153 + 2) / 5
        + i64::from(date.day)
        - 1
        - 719_468;
    let seconds = days * 86_400
        + i64::from(time.hour) * 3600
        + (i64::from(time.minute) - offset) * 60
        + i64::from(time.second.unwrap_or_default());
    let millis = i64::from(time.nanosecond.unwrap_or_default()) / 1_000_000;
    u64::try_from(seconds * 1000 + millis).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_milliseconds_since_1970() {
        assert_eq!(moment("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(moment("2000-02-29T12:00:00Z"), Some(951_825_600_000));
        assert_eq!(moment("2026-01-31T12:00:00.250Z"), Some(1_769_860_800_250));
        assert_eq!(
            moment("2026-01-31T14:00:00+02:00"),
            moment("2026-01-31T12:00:00Z")
        );
        for wrong in [
            "2026-01-31",
            "2026-01-31T12:00:00",
            "x",
            "1960-01-01T00:00:00Z",
        ] {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
    }
}
