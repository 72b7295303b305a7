use aws_sdk_kinesis::config::{Credentials, Region, SharedCredentialsProvider};
use aws_types::SdkConfig;

use super::*;
use crate::{
    Compression, PartitionKey,
    builder::with_own_client,
    records::tests::span,
    stub::{Answer, Stub},
};

pub(crate) fn config(stub: &Stub) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "test");
    lamplight_aws_config::sdk_config()
        .into_builder()
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(stub.url.as_str())
        .build()
}

fn client(stub: &Stub, timeout: Duration) -> StreamClient {
    with_own_client(&config(stub), Stream::new("telemetry".to_owned()), timeout)
}

async fn put(client: &StreamClient) -> bool {
    let format = crate::records::Format {
        encoder: lamplight_export::OtlpEncoder::new(
            &opentelemetry_sdk::Resource::builder_empty().build(),
        ),
        compression: Compression::None,
        key: PartitionKey::TraceId,
    };
    let record = format.record(vec![span(1, 1, 1)]);
    let (entries, _) = crate::sender::entries(vec![record]);
    client.put(entries).await.0.is_ok()
}

#[tokio::test]
async fn a_connection_that_was_idle_for_long_is_not_trusted() {
    let stub = Stub::good();
    let mut client = client(&stub, Duration::from_secs(20));
    for _ in 0..3 {
        assert!(put(&client).await);
    }
    assert_eq!(stub.connections(), 1);
    client.max_idle = Duration::ZERO;
    for connections in 2..4 {
        assert!(put(&client).await);
        assert_eq!(stub.connections(), connections);
    }
}

#[tokio::test]
async fn a_connection_without_an_answer_is_not_used_again() {
    let stub = Stub::start(|place, keys| match place {
        1 => Answer::never(),
        _ => Answer::taken(keys.len()),
    });
    let client = client(&stub, Duration::from_secs(1));
    for answered in [true, false, true] {
        assert_eq!(put(&client).await, answered);
    }
    assert_eq!(stub.connections(), 2);
}
