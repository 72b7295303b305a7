//! Checkpoints in a DynamoDB table, for several instances.

mod item;

use std::{
    collections::{BTreeMap, HashMap},
    error::Error,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_sdk_dynamodb::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{AttributeValue, Put, TransactWriteItem, Update},
};
use aws_types::SdkConfig;
use bytes::Bytes;
use lamplight_internal::sync::lock;

use super::{CheckpointStore, Lease, Row, Save, StoreError};
use crate::{record::ShardId, source::BoxFuture};

/// Maximum size of a log piece in one item, and of a state: an item may have 400 KB including
/// attribute names.
const LARGEST_VALUE: usize = 350_000;
/// Maximum number of log pieces written at once: a transaction may have 4 MB.
const MOST_PIECES: usize = 10;
/// Maximum number of pages of a query, of 1 MB each.
const MOST_PAGES: usize = 1000;
/// Additional time for which a log piece is kept after its use ends, since a relay that has fallen
/// behind needs it later.
const KEPT_LONGER: Duration = Duration::from_secs(8 * 24 * 60 * 60);

/// The condition for writes of a lease's owner.
const HELD: &str = "lease_owner = :owner AND lease_token = :token";

/// A store in a DynamoDB table.
///
/// The table has the partition key `pk` and the sort key `sk`, both strings, and the time-to-live
/// attribute `expires`. Each shard has an item with its checkpoint and lease, and further items for
/// its log. A log piece and the checkpoint that counts it are written in one transaction. The store
/// requires the permissions `dynamodb:Query`, `dynamodb:PutItem` and `dynamodb:UpdateItem` on the
/// table.
///
/// A state may have 350 kB, and a single append to a log 3.5 MB.
#[derive(Debug, Clone)]
pub struct DynamoStore {
    client: Client,
    table: String,
    /// Number of pieces appended under each lease.
    pieces: Arc<Mutex<BTreeMap<(ShardId, u64), u64>>>,
}

impl DynamoStore {
    /// Returns a store in this table, with the region and credentials of the environment, as Lambda
    /// sets them.
    pub fn new(table: &str) -> Self {
        Self::with_config(table, &lamplight_aws_config::sdk_config())
    }

    /// Returns a store in this table, with an SDK configuration.
    pub fn with_config(table: &str, config: &SdkConfig) -> Self {
        Self {
            client: Client::new(config),
            table: table.to_owned(),
            pieces: Arc::default(),
        }
    }

    async fn query(
        &self,
        partition: String,
    ) -> Result<Vec<HashMap<String, AttributeValue>>, StoreError> {
        let (mut items, mut start) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let query = self.client.query().table_name(&self.table);
            let query = query
                .consistent_read(true)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", item::text(&partition))
                .set_exclusive_start_key(start);
            let page = query.send().await.map_err(|error| failure(&error))?;
            items.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
        let table = &self.table;
        Err(StoreError::Unavailable(format!(
            "{table}: {partition} is too large"
        )))
    }

