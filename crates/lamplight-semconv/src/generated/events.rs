// Generated from a registry of semantic conventions: change that, not this.

//! The events of the registry.

/// `aws.*`
pub mod aws {
    /// The service refused one entry of a batch.
    ///
    /// Stability: development.
    ///
    /// - `error.type` (recommended): Class of the error that ended the operation; absent on success.
    /// - `lamplight.aws.entry.id` (recommended): Id the caller gave an entry of a batch call.
    /// - `lamplight.aws.entry.index` (recommended): Position of an entry in its batch call, from 0, where entries have no id.
    /// - `aws.s3.key` (recommended): Key of the object the request names.
    /// - `aws.dynamodb.table_names` (recommended): Tables the request works on.
    pub mod failed_entry {
        /// Name of the event.
        pub const NAME: &str = "aws.failed_entry";
    }

    /// A second or later attempt of a call begins.
    ///
    /// Stability: development.
    ///
    /// - `http.request.resend_count` (required): Number of this attempt among the times the request was sent again.
    /// - `error.type` (recommended): Class of the error that ended the operation; absent on success.
    /// - `http.response.status_code` (recommended): Status code of the response.
    pub mod retry {
        use ::opentelemetry::KeyValue;

        /// Name of the event.
        pub const NAME: &str = "aws.retry";

        /// The attributes that are required, none of which can be left out.
        pub fn required(http_request_resend_count: i64) -> [KeyValue; 1] {
            let http_request_resend_count =
                super::super::super::http::request::resend_count(http_request_resend_count);
            [http_request_resend_count]
        }
    }
}

/// An error that a span ended with, or that was logged while it ran.
///
/// Stability: stable.
///
/// - `exception.type` (conditionally required): Type of the error value, as fully qualified as it can be told.
/// - `exception.message` (conditionally required): Text of the error.
/// - `exception.stacktrace` (recommended): Backtrace of the error, as Rust prints it.
pub mod exception {
    /// Name of the event.
    pub const NAME: &str = "exception";
}

/// `faas.*`
pub mod faas {
    /// `faas.invocation.*`
    pub mod invocation {
        /// The error that an invocation ended with.
        ///
        /// Stability: development.
        ///
        /// - `exception.type` (conditionally required): Type of the error value, as fully qualified as it can be told.
        /// - `exception.message` (conditionally required): Text of the error.
        /// - `exception.stacktrace` (recommended): Backtrace of the error, as Rust prints it.
        pub mod exception {
            /// Name of the event.
            pub const NAME: &str = "faas.invocation.exception";
        }
    }
}

/// `messaging.*`
pub mod messaging {
    /// `messaging.process.*`
    pub mod process {
        /// The error that a record ended with.
        ///
        /// Stability: development.
        ///
        /// - `exception.type` (conditionally required): Type of the error value, as fully qualified as it can be told.
        /// - `exception.message` (conditionally required): Text of the error.
        /// - `exception.stacktrace` (recommended): Backtrace of the error, as Rust prints it.
        pub mod exception {
            /// Name of the event.
            pub const NAME: &str = "messaging.process.exception";
        }
    }
}
