//! Pages over HTTP.

use prost::Message as _;

use super::rig::{start, traces};
use crate::http::request;

#[test]
fn each_view_has_an_address_and_what_is_not_there_says_so() {
    let server = start(None);
    server
        .intake
        .add(&traces("checkout", 1).encode_to_vec())
        .unwrap();
    let trace = format!("/trace/{}", "01".repeat(16));
    let no_trace = format!("/trace/{}", "ab".repeat(16));
    for (path, status) in [
        ("/", 200),
        ("/invocations", 200),
        ("/traces?where=checkout", 200),
        ("/map", 200),
        ("/differences", 200),
        (trace.as_str(), 200),
        (no_trace.as_str(), 404),
        ("/nowhere", 404),
        ("/trace/xyz", 400),
        ("/invocations?outcome=maybe", 400),
    ] {
        let answer = server.get(path, &[]);
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        let policy = answer.header("content-security-policy");
        assert!(policy.is_some_and(|it| it.contains("default-src 'none'")));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        for policy in ["cross-origin-opener-policy", "cross-origin-resource-policy"] {
            assert_eq!(answer.header(policy), Some("same-origin"));
        }
    }
    assert!(server.get("/traces", &[]).text().contains("checkout"));
    let answer = request(server.pages, "POST", "/traces", &[], b"");
    assert_eq!(answer.status, 405);
}

#[test]
fn a_name_that_is_markup_is_text_on_the_page() {
    let server = start(None);
    let name = "<script>alert(1)</script>\"'&";
    server.intake.add(&traces(name, 1).encode_to_vec()).unwrap();
    let page = server.get("/traces", &[]).text();
    assert!(!page.contains("<script>alert"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
}
