//! Queries of the requests' URLs.

use std::fmt::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

/// Settings of every request. The status of an answer is known before it is sent only if the server waits for
/// the end of the query.
const ALWAYS: &str = "wait_end_of_query=1";

/// Returns the query for a statement that is the body.
pub(super) fn statement() -> String {
    ALWAYS.to_owned()
}

/// Returns the query for an insert whose data is the body.
///
/// Asynchronous: the server collects small blocks of several senders, and answers when they are written.
pub(super) fn insert(into: &str, block: &[u8], is_asynchronous: bool) -> String {
    let settings = if is_asynchronous {
        "async_insert=1&wait_for_async_insert=1&async_insert_deduplicate=1"
    } else {
        // A block that is there already reaches the lookup table again, as the first time may have failed
        // between the two.
        "async_insert=0&deduplicate_blocks_in_dependent_materialized_views=1"
    };
    let into = utf8_percent_encode(into, NON_ALPHANUMERIC);
    let mut query = format!("{ALWAYS}&{settings}&insert_deduplicate=1");
    // A collected block has no token of its own: its content is what the server compares.
    if !is_asynchronous {
        query.push_str("&insert_deduplication_token=");
        for byte in Sha256::digest(block) {
            let _ = write!(query, "{byte:02x}");
        }
    }
    let _ = write!(query, "&query={into}");
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_blocks_have_equal_tokens_and_others_have_others() {
        let one = insert("INSERT INTO `a`.`b`", b"block", false);
        assert_eq!(one, insert("INSERT INTO `a`.`b`", b"block", false));
        assert_ne!(one, insert("INSERT INTO `a`.`b`", b"other", false));
        assert!(one.contains("&insert_deduplication_token="));
        assert!(one.ends_with("&query=INSERT%20INTO%20%60a%60%2E%60b%60"));
        let collected = insert("INSERT", b"block", true);
        assert!(collected.contains("async_insert=1&wait_for_async_insert=1"));
        assert!(!collected.contains("token"));
    }
}
