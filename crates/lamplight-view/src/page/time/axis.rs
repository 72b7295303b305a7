//! Mapping of time to positions on the page.

/// Maximum number of compressed segments, so that each is visible.
const MAX_COMPRESSED: usize = 24;
/// Width of a compressed segment, if there is room for it.
const WIDTH: f64 = 0.12;
/// Total width of all compressed segments.
const WIDTH_OF_ALL: f64 = 0.4;

/// A time axis: a monotonic map of nanoseconds since 1970 to positions from 0 (left) to 1 (right),
/// linear in each of its segments.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Consecutive segments without gaps; at least one.
    pieces: Vec<Piece>,
}

/// A segment of an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Piece {
    /// Start, in nanoseconds since 1970.
    pub from: u64,
    /// End, in nanoseconds since 1970.
    pub to: u64,
    /// Position of its start.
    pub left: f64,
    /// Position of its end.
    pub right: f64,
    /// True if it is drawn shorter than the others.
    pub compressed: bool,
}

impl Axis {
    /// Returns an axis on which every nanosecond has the same width.
    #[must_use]
    pub fn linear(begin: u64, end: u64) -> Self {
        let piece = Piece {
            from: begin,
            to: end.max(begin),
            left: 0.0,
            right: 1.0,
            compressed: false,
        };
        Self {
            pieces: vec![piece],
        }
    }

    /// Returns an axis that compresses those of the `idle` times that dwarf all the rest, each to
    /// the same width.
    ///
    /// Idle times must be in order and must not overlap.
    #[must_use]
    pub fn compressed(begin: u64, end: u64, idle: &[(u64, u64)]) -> Self {
        let end = end.max(begin);
        let mut long: Vec<(u64, u64)> = idle
            .iter()
            .map(|(from, to)| (*from.max(&begin), *to.min(&end)))
            .filter(|(from, to)| from < to)
            .collect();
        long.sort_by_key(|(from, to)| std::cmp::Reverse(to - from));
        long.truncate(MAX_COMPRESSED);
        let count = dwarfing(end - begin, &long);
        if count == 0 {
            return Self::linear(begin, end);
        }
        long.truncate(count);
        long.sort_unstable();
        Self::of(begin, end, &long)
    }

    fn of(begin: u64, end: u64, compressed: &[(u64, u64)]) -> Self {
        let length = |(from, to): &(u64, u64)| to.saturating_sub(*from);
        let rest = (end - begin).saturating_sub(compressed.iter().map(length).sum());
        let share = if rest == 0 { 1.0 } else { WIDTH_OF_ALL };
        let width = share / compressed.len() as f64;
        let width = if rest == 0 { width } else { width.min(WIDTH) };
        let linear = 1.0 - width * compressed.len() as f64;
        let mut pieces: Vec<Piece> = Vec::with_capacity(2 * compressed.len() + 1);
        let mut add = |from: u64, to: u64, width: f64, compressed: bool| {
            let left = pieces.last().map_or(0.0, |piece| piece.right);
            if from < to {
                pieces.push(Piece {
                    from,
                    to,
                    left,
                    right: (left + width).min(1.0),
                    compressed,
                });
            }
        };
        let mut at = begin;
        let of_rest =
            |from: u64, to: u64| linear * (to.saturating_sub(from) as f64) / rest.max(1) as f64;
        for (from, to) in compressed {
            add(at, *from, of_rest(at, *from), false);
            add(*from, *to, width, true);
            at = *to;
        }
        add(at, end, of_rest(at, end), false);
        if let Some(last) = pieces.last_mut() {
            last.right = 1.0;
        }
        Self { pieces }
    }

    /// Returns the position of a time, from 0 to 1. Times beyond an end have the position of that
    /// end.
    #[must_use]
    pub fn x(&self, time: u64) -> f64 {
        let place = self.pieces.partition_point(|piece| piece.to < time);
        let Some(piece) = self.pieces.get(place) else {
            return 1.0;
        };
        let length = piece.to - piece.from;
        if time <= piece.from || length == 0 {
            return piece.left;
        }
        let part = (time - piece.from) as f64 / length as f64;
        (piece.left + part * (piece.right - piece.left)).clamp(piece.left, piece.right)
    }

    /// Returns the first time on the axis.
    #[must_use]
    pub fn begin(&self) -> u64 {
        self.pieces.first().map_or(0, |piece| piece.from)
    }

    /// Returns its segments, in order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Returns the compressed segments.
    pub fn shortened(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().filter(|piece| piece.compressed)
    }
}

/// Returns how many of these times, sorted from the longest, are each longer than all time outside
/// of them.
fn dwarfing(total: u64, longest: &[(u64, u64)]) -> usize {
    let mut rest = total;
    let mut count = 0;
    for (index, (from, to)) in longest.iter().enumerate() {
        let length = to - from;
        rest = rest.saturating_sub(length);
        if length > rest {
            count = index + 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_dwarfs_the_rest_is_drawn_shorter() {
        // 10 of work, 1000 of waiting, 20 of work, 900 of waiting, 10 of work.
        let axis = Axis::compressed(0, 1_940, &[(10, 1_010), (1_030, 1_930)]);
        let shorter: Vec<_> = axis.shortened().map(|it| (it.from, it.to)).collect();
        assert_eq!(shorter, [(10, 1_010), (1_030, 1_930)]);
        let work = axis.x(1_030) - axis.x(1_010);
        assert!((work - (1.0 - 2.0 * WIDTH) / 2.0).abs() < 1e-9, "{work}");
        // A wait of 100 between work of 60 and 60 is not compressed.
        let axis = Axis::compressed(0, 220, &[(60, 160)]);
        assert_eq!(axis, Axis::linear(0, 220));
    }

    #[test]
    fn an_axis_without_length_or_work_has_places_too() {
        let point = Axis::compressed(7, 7, &[]);
        assert_eq!((point.x(6), point.x(7), point.x(8)), (0.0, 0.0, 1.0));
        let waiting = Axis::compressed(0, 100, &[(0, 100)]);
        assert_eq!((waiting.x(0), waiting.x(100)), (0.0, 1.0));
        assert_eq!(Axis::linear(9, 3).x(5), 0.0);
    }

    proptest! {
        #[test]
        fn time_never_runs_backward_and_stays_on_the_page(
            begin in any::<u64>(),
            end in any::<u64>(),
            mut cuts in prop::collection::vec(any::<u64>(), 0..80),
            mut times in prop::collection::vec(any::<u64>(), 1..40),
        ) {
            cuts.sort_unstable();
            let idle: Vec<_> = cuts
                .chunks_exact(2)
                .map(|pair| (pair[0], pair[1]))
                .collect();
            let axis = Axis::compressed(begin, end, &idle);
            times.extend(&cuts);
            times.extend([0, begin, end, u64::MAX]);
            times.sort_unstable();
            let places: Vec<f64> = times.iter().map(|time| axis.x(*time)).collect();
            prop_assert!(places.iter().all(|x| (0.0..=1.0).contains(x)), "{places:?}");
            prop_assert!(places.is_sorted(), "{places:?}");
            for pair in axis.pieces().windows(2) {
                prop_assert_eq!((pair[0].to, pair[0].right), (pair[1].from, pair[1].left));
            }
        }
    }
}
