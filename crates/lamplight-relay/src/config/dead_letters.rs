//! `[dead_letters]`: the destination of data that cannot be delivered.

use std::path::PathBuf;

use crate::config::{
    http,
    keys::{Table, key},
    section::Section,
};

pub(super) static DEAD_LETTERS: Table = Table {
    name: "dead_letters",
    about: "The destination of data that cannot be read, or that a sink will never accept, with \
    the sequence numbers of its records. Without this table, each dead letter is a log line, and \
    its data stays in the stream. Data that cannot be read is stored as received, without \
    cleaning: restrict access to it like access to the stream.",
    list: false,
    open: false,
    keys: &[
        key(
            "type",
            "`\"file\"`, `\"stdout\"`, `\"s3\"` or `\"sqs\"`",
            "required",
            "The kind of destination. `stdout` omits data that could not be read, since logs are \
            widely readable. Messages of `sqs` and lines of `stdout` have at most 256 KiB: longer \
            ones omit the data, and name as many records as fit.",
        ),
        key(
            "path",
            "string",
            "required for `file`",
            "The file to append to. Variables are substituted.",
        ),
        key(
            "bucket",
            "string",
            "required for `s3`",
            "The bucket. Variables are substituted.",
        ),
        key(
            "prefix",
            "string",
            "none",
            "The prefix of keys in the bucket. Variables are substituted.",
        ),
        key(
            "queue_url",
            "string",
            "required for `sqs`",
            "The URL of the queue. Variables are substituted.",
        ),
        key(
            "region",
            "string",
            "the environment's",
            "The region of the bucket or queue. Variables are substituted.",
        ),
        key(
            "max_size",
            "size",
            "`\"1 GiB\"`",
            "Maximum size of the file; when it is full, critical sinks wait.",
        ),
    ],
};

/// The destination of data that cannot be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeadLettersConfig {
    /// Standard output.
    Stdout,
    /// A file.
    #[non_exhaustive]
    File {
        /// Its path.
        path: PathBuf,
        /// Maximum size of the file, in bytes.
        max_size: u64,
    },
    /// An S3 bucket.
    #[non_exhaustive]
    S3 {
        /// Its name.
        bucket: String,
        /// Prefix of the keys of objects.
        prefix: String,
        /// Its region.
        region: Option<String>,
    },
    /// An SQS queue.
    #[non_exhaustive]
    Sqs {
        /// Its URL.
        queue_url: String,
        /// Its region.
        region: Option<String>,
    },
}

/// Reads `[dead_letters]`, if present.
pub(super) fn read(section: &Section<'_>) -> Option<DeadLettersConfig> {
    if !section.is_there() {
        return None;
    }
    section.required("type", "write `type = \"file\"`")?;
    let kinds: [(&str, &[&str]); 4] = [
        ("stdout", &[]),
        ("file", &["path", "max_size"]),
        ("s3", &["bucket", "prefix", "region"]),
        ("sqs", &["queue_url", "region"]),
    ];
    let allowed = section.choice("type", &kinds)?;
    let text = section.text("type")?;
    for name in section.names() {
        if name != "type" && !allowed.contains(&name) && DEAD_LETTERS.has(name) {
            let problem = format!("is set, but dead letters of type {text:?} do not have it");
            section
                .get(name)?
                .fault(&problem, "remove it, or change the type");
        }
    }
    let region = section.filled("region");
    match text.as_str() {
        "file" => Some(DeadLettersConfig::File {
            path: section
                .required("path", "write `path = \"/var/lib/dead-letters.jsonl\"`")?
                .filled()?
                .into(),
            max_size: section
                .size("max_size", 1 << 20..=1 << 40)
                .unwrap_or(1 << 30),
        }),
        "stdout" => Some(DeadLettersConfig::Stdout),
        "s3" => Some(DeadLettersConfig::S3 {
            bucket: section
                .required("bucket", "write `bucket = \"dead-letters\"`")?
                .filled()?,
            prefix: section.secret("prefix").unwrap_or_default(),
            region,
        }),
        _ => Some(DeadLettersConfig::Sqs {
            queue_url: http::url(
                &section.required("queue_url", "write `queue_url = \"https://..\"`")?,
            )?,
            region,
        }),
    }
}
