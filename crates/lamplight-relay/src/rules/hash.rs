//! Hashes that are the same on every machine and in every version, since snapshots contain them.

use lamplight_otlp::trace::AnyValue;

/// FNV-1a, with a final mixing of bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hash(u64);

impl Hash {
    pub(super) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(super) fn bytes(self, bytes: &[u8]) -> Self {
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        Self(bytes.iter().fold(self.0, step))
    }

    pub(super) fn number(self, number: u64) -> Self {
        self.bytes(&number.to_le_bytes())
    }

    pub(super) fn finish(self) -> u64 {
        let mixed = (self.0 ^ self.0 >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
        mixed ^ mixed >> 32
    }
}

/// Returns a hash of bytes, processed eight at a time. It is not stored anywhere.
pub(super) fn of_words(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let step = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(FACTOR);
    let (words, rest) = bytes.as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let rest = rest.iter().map(|byte| u64::from(*byte));
    let hash = words.chain(rest).fold(bytes.len() as u64, step);
    hash ^ hash >> 32
}

/// Returns the hash of text.
pub(super) fn of_text(text: &[u8]) -> u64 {
    Hash::new().bytes(text).finish()
}

/// Returns the hash of a value; values of different types have different hashes.
pub(super) fn of_value(value: &AnyValue<'_>) -> u64 {
    let (kind, hash) = (|kind| Hash::new().number(kind), Hash::new());
    match value {
        AnyValue::String(text) => hash.bytes(text),
        AnyValue::Bool(value) => kind(1).number((*value).into()),
        AnyValue::Int(number) => kind(2).number(*number as u64),
        AnyValue::Double(number) => kind(3).number(number.to_bits()),
        AnyValue::Array(bytes) => kind(4).bytes(bytes),
        AnyValue::KeyValueList(bytes) => kind(5).bytes(bytes),
        AnyValue::Bytes(bytes) => kind(6).bytes(bytes),
        _ => kind(7),
    }
    .finish()
}
