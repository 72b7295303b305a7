//! MD5, by which Kinesis chooses the shard of a partition key (RFC 1321).

const SHIFTS: [[u32; 4]; 4] = [
    [7, 12, 17, 22],
    [5, 9, 14, 20],
    [4, 11, 16, 23],
    [6, 10, 15, 21],
];

/// Returns the hash key of a partition key: its MD5, as a big-endian number.
pub(super) fn hash_key(partition_key: &str) -> u128 {
    let bytes = partition_key.as_bytes();
    let mut state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    let (blocks, rest) = bytes.as_chunks::<64>();
    for block in blocks {
        add(&mut state, block);
    }
    let mut last = [0; 64];
    for (to, from) in last.iter_mut().zip(rest.iter().chain(&[0x80])) {
        *to = *from;
    }
    if rest.len() > 55 {
        add(&mut state, &last);
        last = [0; 64];
    }
    if let Some(length) = last.last_chunk_mut() {
        *length = (bytes.len() as u64 * 8).to_le_bytes();
    }
    add(&mut state, &last);
    let [a, b, c, d] = state.map(|word: u32| u128::from(word.swap_bytes()));
    a << 96 | b << 64 | c << 32 | d
}

fn add(state: &mut [u32; 4], block: &[u8; 64]) {
    let mut words = [0; 16];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    let [mut a, mut b, mut c, mut d] = *state;
    for step in 0..64_usize {
        let (mixed, word) = match step / 16 {
            0 => ((b & c) | (!b & d), step),
            1 => ((d & b) | (!d & c), 5 * step + 1),
            2 => (b ^ c ^ d, 3 * step + 5),
            _ => (c ^ (b | !d), 7 * step),
        };
        let word = words.get(word % 16).copied().unwrap_or_default();
        let shift = SHIFTS.get(step / 16).and_then(|round| round.get(step % 4));
        let sum = a
            .wrapping_add(mixed)
            .wrapping_add(constant(step))
            .wrapping_add(word);
        let rotated = sum.rotate_left(shift.copied().unwrap_or_default());
        (a, d, c, b) = (d, c, b, b.wrapping_add(rotated));
    }
    let [e, f, g, h] = *state;
    *state = [
        a.wrapping_add(e),
        b.wrapping_add(f),
        c.wrapping_add(g),
        d.wrapping_add(h),
    ];
}

/// Returns the integer part of 2^32 * |sin(step + 1)|.
fn constant(step: usize) -> u32 {
    SINES.get(step).copied().unwrap_or_default()
}

const SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_test_suite_of_rfc_1321() {
        for (text, digest) in [
            ("", 0xd41d8cd98f00b204e9800998ecf8427e),
            ("a", 0x0cc175b9c0f1b6a831c399e269772661),
            ("abc", 0x900150983cd24fb0d6963f7d28e17f72),
            ("message digest", 0xf96b697d7cb7938d525a2f31aaf161d0),
            (
                "abcdefghijklmnopqrstuvwxyz",
                0xc3fcd3d76192e4007dfb496cca67e13b,
            ),
            (
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                0xd174ab98d277d9f5a5611c2c9f419d9f,
            ),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                0x57edf4a22be3c955ac49da2e2107b67a,
            ),
        ] {
            assert_eq!(hash_key(text), digest, "{text}");
        }
    }

    #[test]
    fn every_length_around_the_ends_of_blocks_has_its_digest() {
        // md5sum of so many times "x".
        for (length, digest) in [
            (54, 0x61ea0974c662328da964d977a8253873),
            (55, 0x04364420e25c512fd958a70738aa8f72),
            (56, 0x668a72d5ba17f08e62dabcafad6db14b),
            (57, 0x693037871c4a9d3d8685018905cb530a),
            (63, 0x7dc2ca208106a2f703567bdff99d8981),
            (64, 0xc1bb4f81d892b2d57947682aeb252456),
            (65, 0x1bc932052302d074bdec39795fe00cf6),
            (119, 0xab347a5f68c8a443cfcddc633f12c24f),
            (120, 0xfb98667f98096de92620b64f46e1c5b5),
            (128, 0xd69cb61a6ee87200676eb0d4b90edbcb),
            (256, 0xc7a139a2b8e92164276f778917ba10b9),
        ] {
            assert_eq!(hash_key(&"x".repeat(length)), digest, "{length}");
        }
    }
}
