//! Kinesis streams.

mod convert;
mod fan_out;
mod polled;

use aws_sdk_kinesis::{
    Client,
    config::{Builder, retry::RetryConfig},
    types::Shard,
};
use aws_types::SdkConfig;

use super::{
    BoxFuture, Position,
    stream::{Cursor, ReadError, ShardInfo, StreamClient},
};

/// Maximum number of pages in a listing of shards, at a thousand shards each.
const MOST_PAGES: usize = 100;

/// A Kinesis stream.
///
/// Reading it requires the permissions `kinesis:ListShards`, `kinesis:GetShardIterator` and
/// `kinesis:GetRecords`; with [`fan_out`](KinesisStream::fan_out), `kinesis:SubscribeToShard` on
/// the consumer replaces the last two.
#[derive(Debug, Clone)]
pub struct KinesisStream {
    client: Client,
    name: String,
    consumer: Option<String>,
}

impl KinesisStream {
    /// Returns the stream with this name, with the region and credentials of the environment, as
    /// Lambda sets them.
    pub fn new(name: &str) -> Self {
        Self::with_config(name, &lamplight_aws_config::sdk_config())
    }

    /// Returns the stream with this name, with an SDK configuration. The SDK does not retry calls:
    /// the reader does, and limits the rate of all calls.
    pub fn with_config(name: &str, config: &SdkConfig) -> Self {
        let config = Builder::from(config)
            .retry_config(RetryConfig::disabled())
            .build();
        Self {
            client: Client::from_conf(config),
            name: name.to_owned(),
            consumer: None,
        }
    }

    /// Enables enhanced fan-out, as the registered consumer with this ARN: Kinesis pushes records
    /// as they arrive, at up to 2 MB/s per shard for this consumer alone. Only one instance may use
    /// a consumer for a shard; leases ensure that.
    #[must_use]
    pub fn fan_out(mut self, consumer_arn: &str) -> Self {
        self.consumer = Some(consumer_arn.to_owned());
        self
    }

    async fn list(&self) -> Result<Vec<ShardInfo>, ReadError> {
        let (mut shards, mut token) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            // With a token, which identifies the stream, the call must not name the stream.
            let name = token.is_none().then(|| self.name.clone());
            let list = self.client.list_shards().set_stream_name(name);
            let page = list.set_next_token(token).send().await;
            let page = page.map_err(|error| convert::error(&error))?;
            shards.extend(page.shards().iter().filter_map(info));
            token = page.next_token;
            if token.is_none() {
                return Ok(shards);
            }
        }
        let most = MOST_PAGES;
        Err(ReadError::Refused(format!(
            "more than {most} pages of shards"
        )))
    }
}

impl StreamClient for KinesisStream {
    fn name(&self) -> &str {
        &self.name
    }

    fn shards(&self) -> BoxFuture<'_, Result<Vec<ShardInfo>, ReadError>> {
        Box::pin(self.list())
    }

    fn open<'a>(
        &'a self,
        shard: &'a str,
        position: &'a Position,
    ) -> BoxFuture<'a, Result<Box<dyn Cursor>, ReadError>> {
        Box::pin(async move {
            let cursor: Box<dyn Cursor> = match &self.consumer {
                None => Box::new(polled::open(&self.client, &self.name, shard, position).await?),
                Some(consumer) => {
                    Box::new(fan_out::open(&self.client, consumer, shard, position).await?)
                }
            };
            Ok(cursor)
        })
    }
}

/// Returns a shard as listed; `None` if its hash keys are invalid.
fn info(shard: &Shard) -> Option<ShardInfo> {
    let parents = [shard.parent_shard_id(), shard.adjacent_parent_shard_id()];
    let range = convert::range(shard.hash_key_range()?)?;
    let numbers = shard.sequence_number_range();
    Some(ShardInfo {
        id: shard.shard_id().to_owned(),
        parents: parents.into_iter().flatten().map(str::to_owned).collect(),
        range,
        closed: numbers.is_some_and(|range| range.ending_sequence_number().is_some()),
    })
}
