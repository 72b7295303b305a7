//! Checkpoints of shards.

use std::{error::Error, fmt};

use serde_json::{Map, Value, json};

use crate::record::{SequenceNumber, ShardId, StreamTime};

/// The version of the text format.
const VERSION: u64 = 1;

/// The position from which to resume reading a shard, and the state when it was saved.
///
/// All records before [`resume`](Self::resume) are settled. Records from there up to
/// [`read`](Self::read) are read again to restore undecided traces, not to make decisions: these
/// are in the decision log, up to [`decisions`](Self::decisions). After `read`, processing
/// continues as it would have without the restart.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checkpoint {
    /// The shard.
    pub shard: ShardId,
    /// The position from which to resume reading.
    pub resume: Resume,
    /// The effective time at that position.
    pub time: StreamTime,
    /// The oldest record that is undecided or not delivered; earlier records are read again only
    /// for metrics.
    pub unsettled: Option<SequenceNumber>,
    /// The last record that was read.
    pub read: Option<SequenceNumber>,
    /// The time of the shard when it took over from its parents, if any. Older relays did not save
    /// it.
    pub opened: Option<StreamTime>,
    /// The shards it took over from, in the order of their decisions. Older relays did not save
    /// them.
    pub parents: Vec<ShardId>,
    /// The time of the shard when the checkpoint was saved.
    pub read_time: StreamTime,
    /// The end of the last metrics window that was delivered.
    pub metered: Option<StreamTime>,
    /// Number of decisions made so far in the shard's lineage.
    pub decisions: u64,
    /// The number of the first decision that is still needed: older ones can be deleted from the
    /// log.
    pub decisions_from: u64,
    /// The state of adaptive rules at that time.
    pub rules: Vec<u8>,
}

/// A position from which to read a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resume {
    /// The starting position without a checkpoint: no record of the shard was read.
    Start,
    /// At this record.
    At(SequenceNumber),
    /// After this record.
    After(SequenceNumber),
    /// The end: the shard has ended, and all its records are settled.
    End,
}

impl Checkpoint {
    /// Returns the checkpoint as text: JSON on several lines.
    pub fn to_text(&self) -> String {
        let resume = match &self.resume {
            Resume::Start => json!("start"),
            Resume::At(sequence) => json!({ "at": sequence.as_str() }),
            Resume::After(sequence) => json!({ "after": sequence.as_str() }),
            Resume::End => json!("end"),
        };
        let sequence = |sequence: &Option<SequenceNumber>| match sequence {
            Some(sequence) => json!(sequence.as_str()),
            None => Value::Null,
        };
        let rules: String = self
            .rules
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let text = json!({
            "version": VERSION,
            "shard": self.shard.as_str(),
            "resume": resume,
            "time_ms": self.time.as_millis(),
            "unsettled": sequence(&self.unsettled),
            "read": sequence(&self.read),
            "opened_ms": self.opened.map(StreamTime::as_millis),
            "parents": self.parents.iter().map(ShardId::as_str).collect::<Vec<_>>(),
            "read_time_ms": self.read_time.as_millis(),
            "metered_ms": self.metered.map(StreamTime::as_millis),
            "decisions": self.decisions,
            "decisions_from": self.decisions_from,
            "rules": rules,
        });
        format!("{text:#}")
    }

    /// Parses the output of [`to_text`](Self::to_text).
    ///
    /// # Errors
    ///
    /// Returns an error if the text is invalid, or has an unknown version.
    pub fn parse(text: &[u8]) -> Result<Self, CheckpointError> {
        let members: Map<String, Value> = serde_json::from_slice(text)
            .map_err(|error| CheckpointError::Json(error.to_string()))?;
        let members = Members(&members);
        match members.number("version")? {
            VERSION => {}
            other => return Err(CheckpointError::Version(other)),
        }
        Ok(Self {
            shard: ShardId::new(members.text("shard")?),
            resume: members.resume()?,
            time: StreamTime::from_millis(members.number("time_ms")?),
            unsettled: members.sequence("unsettled")?,
            read: members.sequence("read")?,
            opened: match members.0.get("opened_ms") {
                None => None,
                Some(_) => members.time("opened_ms")?,
            },
            parents: members.shards("parents")?,
            read_time: StreamTime::from_millis(members.number("read_time_ms")?),
            metered: members.time("metered_ms")?,
            decisions: members.number("decisions")?,
            decisions_from: members.number("decisions_from")?,
            rules: bytes_of_hex(members.text("rules")?).ok_or(CheckpointError::Member("rules"))?,
        })
    }

