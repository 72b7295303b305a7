//! The invocations under way.

use crate::Invocation;
use crate::current::Inner;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// The invocations under way, which end with the environment, and keep it from being frozen.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    invocations: Mutex<Vec<Weak<Inner>>>,
}

impl Registry {
    pub(crate) fn add(&self, inner: &Arc<Inner>) {
        self.invocations().push(Arc::downgrade(inner));
    }

    pub(crate) fn remove(&self, inner: &Arc<Inner>) {
        let is_other = |open: &Weak<Inner>| !std::ptr::eq(open.as_ptr(), Arc::as_ptr(inner));
        self.invocations().retain(is_other);
    }

    /// Whether there is one.
    pub(crate) fn is_any(&self) -> bool {
        !self.invocations().is_empty()
    }

    /// Those of now.
    pub(crate) fn all(&self) -> Vec<Invocation> {
        let open: Vec<_> = self
            .invocations()
            .iter()
            .filter_map(Weak::upgrade)
            .collect();
        open.into_iter().map(Invocation::of).collect()
    }

    fn invocations(&self) -> MutexGuard<'_, Vec<Weak<Inner>>> {
        self.invocations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
