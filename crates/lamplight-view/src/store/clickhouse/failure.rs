//! Errors of the server and of connections, with their remedies.

use lamplight_clickhouse::{ErrorKind, ServerError};

use crate::store::StoreError;

/// Codes of exceptions for queries beyond a limit: time, speed, rows, memory, bytes, result.
const LIMITS: [u32; 6] = [158, 159, 160, 241, 307, 396];

/// Codes of exceptions for users that must not change settings.
const SETTINGS: [u32; 2] = [164, 452];

/// Returns the error for an answer of the server.
pub(super) fn refused(error: &ServerError, database: &str) -> StoreError {
    let remedy = match error.kind() {
        _ if LIMITS.contains(&error.code) => {
            "The query is too large for the page: choose a shorter time span, or fewer conditions."
        }
        _ if SETTINGS.contains(&error.code) => {
            "The user must not limit its own queries: use a profile with readonly = 2 in place of \
             1, and without constraints on max_execution_time, max_memory_usage, max_result_rows \
             and max_result_bytes."
        }
        ErrorKind::NoTable => {
            return StoreError::Database(format!(
                "The database `{database}` has no table of traces: write the right database at \
                 the end of the address, or create the tables with --clickhouse-create. ({})",
                error.message
            ));
        }
        ErrorKind::Denied => {
            return StoreError::Database(format!(
                "ClickHouse denies access: check user and password (CLICKHOUSE_USER and \
                 CLICKHOUSE_PASSWORD, or those in the address), and GRANT SELECT ON `{database}`.* \
                 (INSERT too, to add spans). ({})",
                error.message
            ));
        }
        ErrorKind::SchemaDiffers => {
            return StoreError::Version(format!(
                "The tables in `{database}` differ from those of the OpenTelemetry Collector, with \
                 attributes as Map: compare otel_traces with the statements of the Collector's \
                 exporter. ({})",
                error.message
            ));
        }
        ErrorKind::Busy => "ClickHouse is busy or starting: reload the page later.",
        ErrorKind::DiskFull => {
            "The disk of ClickHouse is full: free some space, and spans are accepted again."
        }
        ErrorKind::TooLarge => "The request is too large for ClickHouse: send fewer spans at once.",
        ErrorKind::NotClickHouse => return odd(&error.to_string()),
        _ => "ClickHouse failed.",
    };
    StoreError::Database(format!("{remedy} ({})", error.message))
}

/// Returns the error for an answer that is not ClickHouse's.
pub(super) fn odd(why: &str) -> StoreError {
    StoreError::Database(format!(
        "The answer is not one of ClickHouse: check that the address is that of its HTTP interface \
         (port 8123, or 8443 with TLS). ({why})"
    ))
}

/// Returns the error for an answer that cannot be read to its end.
pub(super) fn unfinished(error: &ureq::Error) -> StoreError {
    match error {
        ureq::Error::Io(error) => StoreError::Database(format!(
            "The answer of ClickHouse ended early: reload the page, and check whether the server \
             restarted. ({error})"
        )),
        error => unreachable(error),
    }
}

/// Returns the error for a request without an answer.
pub(super) fn unreachable(error: &ureq::Error) -> StoreError {
    let remedy = match error {
        ureq::Error::Timeout(_) => {
            "ClickHouse does not answer in time: check that it runs, or choose a shorter time span."
        }
        ureq::Error::BodyExceedsLimit(_) => {
            "The answer is too large for the page: choose a shorter time span."
        }
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => {
            "There is no secure connection to ClickHouse: check its certificate, and that the port \
             is the one with TLS."
        }
        ureq::Error::Protocol(_) => {
            return odd(&error.to_string());
        }
        _ => {
            "ClickHouse cannot be reached: check that it runs, and the host and port of the \
             address."
        }
    };
    StoreError::Database(format!("{remedy} ({error})"))
}
