//! Finding OTLP in what it is kept in: records of a stream, lines of a log, requests.

/// Contents of files and streams.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// OTLP requests, as protobuf.
    pub requests: Vec<Vec<u8>>,
    /// Contents that are not traces, each with its place.
    pub problems: Vec<String>,
}
