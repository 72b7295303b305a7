//! Files.

use lamplight_relay::sink::{FileDeadLetters, FileSink, tickets};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

use super::{
    server::{Server, answer, names},
    *,
};

#[tokio::test]
async fn a_file_has_a_line_a_trace_that_reads_back() {
    let path = path("file-sink");
    let (queue, _) = start(Arc::new(FileSink::new("file", &path)), quick());
    queue.push(parcel(1, &["a", "b"])).await;
    queue.push(parcel(2, &["c"])).await;
    flush(&queue).await;
    let text = std::fs::read_to_string(&path).unwrap();
    let read = |line| serde_json::from_str::<ExportTraceServiceRequest>(line).unwrap();
    let lines: Vec<_> = text.lines().map(|line| names(read(line))).collect();
    assert_eq!(lines, [vec!["a", "b"], vec!["c"]]);
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn dead_letters_in_a_full_file_hold_a_critical_sink_until_there_is_room() {
    let path = path("dead-letters");
    let server = Server::that_says(answer("400 Bad", &[], b""));
    let letters = Arc::new(FileDeadLetters::new(&path, 500));
    let queue = SinkQueue::start(otlp(&server.url()), quick(), letters);
    let (tickets, mut settlements) = tickets();
    for number in 0..3 {
        let ticket = tickets.issue([number]);
        queue.push(parcel(number, &["a"]).with_ticket(ticket)).await;
    }
    while queue.stats().dead_letter_failures == 0 {
        tokio::task::yield_now().await;
    }
    let kept = queue.stats().dead_lettered;
    assert!(kept > 0 && kept < 3);
    let settled = std::iter::from_fn(|| settlements.try_next()).count();
    assert_eq!(u64::try_from(settled).unwrap(), kept);
    // The file is moved away.
    std::fs::remove_file(&path).unwrap();
    flush(&queue).await;
    assert_eq!(queue.stats().dead_lettered, 3);
    std::fs::remove_file(path).unwrap();
}
