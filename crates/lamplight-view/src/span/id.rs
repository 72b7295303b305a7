//! Ids of traces and spans.

use std::fmt;

/// The id of a trace.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct TraceId(pub [u8; 16]);

/// The id of a span within its trace.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SpanId(pub [u8; 8]);

/// A reference to a span of any trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SpanRef {
    /// Id of the trace.
    pub trace: TraceId,
    /// Id of the span.
    pub span: SpanId,
}

macro_rules! id {
    ($name:ident, $length:literal) => {
        impl $name {
            /// Returns the id with these bytes; zeros if their number is wrong.
            #[must_use]
            pub fn of(bytes: &[u8]) -> Self {
                Self(bytes.try_into().unwrap_or_default())
            }

            /// Parses hexadecimal digits in any case; returns `None` if they are invalid or their
            /// number is wrong.
            #[must_use]
            pub fn from_hex(text: &str) -> Option<Self> {
                let digits = text.as_bytes();
                let mut bytes = [0; $length];
                if digits.len() != 2 * $length {
                    return None;
                }
                for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
                    for digit in pair {
                        let value = char::from(*digit).to_digit(16)?;
                        *byte = (*byte << 4) | u8::try_from(value).ok()?;
                    }
                }
                Some(Self(bytes))
            }

            /// Returns whether the id is valid; all zeros are not.
            #[must_use]
            pub fn is_valid(&self) -> bool {
                *self != Self::default()
            }
        }

        impl fmt::Display for $name {
            /// Writes lower-case hexadecimal digits.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

id!(TraceId, 16);
id!(SpanId, 8);

#[cfg(test)]
mod tests {
    use super::{SpanId, TraceId};

    #[test]
    fn an_id_is_read_as_it_is_written() {
        let id = SpanId([0, 1, 0xab, 3, 4, 5, 6, 0xff]);
        assert_eq!(id.to_string(), "0001ab03040506ff");
        assert_eq!(SpanId::from_hex("0001AB03040506ff"), Some(id));
        assert_eq!(SpanId::from_hex("0001AB03040506f"), None);
        assert_eq!(SpanId::from_hex("0001AB03040506fé"), None);
        assert_eq!(TraceId::of(b"short"), TraceId::default());
        assert!(!TraceId::default().is_valid());
    }
}
