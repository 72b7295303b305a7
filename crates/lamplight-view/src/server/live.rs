//! Live updates of open pages.

use std::{convert::Infallible, time::Duration};

use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, stream};
use tokio::{sync::watch, time::sleep};

use super::Intake;

/// Minimum time between two events: a page that reloads more often is unreadable.
const PACE: Duration = Duration::from_millis(250);

/// Returns events `revision` with the revision of the store, now and after each change, until the
/// server stops. Changes in quick succession result in one event.
pub(super) fn events(
    intake: Intake,
    stopped: watch::Receiver<bool>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = intake.changes();
    let events = stream::unfold(
        (intake, changes, stopped, true),
        |(intake, mut changes, mut stopped, is_first)| async move {
            if !is_first {
                tokio::select! {
                    changed = changes.changed() => changed.ok()?,
                    _ = stopped.wait_for(|stopped| *stopped) => return None,
                }
                sleep(PACE).await;
            }
            changes.mark_unchanged();
            let store = intake.store();
            let revision = tokio::task::spawn_blocking(move || store.revision()).await;
            let revision = revision.ok()?.ok()?;
            let event = Event::default()
                .event("revision")
                .data(revision.to_string());
            Some((Ok(event), (intake, changes, stopped, false)))
        },
    );
    Sse::new(events).keep_alive(KeepAlive::default())
}
