//! The active invocations.

use std::{
    sync::{Arc, Mutex, MutexGuard, Weak},
    time::Instant,
};

use lamplight_internal::sync::lock;

use super::{Invocation, invocation::Inner};

/// The active invocations of a function. They are abandoned when the environment shuts down or their time is
/// up, and keep the environment from being frozen.
#[derive(Debug, Default)]
pub(crate) struct ActiveInvocations {
    entries: Mutex<Vec<Entry>>,
}

#[derive(Debug)]
struct Entry {
    invocation: Weak<Inner>,
    /// The time at which the invocation counts as timed out; `None` if its deadline is invalid.
    times_out_at: Option<Instant>,
}

impl ActiveInvocations {
    /// Adds an invocation until the registration is dropped. Invocations that are not traced are not counted.
    pub(crate) fn register(
        self: &Arc<Self>,
        invocation: &Invocation,
        times_out_at: Option<Instant>,
    ) -> Option<Registration> {
        let invocation = Arc::downgrade(invocation.inner.as_ref()?);
        self.entries().push(Entry {
            invocation: invocation.clone(),
            times_out_at,
        });
        Some(Registration {
            active: self.clone(),
            invocation,
        })
    }

    /// Returns whether there is an active invocation.
    pub(crate) fn is_any(&self) -> bool {
        !self.entries().is_empty()
    }

    /// Returns the active invocations.
    pub(crate) fn all(&self) -> Vec<Invocation> {
        self.upgraded(|_| true)
    }

    /// Returns the invocations whose time is up.
    pub(crate) fn overdue(&self, now: Instant) -> Vec<Invocation> {
        self.upgraded(|entry| entry.times_out_at.is_some_and(|at| at <= now))
    }

    fn upgraded(&self, filter: impl Fn(&Entry) -> bool) -> Vec<Invocation> {
        let entries = self.entries();
        let found = entries.iter().filter(|entry| filter(entry));
        let inner = found.filter_map(|entry| entry.invocation.upgrade());
        // Collected under the lock, so that none of them ends under it.
        inner.map(Invocation::of).collect()
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        lock(&self.entries)
    }
}

/// Keeps an invocation among the active ones until it is dropped.
#[derive(Debug)]
pub(crate) struct Registration {
    active: Arc<ActiveInvocations>,
    invocation: Weak<Inner>,
}

impl Drop for Registration {
    fn drop(&mut self) {
        let is_other = |entry: &Entry| !entry.invocation.ptr_eq(&self.invocation);
        self.active.entries().retain(is_other);
    }
}
