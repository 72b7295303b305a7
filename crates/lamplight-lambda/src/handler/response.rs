use std::{cell::Cell, fmt};

use serde::{Serialize, Serializer, ser};
use serde_json::value::{RawValue, to_raw_value};

use crate::{
    clock,
    current::Invocation,
    outcome,
    panics::{self, Panic},
    peek::peek,
};

/// A buffered response of a handler, returned by [`HandlerService`](super::HandlerService).
///
/// It serializes exactly like the response itself, and serializes the response whenever, and as often as, the
/// runtime serializes it. The outcome is read and recorded in passing.
pub struct HandlerResponse<B> {
    body: B,
    invocation: Invocation,
    written: Option<Written>,
}

/// The result of an early serialization, to be repeated for the runtime.
enum Written {
    Json(Box<RawValue>),
    Failed(serde_json::Error),
    Panicked(Cell<Option<Panic>>),
}

impl<B> HandlerResponse<B> {
    pub(super) fn new(body: B, invocation: Invocation) -> Self {
        Self {
            body,
            invocation,
            written: None,
        }
    }

    /// Returns a reference to the handler's response.
    pub fn get_ref(&self) -> &B {
        &self.body
    }

    /// Returns the handler's response.
    pub fn into_inner(self) -> B {
        self.body
    }
}

impl<B: Serialize> HandlerResponse<B> {
    /// Serializes the response now if the outcome depends on it, because the span ends before the runtime
    /// serializes it. Returns false on failure, in which case no response is sent.
    pub(super) fn write_ahead(&mut self) -> bool {
        if self.written.is_some() || !self.invocation.reads_response() {
            return true;
        }
        let written = match panics::catch(|| to_raw_value(&*self)) {
            Ok(Ok(json)) => Written::Json(json),
            Ok(Err(error)) => Written::Failed(error),
            Err(panic) => Written::Panicked(Cell::new(Some(panic))),
        };
        matches!(self.written.insert(written), Written::Json(_))
    }

    fn observed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let invocation = &self.invocation;
        if !invocation.reads_response() {
            return self.body.serialize(serializer);
        }
        let names = invocation.response_headers().unwrap_or_default();
        let (result, peeked) = peek(&self.body, names, serializer);
        if result.is_ok() {
            invocation.record_response(peeked);
        }
        result
    }
}

impl<B: Serialize> Serialize for HandlerResponse<B> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.written {
            Some(Written::Json(json)) => return json.serialize(serializer),
            Some(Written::Failed(error)) => return Err(ser::Error::custom(error)),
            Some(Written::Panicked(panic)) => {
                if let Some(panic) = panic.take() {
                    panic.resume()
                }
            }
            None => {}
        }
        panics::catch(|| self.observed(serializer)).unwrap_or_else(|panic| {
            // The runtime does not catch this panic, so it is recorded here.
            if let Some(span) = self.invocation.span() {
                outcome::panicked(span, &panic);
            }
            self.invocation.end(clock::now());
            panic.resume()
        })
    }
}

impl<B> fmt::Debug for HandlerResponse<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerResponse").finish_non_exhaustive()
    }
}