    /// Returns the checkpoint of a shard that has ended and is settled, if nothing else is known.
    pub const fn end(shard: ShardId) -> Self {
        let start = StreamTime::from_millis(0);
        Self {
            shard,
            resume: Resume::End,
            time: start,
            unsettled: None,
            read: None,
            opened: None,
            parents: Vec::new(),
            read_time: start,
            metered: None,
            decisions: 0,
            decisions_from: 0,
            rules: Vec::new(),
        }
    }

    /// Returns whether the shard has ended and is settled, so that it need not be read again.
    pub fn is_end(&self) -> bool {
        self.resume == Resume::End
    }
}

struct Members<'a>(&'a Map<String, Value>);

impl<'a> Members<'a> {
    fn member(&self, name: &'static str) -> Result<&'a Value, CheckpointError> {
        self.0.get(name).ok_or(CheckpointError::Member(name))
    }

    fn number(&self, name: &'static str) -> Result<u64, CheckpointError> {
        let number = self.member(name)?.as_u64();
        number.ok_or(CheckpointError::Member(name))
    }

    fn time(&self, name: &'static str) -> Result<Option<StreamTime>, CheckpointError> {
        match self.member(name)? {
            Value::Null => Ok(None),
            _ => Ok(Some(StreamTime::from_millis(self.number(name)?))),
        }
    }

    fn text(&self, name: &'static str) -> Result<&'a str, CheckpointError> {
        let text = self.member(name)?.as_str();
        text.ok_or(CheckpointError::Member(name))
    }

    fn sequence(&self, name: &'static str) -> Result<Option<SequenceNumber>, CheckpointError> {
        match self.member(name)? {
            Value::Null => Ok(None),
            value => sequence(value)
                .map(Some)
                .ok_or(CheckpointError::Member(name)),
        }
    }

    /// Returns a list of shards; an empty one if the member is missing.
    fn shards(&self, name: &'static str) -> Result<Vec<ShardId>, CheckpointError> {
        let shards = match self.0.get(name) {
            None => Some(Vec::new()),
            Some(Value::Array(shards)) => shards
                .iter()
                .map(|shard| shard.as_str().map(ShardId::new))
                .collect(),
            Some(_) => None,
        };
        shards.ok_or(CheckpointError::Member(name))
    }

    fn resume(&self) -> Result<Resume, CheckpointError> {
        const NAME: &str = "resume";
        let resume = match self.member(NAME)? {
            Value::String(text) if text == "start" => Some(Resume::Start),
            Value::String(text) if text == "end" => Some(Resume::End),
            Value::Object(object) => match (object.get("at"), object.get("after")) {
                (Some(at), None) => sequence(at).map(Resume::At),
                (None, Some(after)) => sequence(after).map(Resume::After),
                _ => None,
            },
            _ => None,
        };
        resume.ok_or(CheckpointError::Member(NAME))
    }
}

fn sequence(value: &Value) -> Option<SequenceNumber> {
    let text = value.as_str()?;
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| SequenceNumber::new(text))
}

fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(high)? << 4 | digit(low)?).ok(),
            _ => None,
        })
        .collect()
}

/// The reason why a text is not a checkpoint, or why the relay cannot resume from it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckpointError {
    /// It is not a JSON object.
    Json(String),
    /// It has an unknown version.
    Version(u64),
    /// This member is missing or invalid.
    Member(&'static str),
    /// It belongs to another shard.
    Shard(ShardId),
    /// The decision log is invalid.
    Log,
    /// Decisions are missing from the log: it ends before this one, which was made before the
    /// checkpoint.
    Missing(u64),
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(why) => write!(f, "the checkpoint is not a JSON object: {why}"),
            Self::Version(version) => write!(
                f,
                "the checkpoint has version {version}, and this relay reads version {VERSION}: \
                run the \
                 relay that wrote it, or delete the checkpoint to start without it"
            ),
            Self::Member(name) => write!(
                f,
                "\"{name}\" of the checkpoint is missing or invalid: restore it, or \
                 delete the checkpoint to start without it"
            ),
            Self::Shard(shard) => write!(f, "the checkpoint belongs to {shard}"),
            Self::Log => f.write_str(
                "the decision log is invalid: delete it and the checkpoint to start without them",
            ),
            Self::Missing(number) => write!(
                f,
                "decision {number}, which the checkpoint needs, is missing from the decision log: \
                 restore the log, or delete the checkpoint to start without it"
            ),
        }
    }
}

