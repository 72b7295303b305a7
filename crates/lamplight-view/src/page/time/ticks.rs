//! Ticks of an axis.

use super::{Axis, DAY, HOUR, MINUTE, Piece, SECOND, duration};

/// Minimum distance between two labels.
const APART: f64 = 0.085;

/// A tick of an axis.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Tick {
    /// Its position, from 0 to 1.
    pub x: f64,
    /// Time since the start of the axis; after a compressed segment, `+` and the time since that
    /// segment.
    pub label: String,
}

impl Axis {
    /// Returns the ticks from left to right, with enough distance for their labels.
    ///
    /// Every linear segment has its own ticks, at round times since its start. After a compressed
    /// segment, the first tick shows the time since the start of the axis.
    #[must_use]
    pub fn ticks(&self) -> Vec<Tick> {
        let mut ticks: Vec<Tick> = Vec::new();
        let begin = self.begin();
        let linear = self.pieces().iter().filter(|piece| !piece.compressed);
        for (index, piece) in linear.enumerate() {
            let step = step(piece);
            let mut passed = 0;
            while passed <= piece.to - piece.from {
                let x = self.x(piece.from.saturating_add(passed));
                let label = match (index, passed) {
                    (0, 0) => "0".to_owned(),
                    (_, 0) => duration(piece.from - begin),
                    // The first segment may follow a compressed one.
                    (0, passed) if piece.from == begin => duration(passed),
                    (_, passed) => format!("+{}", duration(passed)),
                };
                let is_apart = ticks.last().is_none_or(|last| x - last.x >= APART);
                // A label is to the right of its tick, and must fit into the segment.
                let fits = x + APART / 2.0 <= if passed == 0 { 1.0 } else { piece.right };
                if is_apart && fits {
                    ticks.push(Tick { x, label });
                }
                let Some(next) = passed.checked_add(step) else {
                    break;
                };
                passed = next;
            }
        }
        if ticks.is_empty() {
            let label = "0".to_owned();
            ticks.push(Tick { x: 0.0, label });
        }
        ticks
    }
}

/// Returns a round interval that gives about as many ticks in the segment as there is room for
/// labels.
fn step(piece: &Piece) -> u64 {
    const ROUND: [u64; 12] = [
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        7 * DAY,
        30 * DAY,
    ];
    let labels = ((piece.right - piece.left) / (1.4 * APART))
        .floor()
        .max(1.0);
    let least = ((piece.to - piece.from) as f64 / labels).ceil().max(1.0) as u64;
    let mut decade = 1;
    while decade <= 10 * SECOND {
        for factor in [1, 2, 5] {
            let step = factor * decade;
            if step >= least && step <= 20 * SECOND {
                return step;
            }
        }
        decade *= 10;
    }
    let found = ROUND.iter().find(|step| **step >= least);
    // Years are shown in days.
    found
        .copied()
        .unwrap_or(least.div_ceil(DAY).saturating_mul(DAY))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(axis: &Axis) -> Vec<String> {
        axis.ticks().into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_round_times() {
        let axis = Axis::linear(1_000, 1_000 + 450_000_000);
        assert_eq!(labels(&axis), ["0", "100 ms", "200 ms", "300 ms", "400 ms"]);
        let axis = Axis::linear(0, 150 * SECOND);
        assert_eq!(
            labels(&axis),
            [
                "0",
                "20 s",
                "40 s",
                "1 min",
                "1 min 20 s",
                "1 min 40 s",
                "2 min",
                "2 min 20 s"
            ]
        );
        assert_eq!(labels(&Axis::linear(5, 5)), ["0"]);
    }

    #[test]
    fn after_a_compressed_wait_the_first_tick_tells_the_time_since_the_start() {
        let axis = Axis::compressed(0, HOUR + 2 * SECOND, &[(SECOND, HOUR + SECOND)]);
        assert_eq!(labels(&axis), ["0", "500 ms", "1 h", "+500 ms"],);
    }

    proptest! {
        #[test]
        fn ticks_are_few_and_apart(begin in any::<u64>(), length in any::<u64>(), wait in any::<u64>()) {
            let end = begin.saturating_add(length);
            let from = begin.saturating_add(length / 3);
            let idle = [(from, from.saturating_add(wait).min(end))];
            for axis in [Axis::linear(begin, end), Axis::compressed(begin, end, &idle)] {
                let ticks = axis.ticks();
                prop_assert!(!ticks.is_empty() && ticks.len() < 16, "{ticks:?}");
                for pair in ticks.windows(2) {
                    prop_assert!(pair[1].x - pair[0].x >= APART - 1e-9);
                }
            }
        }
    }
}
