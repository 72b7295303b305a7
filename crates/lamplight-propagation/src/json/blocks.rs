//! Going over text 64 bytes at a time. The [module above](super) has a worked example.

use super::{
    mask::{BLOCK, ByteBlock, inside},
    scan::Scan,
};

/// Goes over the text block by block; the last one is filled up with zeros.
#[derive(Debug)]
pub(super) struct Blocks<'a> {
    scan: Scan<'a>,
    start: usize,
    /// Where the next block starts.
    pub(super) at: usize,
    /// The backslashes of the eight bytes before, the last of them the highest of eight bits.
    before: u64,
    /// All ones while a string goes on from the block before.
    carried: u64,
    /// The block before had no brackets outside of strings, so this one may have none at all.
    sparse: bool,
}

impl<'a> Blocks<'a> {
    /// Returns blocks from `at`, in a value that begins at `start`.
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

    /// Returns where the next block starts and the quotes in it that delimit.
    #[inline]
    pub(super) fn next_quotes(&mut self) -> Option<(usize, u64)> {
        let rest = self.scan.bytes.get(self.at..)?;
        let lanes = lanes(rest)?;
        let at = self.at;
        self.at += BLOCK;
        Some((at, self.delimiting_escaped(at, &lanes, lanes.equal(b'\\'))))
    }

    /// Returns where the next block starts and its brackets outside of strings.
    #[inline(always)]
    pub(super) fn next_bracketed<const OPEN: u8, const CLOSE: u8>(
        &mut self,
    ) -> Option<(usize, u64)> {
        let mut rest = self.scan.bytes.get(self.at..)?;
        // Worth 5 % of a batch of 1000 SQS messages; always to try it would cost 11 % of an EventBridge
        // event, whose payload has brackets in every block.
        if self.sparse && self.scan.level == 0 && self.before == 0 {
            while let Some((block, behind)) = rest.split_first_chunk()
                && let Some(opens) = ByteBlock::of(block).quote_parity_if_no_brackets()
            {
                // Strings that began in it and did not end.
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

    /// Returns the quotes that delimit strings of this level.
    #[inline(always)]
    fn delimiting(&mut self, at: usize, lanes: &ByteBlock) -> u64 {
        let backslashes = lanes.equal(b'\\');
        if self.scan.level == 0 && self.before == 0 && backslashes == 0 {
            // Nearly all there is outside of long strings.
            return lanes.equal(b'"');
        }
        self.delimiting_escaped(at, lanes, backslashes)
    }

    /// Returns [`Blocks::delimiting`] where there are backslashes, as in all text in text.
    #[inline]
    fn delimiting_escaped(&mut self, at: usize, lanes: &ByteBlock, backslashes: u64) -> u64 {
        let quotes = lanes.equal(b'"');
        if self.scan.level == 0 {
            return quotes & !self.escaped(backslashes);
        }
        let before = std::mem::replace(&mut self.before, backslashes >> (BLOCK - 8));
        // Bit `i` of `run(n)`: the byte `n` before byte `i` is a backslash. Which of a quote's backslashes
        // come next to it is all that matters on the first levels, so four are enough to tell runs of
        // exactly one and exactly three from longer ones.
        let run = |n: u32| backslashes << n | before >> (8 - n);
        let one = run(1);
        let two = one & run(2);
        let three = two & run(3);
        let four = three & run(4);
        // Exactly one and three backslashes: quotes of the second and third level.
        let (exactly_one, exactly_three) = (one & !two, three & !four);
        match self.scan.level {
            1 => quotes & exactly_one | self.counted(at, quotes & four),
            2 => quotes & exactly_three | self.counted(at, quotes & four),
            _ => self.counted(at, quotes & four),
        }
    }

    /// Returns the characters with an odd number of backslashes before them, on the outermost level, and
    /// keeps whether the first one of the next block is one of them.
    ///
    /// Every other backslash of a run escapes the one behind it. In a run that starts at an even place,
    /// those behind are at odd places, and the other way round. Adding a bit at the start of a run carries
    /// through all of it; done for the odd starts alone, the carry marks the first place behind those runs,
    /// from which on the roles are exchanged.
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

    /// Returns those of the quotes that delimit, by counting.
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

/// Returns the block at the front of the text; `None` behind it.
#[inline(always)]
fn lanes(rest: &[u8]) -> Option<ByteBlock> {
    Some(match rest.first_chunk() {
        Some(block) => ByteBlock::of(block),
        None => ByteBlock::of(&fill(rest)?),
    })
}

/// Returns the end of the text as a block, filled up with zeros; `None` behind it.
#[cold]
fn fill(rest: &[u8]) -> Option<[u8; BLOCK]> {
    let mut filled = [0; BLOCK];
    filled.get_mut(..rest.len())?.copy_from_slice(rest);
    (!rest.is_empty()).then_some(filled)
}
