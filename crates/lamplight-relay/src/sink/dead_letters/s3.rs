//! Dead letters in an S3 bucket.

use aws_sdk_s3::{Client, error::DisplayErrorContext, primitives::ByteStream};
use aws_types::SdkConfig;
use sha2::{Digest, Sha256};

use super::letter::{DeadLetter, DeadLetters};
use crate::sink::destination::BoxFuture;

/// Dead letters as objects in S3, one JSON document each.
///
/// The key is `prefix/sink/shard/sequence-hash.json`, from the first record and the content of the
/// letter: writing a letter twice results in one object.
#[derive(Debug, Clone)]
pub struct S3DeadLetters {
    client: Client,
    bucket: String,
    prefix: String,
}

impl S3DeadLetters {
    /// Returns a store in a bucket, with the configuration of Lambda's environment. `prefix` may be
    /// empty.
    pub fn new(bucket: &str, prefix: &str) -> Self {
        Self::with_config(bucket, prefix, &lamplight_aws_config::sdk_config())
    }

    /// Returns a store as [`new`](Self::new) does, with an SDK configuration.
    pub fn with_config(bucket: &str, prefix: &str, config: &SdkConfig) -> Self {
        Self {
            client: Client::new(config),
            bucket: bucket.to_owned(),
            prefix: prefix.trim_end_matches('/').to_owned(),
        }
    }

    fn key(&self, letter: &DeadLetter) -> String {
        let (shard, sequence) = letter.records.first().map_or(("none", "0"), |record| {
            (record.shard.as_str(), record.sequence.as_str())
        });
        let hash = Sha256::digest(&letter.data);
        let hash: String = hash
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let sink = letter.sink.as_deref().unwrap_or("records");
        let key = format!("{}/{sink}/{shard}/{sequence}-{hash}.json", self.prefix);
        key.trim_start_matches('/').to_owned()
    }
}

impl DeadLetters for S3DeadLetters {
    fn put<'a>(&'a self, letter: &'a DeadLetter) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async {
            let put = self
                .client
                .put_object()
                .bucket(&self.bucket)
                .key(self.key(letter))
                .content_type("application/json")
                .body(ByteStream::from(letter.to_json().into_bytes()));
            let sent = put.send().await;
            sent.map_err(|error| DisplayErrorContext(error).to_string())?;
            Ok(())
        })
    }
}
