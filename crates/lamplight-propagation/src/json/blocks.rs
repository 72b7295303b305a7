//! Traversal of text in blocks of 64 bytes. The [module above](super) has a worked example.

use super::{
    mask::{BLOCK, ByteBlock, inside},
    scan::Scan,
};

/// An iteration over the text, block by block; the last block is padded with zeros.
#[derive(Debug)]
pub(super) struct Blocks<'a> {
    scan: Scan<'a>,
    start: usize,
    /// The start of the next block.
    pub(super) at: usize,
    /// The backslashes among the eight bytes before the block, one bit each; the highest bit is the last
    /// byte.
    before: u64,
    /// All ones if a string continues from the previous block.
    carried: u64,
    /// True if the previous block had no brackets outside strings, so that this one may have none at all.
    sparse: bool,
}

impl<'a> Blocks<'a> {
    /// Returns the blocks from `at`, within a value that begins at `start`.
    #[inline]
    pub(super) fn new(scan: Scan<'a>, start: usize, at: usize) -> Self {
        let before = match scan.bytes.get(start..at) {
            Some([.., b'\\']) if scan.level == 0 => u64::from(!scan.delimits(start, at)) << 7,
            Some(known @ [.., b'\\']) => known
                .iter()
                .rev()
                .zip((0..8).rev())
                .fold(0, |mask, (byte, bit)| {
                    mask | u64::from(*byte == b'\\') << bit
                }),
            _ => 0,
        };
        Self {
            scan,
            start,
            at,
            before,
            carried: 0,
            sparse: true,
        }
    }

    /// Returns the start of the next block, and the delimiting quotes in it.
    #[inline]
    pub(super) fn next_quotes(&mut self) -> Option<(usize, u64)> {
        let rest = self.scan.bytes.get(self.at..)?;
        let lanes = lanes(rest)?;
        let at = self.at;
        self.at += BLOCK;
        Some((at, self.delimiting_escaped(at, &lanes, lanes.equal(b'\\'))))
    }

    /// Returns the start of the next block, and its brackets outside strings.
    #[inline(always)]
    pub(super) fn next_bracketed<const OPEN: u8, const CLOSE: u8>(
        &mut self,
    ) -> Option<(usize, u64)> {
        let mut rest = self.scan.bytes.get(self.at..)?;
        // This saves 5 % of a batch of 1000 SQS messages. Trying it for every block would cost 11 % of an
        // EventBridge event, whose payload has brackets in every block.
        if self.sparse && self.scan.level == 0 && self.before == 0 {
            while let Some((block, behind)) = rest.split_first_chunk()
                && let Some(opens) = ByteBlock::of(block).quote_parity_if_no_brackets()
            {
                // Strings that begin in this block and do not end in it.
                self.carried ^= 0_u64.wrapping_sub(u64::from(opens));
                self.at += BLOCK;
                rest = behind;
            }
        }
        let lanes = lanes(rest)?;
        let at = self.at;
        self.at += BLOCK;
        let quotes = self.delimiting(at, &lanes);
        let strings = inside(quotes) ^ self.carried;
        self.carried = 0_u64.wrapping_sub(strings >> 63);
        let brackets = lanes.either(OPEN, CLOSE) & !strings;
        self.sparse = brackets == 0;
        Some((at, brackets))
    }

    /// Returns the quotes that delimit strings at this level.
    #[inline(always)]
    fn delimiting(&mut self, at: usize, lanes: &ByteBlock) -> u64 {
        let backslashes = lanes.equal(b'\\');
        if self.scan.level == 0 && self.before == 0 && backslashes == 0 {
            // The usual case outside long strings.
            return lanes.equal(b'"');
        }
        self.delimiting_escaped(at, lanes, backslashes)
    }

    /// Returns [`Blocks::delimiting`] if there are backslashes, as in every document within a string.
    #[inline]
    fn delimiting_escaped(&mut self, at: usize, lanes: &ByteBlock, backslashes: u64) -> u64 {
        let quotes = lanes.equal(b'"');
        if self.scan.level == 0 {
            return quotes & !self.escaped(backslashes);
        }
        let before = std::mem::replace(&mut self.before, backslashes >> (BLOCK - 8));
        // Bit `i` of `run(n)` is set if the byte `n` positions before byte `i` is a backslash. At the first
        // levels only the backslashes directly before a quote matter, so four are enough to distinguish runs
        // of exactly one and exactly three from longer ones.
        let run = |n: u32| backslashes << n | before >> (8 - n);
        let one = run(1);
        let two = one & run(2);
        let three = two & run(3);
        let four = three & run(4);
        // Exactly one and exactly three backslashes: quotes of level 1 and level 2.
        let (exactly_one, exactly_three) = (one & !two, three & !four);
        match self.scan.level {
            1 => quotes & exactly_one | self.counted(at, quotes & four),
            2 => quotes & exactly_three | self.counted(at, quotes & four),
            _ => self.counted(at, quotes & four),
        }
    }

    /// Returns the characters with an odd number of backslashes before them, at the outermost level, and
    /// remembers whether the first character of the next block is one of them.
    ///
    /// Every second backslash of a run escapes the byte after it. If a run starts at an even position, the
    /// escaped bytes are at odd positions, and the other way round. Adding a bit at the start of a run
    /// carries through the whole run. This is done for runs with an odd start only; the carry marks the first
    /// position after such a run, from which even and odd exchange their roles.
    #[inline]
    fn escaped(&mut self, backslashes: u64) -> u64 {
        const EVEN: u64 = 0x5555_5555_5555_5555;

        let first = self.before >> 7;
        let escaping = backslashes & !first;
        let behind = escaping << 1 | first;
        let odd_starts = escaping & !EVEN & !behind;
        let (odd_runs_end, overflow) = odd_starts.overflowing_add(escaping);
        self.before = u64::from(overflow) << 7;
        let flipped = odd_runs_end << 1;
        (EVEN ^ flipped) & behind
    }

    /// Returns those of the quotes that delimit, by counting backslashes.
    #[inline]
    fn counted(&self, at: usize, mut quotes: u64) -> u64 {
        let mut delimiting = 0;
        while quotes != 0 {
            let bit = quotes.trailing_zeros();
            if self.scan.delimits(self.start, at + bit as usize) {
                delimiting |= 1 << bit;
            }
            quotes &= quotes - 1;
        }
        delimiting
    }
}

/// Returns the block at the front of the text; `None` at its end.
#[inline(always)]
fn lanes(rest: &[u8]) -> Option<ByteBlock> {
    Some(match rest.first_chunk() {
        Some(block) => ByteBlock::of(block),
        None => ByteBlock::of(&fill(rest)?),
    })
}

/// Returns the last bytes of the text as a block padded with zeros; `None` at its end.
#[cold]
fn fill(rest: &[u8]) -> Option<[u8; BLOCK]> {
    let mut filled = [0; BLOCK];
    filled.get_mut(..rest.len())?.copy_from_slice(rest);
    (!rest.is_empty()).then_some(filled)
}
