//! The size limit of requests, as learned from the sink.

/// Minimum limit after requests that were too large: such a request may have been a single span.
const LEAST: usize = 64 << 10;

/// Number of consecutive requests of nearly the limit after which the limit is doubled.
const FITS: u32 = 16;

/// Maximum size of a request. If an endpoint accepts less than the settings allow, it is not sent
/// more each time.
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

    /// Records that a request of this size was too large.
    pub(super) fn refused(&mut self, bytes: usize) {
        self.fits = 0;
        self.now = self.now.min((bytes / 2).max(LEAST));
    }

    /// Records that a request of this size was accepted.
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