impl Error for CheckpointError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            shard: ShardId::new("shardId-000000000001"),
            resume: Resume::At(SequenceNumber::new("4959")),
            time: StreamTime::from_millis(1_700_000_000_123),
            unsettled: Some(SequenceNumber::new("4960")),
            read: Some(SequenceNumber::new("4999")),
            opened: Some(StreamTime::from_millis(1_699_999_000_000)),
            parents: ["shardId-000000000000", "shardId-000000000002"]
                .map(ShardId::new)
                .to_vec(),
            read_time: StreamTime::from_millis(1_700_000_030_000),
            metered: Some(StreamTime::from_millis(1_699_999_980_000)),
            decisions: 17,
            decisions_from: 3,
            rules: vec![0, 0xab, 255],
        }
    }

    #[test]
    fn a_checkpoint_is_read_as_it_is_written() {
        let sequence = || SequenceNumber::new("17");
        for resume in [
            Resume::Start,
            Resume::At(sequence()),
            Resume::After(sequence()),
            Resume::End,
        ] {
            let written = Checkpoint {
                resume,
                ..checkpoint()
            };
            let text = written.to_text();
            assert_eq!(Checkpoint::parse(text.as_bytes()), Ok(written), "{text}");
        }
        let empty = Checkpoint {
            unsettled: None,
            read: None,
            opened: None,
            parents: Vec::new(),
            metered: None,
            rules: Vec::new(),
            ..checkpoint()
        };
        assert_eq!(Checkpoint::parse(empty.to_text().as_bytes()), Ok(empty));
    }

    #[test]
    fn a_checkpoint_of_an_older_relay_does_not_say_when_and_from_whom_the_shard_took_over() {
        let mut older: Map<String, Value> = serde_json::from_str(&checkpoint().to_text()).unwrap();
        for member in ["opened_ms", "parents"] {
            older.remove(member).unwrap();
        }
        let older = Value::Object(older).to_string();
        let expected = Checkpoint {
            opened: None,
            parents: Vec::new(),
            ..checkpoint()
        };
        assert_eq!(Checkpoint::parse(older.as_bytes()), Ok(expected));
    }

    #[test]
    fn a_checkpoint_can_be_read_by_a_human() {
        let text = checkpoint().to_text();
        for line in [
            r#"  "shard": "shardId-000000000001","#,
            r#"    "at": "4959""#,
            r#"  "version": 1"#,
        ] {
            assert!(
                text.lines()
                    .any(|found| found.trim_end_matches(',') == line.trim_end_matches(',')),
                "{line} in {text}"
            );
        }
    }

    #[test]
    fn another_version_is_said_with_what_to_do() {
        let text = checkpoint()
            .to_text()
            .replace("\"version\": 1", "\"version\": 2");
        let error = Checkpoint::parse(text.as_bytes()).unwrap_err();
        assert_eq!(error, CheckpointError::Version(2));
        assert_eq!(
            error.to_string(),
            "the checkpoint has version 2, and this relay reads version 1: run the relay that \
            wrote it, \
             or delete the checkpoint to start without it"
        );
    }

    #[test]
    fn a_member_that_is_not_what_it_should_be_is_named() {
        let text = checkpoint().to_text();
        for (good, bad, name) in [
            ("\"4999\"", "\"49a9\"", "read"),
            ("\"00abff\"", "\"00abf\"", "rules"),
            ("\"at\"", "\"ta\"", "resume"),
            ("\"time_ms\": 1", "\"time_ms\": -1", "time_ms"),
            ("\"decisions\"", "\"decision\"", "decisions"),
            ("\"shardId-000000000002\"", "2", "parents"),
        ] {
            assert!(text.contains(good), "{good}");
            let found = Checkpoint::parse(text.replace(good, bad).as_bytes());
            assert_eq!(found, Err(CheckpointError::Member(name)));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_checkpoint_or_an_error(text in ".*") {
            let _ = Checkpoint::parse(text.as_bytes());
        }
    }
}
