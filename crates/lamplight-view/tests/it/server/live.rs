//! Pages with live updates.

use std::io::BufRead as _;

use prost::Message as _;

use super::rig::{start, traces};
use crate::http::{head, open};

#[test]
fn an_open_page_is_told_of_new_spans_and_a_server_that_stops_lets_go_of_it() {
    let mut server = start(None);
    let mut events = open(server.pages, "GET", "/live", &[], b"");
    let (status, headers) = head(&mut events);
    assert_eq!(status, 200);
    assert!(
        headers
            .iter()
            .any(|(name, value)| name == "content-type" && value == "text/event-stream")
    );
    let mut revision = || {
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(events.read_line(&mut line).unwrap(), 0, "it has ended");
            if let Some(revision) = line.strip_prefix("data: ") {
                return revision.trim().to_owned();
            }
        }
    };
    // The first event comes at once, so that changes between loading a page and opening its stream
    // are not missed.
    let before = revision();
    server.intake.add(&traces("a", 1).encode_to_vec()).unwrap();
    let after = revision();
    assert_ne!(before, after);

    // Without a page that closes its stream, this would not end.
    server.stop();
}
