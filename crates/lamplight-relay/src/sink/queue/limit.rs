//! How large requests may be, as far as the sink has told.

/// No request is made smaller than this for what was too large: it may have been one span.
const LEAST: usize = 64 << 10;

/// After so many requests in a row that were nearly as large, twice as much is tried.
const FITS: u32 = 16;

/// The most bytes of a request. An endpoint that takes less than the settings say is not offered more each
/// time.
pub(super) struct Limit {
    most: usize,
    now: usize,
    fits: u32,
}

impl Limit {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            now: most,
            fits: 0,
        }
    }

    pub(super) fn get(&self) -> usize {
        self.now
    }

    /// Records that so many bytes were too large.
    pub(super) fn refused(&mut self, bytes: usize) {
        self.fits = 0;
        self.now = self.now.min((bytes / 2).max(LEAST));
    }

    /// Records that so many bytes were accepted.
    pub(super) fn accepted(&mut self, bytes: usize) {
        if bytes < self.now / 2 || self.now == self.most {
            return;
        }
        self.fits += 1;
        if self.fits >= FITS {
            self.fits = 0;
            self.now = self.now.saturating_mul(2).min(self.most);
        }
    }
}
