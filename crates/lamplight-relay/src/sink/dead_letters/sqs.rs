//! Dead letters in a queue.

use aws_sdk_sqs::{Client, error::DisplayErrorContext};
use aws_types::SdkConfig;

use super::letter::{DeadLetter, DeadLetters};
use crate::sink::destination::BoxFuture;

/// The longest message: the older limit, which holds everywhere.
const MAX_MESSAGE: usize = 256 << 10;

/// Dead letters as messages in SQS, in JSON. One that is longer than a message may be comes without its
/// data: its records say where that can be read again, as long as the stream keeps them.
#[derive(Debug, Clone)]
pub struct SqsDeadLetters {
    client: Client,
    queue: String,
}

impl SqsDeadLetters {
    /// Returns dead letters in the queue at this URL, with the configuration of Lambda's environment.
    pub fn new(queue_url: &str) -> Self {
        Self::with_config(queue_url, &lamplight_aws_config::sdk_config())
    }

    /// As [`new`](Self::new), with a configuration.
    pub fn with_config(queue_url: &str, config: &SdkConfig) -> Self {
        Self {
            client: Client::new(config),
            queue: queue_url.to_owned(),
        }
    }
}

impl DeadLetters for SqsDeadLetters {
    fn put<'a>(&'a self, letter: &'a DeadLetter) -> BoxFuture<'a, Result<(), String>> {
        let mut message = letter.to_json();
        if message.len() > MAX_MESSAGE {
            message = letter.to_json_without_data();
        }
        Box::pin(async {
            let send = self.client.send_message().queue_url(&self.queue);
            let sent = send.message_body(message).send().await;
            sent.map_err(|error| DisplayErrorContext(error).to_string())?;
            Ok(())
        })
    }
}
