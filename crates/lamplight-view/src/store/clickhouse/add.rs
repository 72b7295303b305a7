//! Addition of spans.

use std::sync::atomic::Ordering;

use lamplight_clickhouse::TraceBlock;
use sha2::{Digest as _, Sha256};

use super::ClickHouseStore;
use crate::store::{Added, StoreError};

/// Adds the spans of a request, as one block.
pub(super) fn add(store: &ClickHouseStore, request: &[u8]) -> Result<Added, StoreError> {
    let mut block = TraceBlock::default();
    let pushed = block.push(request);
    let count = |number| u64::try_from(number).unwrap_or(u64::MAX);
    let added = Added {
        new: count(pushed.rows),
        refused: count(pushed.malformed),
        ..Added::default()
    };
    if !block.is_empty() {
        let block = block.finish();
        let digest = Sha256::digest(&block);
        let token: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let statement = TraceBlock::statement(&store.client.address.database);
        store.client.insert(&statement, &token, &block)?;
        store.forget_traces();
    }
    store.refused.fetch_add(added.refused, Ordering::Relaxed);
    Ok(added)
}
