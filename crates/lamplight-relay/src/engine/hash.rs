//! Hashes that are the same in every process and version, since saved data contains them.

const SEEDS: [u64; 3] = [
    0x9e37_79b9_7f4a_7c15,
    0xd1b5_4a32_d192_ed03,
    0x8cb9_2ba7_2f3d_8dd7,
];

/// Returns the key of a trace.
pub(super) fn of_trace(trace_id: &[u8; 16]) -> u64 {
    let id = u128::from_be_bytes(*trace_id);
    let [first, second, _] = SEEDS;
    mix((id >> 64) as u64 ^ first, id as u64 ^ second)
}

/// Returns the key of a trace's spans in a record.
pub(super) fn of_late(trace_id: &[u8; 16], sequence: &str) -> u64 {
    mix(of_trace(trace_id), of_bytes(sequence.as_bytes()))
}

/// Returns the hash of any bytes.
pub(super) fn of_bytes(bytes: &[u8]) -> u64 {
    let [first, second, third] = SEEDS;
    let mut hash = third ^ bytes.len() as u64;
    let (pairs, rest) = bytes.as_chunks::<16>();
    for pair in pairs {
        let pair = u128::from_le_bytes(*pair);
        hash = mix((pair >> 64) as u64 ^ first, pair as u64 ^ hash);
    }
    let mut last = [0; 16];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    let last = u128::from_le_bytes(last);
    mix(mix((last >> 64) as u64 ^ first, last as u64 ^ hash), second)
}

/// Returns a hash for long data that is never saved: like [`of_bytes`], but with four independent
/// lanes.
pub(super) fn of_data(bytes: &[u8]) -> u64 {
    let [first, second, third] = SEEDS;
    let mut lanes = [first, second, third, first ^ third];
    let (blocks, rest) = bytes.as_chunks::<64>();
    for block in blocks {
        let (pairs, _) = block.as_chunks::<16>();
        for (lane, pair) in lanes.iter_mut().zip(pairs) {
            let pair = u128::from_le_bytes(*pair);
            *lane = mix((pair >> 64) as u64 ^ second, pair as u64 ^ *lane);
        }
    }
    let rest = of_bytes(rest) ^ bytes.len() as u64;
    lanes
        .into_iter()
        .fold(rest, |hash, lane| mix(hash ^ lane, third))
}

fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_stay_what_they_are_since_they_are_saved() {
        assert_eq!(of_trace(&[7; 16]), FIXED.0);
        assert_eq!(of_late(&[7; 16], "4959"), FIXED.1);
    }

    /// Computed by another program.
    const FIXED: (u64, u64) = (784462493484077532, 2743252135359895840);

    #[test]
    fn bytes_that_differ_anywhere_have_other_hashes() {
        for hash in [of_bytes, of_data] {
            let bytes: Vec<u8> = (0..200).collect();
            let mut seen = std::collections::HashSet::new();
            for length in 0..=bytes.len() {
                assert!(seen.insert(hash(bytes.get(..length).unwrap())));
            }
            for place in 0..bytes.len() {
                let mut other = bytes.clone();
                *other.get_mut(place).unwrap() ^= 1;
                assert!(seen.insert(hash(&other)), "{place}");
            }
            assert!(seen.insert(hash(&[0; 3])) && seen.insert(hash(&[0; 4])));
        }
    }
}
