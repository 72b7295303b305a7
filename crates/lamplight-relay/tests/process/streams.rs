//! Several streams, and enhanced fan-out, as configured.

use lamplight_test_kinesis::Kinesis;

use crate::{
    Ends, Folder, config,
    receiver::{Receiver, record},
    relay,
};

#[tokio::test(flavor = "multi_thread")]
async fn two_streams_are_read_by_one_process_and_each_goes_on_where_it_was() {
    let (folder, kinesis) = (Folder::new("streams"), Kinesis::new());
    for stream in ["spans", "more"] {
        kinesis.create_stream(stream, 1);
    }
    let endpoint = kinesis.serve().await;
    let mut receiver = Receiver::start().await;
    let path = config(&folder, &endpoint.url(), &receiver.url);
    let text = std::fs::read_to_string(path).unwrap();
    // By name and by ARN.
    let both = "streams = [\"spans\", \"arn:aws:kinesis:eu-west-1:000000000000:stream/more\"]";
    let text = text.replace("streams = [\"spans\"]", both);
    let path = folder.write("both.toml", &text);
    let arguments = ["--config", path.to_str().unwrap()];
    kinesis.put("spans", "1", record(1, 1, true));
    kinesis.put("more", "2", record(2, 1, true));
    kinesis.put("more", "3", record(3, 1, false));
    let process = Ends::new(relay(&arguments));
    receiver.wait_for(2).await;
    process.terminated().await;

    // Late spans follow the decisions of their traces, in their streams.
    kinesis.put("spans", "1", record(1, 2, false));
    kinesis.put("more", "2", record(2, 2, false));
    kinesis.put("more", "3", record(3, 2, false));
    kinesis.put("spans", "2", record(4, 1, true));
    let process = Ends::new(relay(&arguments));
    receiver.wait_for(5).await;
    process.terminated().await;
    let spans = receiver.spans().into_iter();
    let mut ids: Vec<_> = spans
        .map(|span| (span.trace_id[0], span.span_id[7]))
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, [(1, 1), (1, 2), (2, 1), (2, 2), (4, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_in_the_configuration_is_pushed_to() {
    let (folder, kinesis) = (Folder::new("fan-out"), Kinesis::new());
    kinesis.create_stream("spans", 1);
    let endpoint = kinesis.serve().await;
    let mut receiver = Receiver::start().await;
    let path = config(&folder, &endpoint.url(), &receiver.url);
    let text = std::fs::read_to_string(path).unwrap();
    let consumer = "arn:aws:kinesis:eu-west-1:000000000000:stream/spans/consumer/relay:1";
    let text = text.replace("[source]", &format!("[source]\nfan_out = {consumer:?}"));
    let path = folder.write("pushed.toml", &text);
    kinesis.put("spans", "1", record(1, 1, true));
    let process = Ends::new(relay(&["--config", path.to_str().unwrap()]));
    receiver.wait_for(1).await;
    // Also records that arrive during the subscription.
    kinesis.split("spans", "shardId-000000000000");
    kinesis.put("spans", "2", record(2, 1, true));
    receiver.wait_for(2).await;
    process.terminated().await;
    let calls = kinesis.calls();
    let called = |operation: &str| calls.iter().any(|call| call.operation == operation);
    assert!(called("SubscribeToShard") && !called("GetRecords"));
}
