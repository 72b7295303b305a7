//! Dead letters in an SQS queue.

use aws_sdk_sqs::{Client, error::DisplayErrorContext};
use aws_types::SdkConfig;

use super::letter::{DeadLetter, DeadLetters};
use crate::sink::destination::BoxFuture;

/// Maximum size of a message. SQS now accepts 1 MiB, but queues created with its older limit do
/// not.
const MAX_MESSAGE: usize = 256 << 10;

/// Dead letters as JSON messages of at most 256 KiB in SQS: see [`DeadLetter::to_json_within`].
#[derive(Debug, Clone)]
pub struct SqsDeadLetters {
    client: Client,
    queue: String,
}

impl SqsDeadLetters {
    /// Returns a store in the queue at this URL, with the configuration of Lambda's environment.
    pub fn new(queue_url: &str) -> Self {
        Self::with_config(queue_url, &lamplight_aws_config::sdk_config())
    }

    /// Returns a store as [`new`](Self::new) does, with an SDK configuration.
    pub fn with_config(queue_url: &str, config: &SdkConfig) -> Self {
        Self {
            client: Client::new(config),
            queue: queue_url.to_owned(),
        }
    }
}

impl DeadLetters for SqsDeadLetters {
    fn put<'a>(&'a self, letter: &'a DeadLetter) -> BoxFuture<'a, Result<(), String>> {
        let message = letter.to_json_within(MAX_MESSAGE);
        Box::pin(async {
            let send = self.client.send_message().queue_url(&self.queue);
            let sent = send.message_body(message).send().await;
            sent.map_err(|error| DisplayErrorContext(error).to_string())?;
            Ok(())
        })
    }
}
