//! Telling open pages that there is something new.

use std::{convert::Infallible, time::Duration};

use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, stream};
use tokio::{sync::watch, time::sleep};

/// Least time between two events: a page that reloads more often cannot be read.
const PACE: Duration = Duration::from_millis(250);

/// Returns an event `revision` now and after each change, until the server stops. Changes that come
/// faster than they are told are one event.
pub(super) fn events(
    changes: watch::Receiver<u64>,
    stopped: watch::Receiver<bool>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = stream::unfold(
        (changes, stopped, true),
        |(mut changes, mut stopped, is_first)| async move {
            if !is_first {
                tokio::select! {
                    changed = changes.changed() => changed.ok()?,
                    _ = stopped.wait_for(|stopped| *stopped) => return None,
                }
                sleep(PACE).await;
            }
            let revision = *changes.borrow_and_update();
            let event = Event::default()
                .event("revision")
                .data(revision.to_string());
            Some((Ok(event), (changes, stopped, false)))
        },
    );
    Sse::new(events).keep_alive(KeepAlive::default())
}
