//! Positions in a shard.

use std::fmt;

use crate::record::{SequenceNumber, StreamTime};

/// A position in a shard from which to read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Position {
    /// The oldest record.
    TrimHorizon,
    /// The first record that arrived at or after this time.
    Time(StreamTime),
    /// This record.
    At(SequenceNumber),
    /// The record after this one.
    After(SequenceNumber),
    /// The end: the whole shard has been read, and all its records are settled.
    End,
}

impl Position {
    /// Parses the output of [`Display`](fmt::Display).
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(' ') {
            None if text == "TRIM_HORIZON" => Some(Self::TrimHorizon),
            None if text == "SHARD_END" => Some(Self::End),
            Some(("TIME", millis)) => {
                let millis = millis.parse().ok()?;
                Some(Self::Time(StreamTime::from_millis(millis)))
            }
            Some(("AT", number)) => sequence(number).map(Self::At),
            Some(("AFTER", number)) => sequence(number).map(Self::After),
            _ => None,
        }
    }

    /// Returns the sequence number of the position, if it has one.
    pub fn sequence(&self) -> Option<&SequenceNumber> {
        match self {
            Self::At(sequence) | Self::After(sequence) => Some(sequence),
            _ => None,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TrimHorizon => f.write_str("TRIM_HORIZON"),
            Self::Time(time) => write!(f, "TIME {}", time.as_millis()),
            Self::At(sequence) => write!(f, "AT {sequence}"),
            Self::After(sequence) => write!(f, "AFTER {sequence}"),
            Self::End => f.write_str("SHARD_END"),
        }
    }
}

fn sequence(text: &str) -> Option<SequenceNumber> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| SequenceNumber::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_is_written() {
        let sequence = SequenceNumber::new("4959");
        for position in [
            Position::TrimHorizon,
            Position::Time(StreamTime::from_millis(17)),
            Position::At(sequence.clone()),
            Position::After(sequence),
            Position::End,
        ] {
            assert_eq!(Position::parse(&position.to_string()), Some(position));
        }
    }

    #[test]
    fn what_is_no_position_is_none() {
        for text in [
            "", "AT", "AT ", "AT x", "TIME -1", "LATEST", "At 1", "AT 1 2",
        ] {
            assert_eq!(Position::parse(text), None, "{text}");
        }
    }
}
