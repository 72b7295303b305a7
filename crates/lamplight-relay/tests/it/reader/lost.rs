//! Data on its way to a sink when another instance takes a shard.

use std::{collections::BTreeSet, time::Duration};

use lamplight_relay::source::{CheckpointStore as _, MemoryStore, Position};
use tokio::{sync::oneshot, time::sleep};

use super::{
    rig::{Memory, reader, relay, span},
    stream::{NEVER, Stream, shard},
};

#[tokio::test(start_paused = true)]
async fn no_request_is_begun_with_spans_of_a_shard_that_was_lost_and_nothing_is_saved_of_it() {
    let shards = vec![
        shard("lost", &[], (0, 4), (0, NEVER)),
        shard("held", &[], (4, 8), (0, NEVER)),
    ];
    let records = (0..40_u8).map(|n| {
        let millis = 1000 + 100 * u64::from(n);
        (millis, format!("key {n}"), span((n, 0), true))
    });
    let stream = Stream::new("s", shards, records, 600_000);
    let (store, sink) = (MemoryStore::new(), Memory::default());
    *sink.refuses.lock().unwrap() = true;
    let reader = reader(std::slice::from_ref(&stream), &store).open();
    let relay = relay(reader, &sink).build().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(relay.run(async { drop(stopped.await) }));
    // Some are being retried, the others are queued behind them.
    sink.until(|sink| sink.refused.lock().unwrap().len() > 1)
        .await;
    sleep(Duration::from_secs(10)).await;
    let lost = |row: &lamplight_relay::source::store::Row| row.shard.as_str() == "s/lost";
    let row = store.rows("s").await.unwrap().into_iter().find(lost);
    let row = row.unwrap();
    let lease = store.take(&row, "another").await.unwrap();
    let (others, held) = (store.clone(), lease.clone());
    tokio::spawn(async move {
        while others.renew(&held).await.is_ok() {
            sleep(Duration::from_millis(200)).await;
        }
    });
    // The loss is known within a third of the lease, and all started requests have a response.
    sleep(Duration::from_secs(5)).await;

    *sink.refuses.lock().unwrap() = false;
    let held: BTreeSet<_> = stream.traces_of("held").into_iter().collect();
    assert!(held.len() > 5 && held.len() < 35, "both have some");
    sink.until(|sink| sink.spans().len() >= held.len()).await;
    sleep(Duration::from_secs(60)).await;
    stop.send(()).unwrap();
    let summary = running.await.unwrap().unwrap();
    let taken: BTreeSet<_> = sink.spans().into_iter().map(|(trace, _)| trace).collect();
    assert_eq!(taken, held);
    assert_eq!(summary.abandoned, 40 - held.len() as u64);
    let rows = store.rows("s").await.unwrap();
    let after = rows.iter().find(|row| lost(row)).unwrap();
    assert!(lease.is_of(after));
    assert_eq!((&after.position, &after.state), (&row.position, &row.state));
    let held = rows.iter().find(|row| !lost(row)).unwrap();
    assert!(matches!(held.position, Position::After(_)), "{held:?}");
}