    async fn add_row(&self, row: &Row) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.table);
        let put = put
            .set_item(Some(item::of_row(row)))
            .condition_expression("attribute_not_exists(pk)");
        match put.send().await.map_err(|error| failure(&error)) {
            // The row already exists.
            Err(StoreError::Fenced) => Ok(()),
            added => added.map(drop),
        }
    }

    async fn take_row(&self, seen: &Row, owner: &str) -> Result<Lease, StoreError> {
        let lease = Lease::new(seen.shard.clone(), owner, seen.token.saturating_add(1));
        let update = self.client.update_item().table_name(&self.table);
        let update = update
            .set_key(Some(item::row_key(&seen.shard)))
            .update_expression("SET lease_owner = :owner, lease_token = :next, lease_beat = :none")
            .condition_expression("lease_token = :token AND lease_beat = :beat")
            .expression_attribute_values(":owner", item::text(owner))
            .expression_attribute_values(":next", item::number(lease.token))
            .expression_attribute_values(":none", item::number(0))
            .expression_attribute_values(":token", item::number(seen.token))
            .expression_attribute_values(":beat", item::number(seen.beat));
        update.send().await.map_err(|error| failure(&error))?;
        Ok(lease)
    }

    /// Updates a row under a lease.
    async fn update(&self, lease: &Lease, change: &str) -> Result<(), StoreError> {
        let update = self.client.update_item().table_name(&self.table);
        let update = update
            .set_key(Some(item::row_key(&lease.shard)))
            .update_expression(change)
            .condition_expression(HELD)
            .expression_attribute_values(":owner", item::text(&lease.owner))
            .expression_attribute_values(":token", item::number(lease.token))
            .expression_attribute_values(":one", item::number(1));
        update.send().await.map_err(|error| failure(&error))?;
        Ok(())
    }

    async fn save_row(&self, lease: &Lease, save: &Save) -> Result<(), StoreError> {
        let (state, log) = (save.state.len(), save.log.len());
        if state > LARGEST_VALUE || log > LARGEST_VALUE * MOST_PIECES {
            return Err(StoreError::Unavailable(format!(
                "a checkpoint with {state} bytes of state and {log} of log is too large for \
                DynamoDB: \
                 save more often"
            )));
        }
        let mut writes = vec![
            TransactWriteItem::builder()
                .update(self.row_update(lease, save)?)
                .build(),
        ];
        for piece in save.log.chunks(LARGEST_VALUE) {
            let number = self.next_piece(lease);
            let item = item::of_piece(lease, number, save, piece, expires(save.keep));
            let put = Put::builder().table_name(&self.table).set_item(Some(item));
            let put = put.build().map_err(|error| not_built(&error))?;
            writes.push(TransactWriteItem::builder().put(put).build());
        }
        let transaction = self.client.transact_write_items();
        let written = transaction.set_transact_items(Some(writes)).send().await;
        written.map_err(|error| match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                let reasons = canceled.cancellation_reasons().iter();
                let mut codes = reasons.filter_map(|reason| reason.code());
                if codes.any(|code| code == "ConditionalCheckFailed") {
                    StoreError::Fenced
                } else {
                    failure(&error)
                }
            }
            _ => failure(&error),
        })?;
        Ok(())
    }

    fn row_update(&self, lease: &Lease, save: &Save) -> Result<Update, StoreError> {
        let state = AttributeValue::B(save.state.to_vec().into());
        let change = "SET checkpoint = :position, checkpoint_state = :state ADD lease_beat :one";
        let update = Update::builder().table_name(&self.table);
        let update = update
            .set_key(Some(item::row_key(&lease.shard)))
            .update_expression(change)
            .condition_expression(HELD)
            .expression_attribute_values(":owner", item::text(&lease.owner))
            .expression_attribute_values(":token", item::number(lease.token))
            .expression_attribute_values(":one", item::number(1))
            .expression_attribute_values(":position", item::text(&save.position.to_string()))
            .expression_attribute_values(":state", state);
        update.build().map_err(|error| not_built(&error))
    }

    fn next_piece(&self, lease: &Lease) -> u64 {
        let mut pieces = lock(&self.pieces);
        // Only the newest lease of a shard can write. An older one still tries, and must not make the newest
        // begin again at its first piece.
        pieces.retain(|(shard, token), _| *shard != lease.shard || *token >= lease.token);
        let next = pieces
            .entry((lease.shard.clone(), lease.token))
            .or_default();
        *next = next.saturating_add(1);
        *next
    }

    async fn pieces(&self, shard: &ShardId) -> Result<Vec<Bytes>, StoreError> {
        let items = self.query(item::log_partition(shard)).await?;
        let pieces: Vec<_> = items.into_iter().filter_map(item::to_piece).collect();
        let newest = pieces.iter().map(|piece| piece.time).max();
        let newest = newest.unwrap_or_default();
        let kept = pieces
            .into_iter()
            .filter(|piece| piece.time.after(piece.keep) >= newest);
        Ok(kept.map(|piece| piece.data).collect())
    }
}

impl CheckpointStore for DynamoStore {
    fn rows<'a>(&'a self, stream: &'a str) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        Box::pin(async move {
            let items = self.query(item::row_partition(stream)).await?;
            let rows = items.iter().map(|item| {
                item::to_row(item).ok_or_else(|| {
                    let table = &self.table;
                    StoreError::Unavailable(format!("{table}: an item of {stream} is invalid"))
                })
            });
            rows.collect()
        })
    }

    fn add<'a>(&'a self, rows: &'a [Row]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            for row in rows {
                self.add_row(row).await?;
            }
            Ok(())
        })
    }

    fn take<'a>(
        &'a self,
        seen: &'a Row,
        owner: &'a str,
    ) -> BoxFuture<'a, Result<Lease, StoreError>> {
        Box::pin(self.take_row(seen, owner))
    }

    fn renew<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.update(lease, "ADD lease_beat :one"))
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.update(lease, "REMOVE lease_owner ADD lease_beat :one"))
    }

    fn save<'a>(
        &'a self,
        lease: &'a Lease,
        save: &'a Save,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.save_row(lease, save))
    }

    fn log<'a>(&'a self, shard: &'a ShardId) -> BoxFuture<'a, Result<Vec<Bytes>, StoreError>> {
        Box::pin(self.pieces(shard))
    }

    fn is_shared(&self) -> bool {
        true
    }
}

/// Returns the time at which a piece may be removed, in seconds since 1970.
fn expires(keep: Duration) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let expires = now.unwrap_or_default().saturating_add(keep);
    expires.saturating_add(KEPT_LONGER).as_secs()
}

fn failure<E, R>(error: &SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug,
{
    match error.code() {
        Some("ConditionalCheckFailedException") => StoreError::Fenced,
        _ => StoreError::Unavailable(DisplayErrorContext(error).to_string()),
    }
}

fn not_built(error: &impl Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}
