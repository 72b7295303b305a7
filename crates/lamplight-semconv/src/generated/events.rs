// Generated from a registry of semantic conventions: change that, not this.

//! The events of the registry.

/// `aws.*`
pub mod aws {
    /// Rejection of one entry of a batch by the service.
    ///
    /// Stability: development.
    ///
    /// - `error.type` (recommended): Class of the error that ended the operation; absent on success.
    /// - `lamplight.aws.entry.id` (recommended): Id of an entry of a batch call, set by the caller.
    /// - `lamplight.aws.entry.index` (recommended): Position of an entry in its batch call, from 0, if entries have no id.
    /// - `aws.s3.key` (recommended): Key of the object the request names.
    /// - `aws.dynamodb.table_names` (recommended): Tables on which the request operates.
    pub mod failed_entry {
        /// Name of the event.
        pub const NAME: &str = "aws.failed_entry";
    }

    /// Start of a second or later attempt of a call.
    ///
    /// Stability: development.
    ///
    /// - `http.request.resend_count` (required): Number of this attempt among the resends of the request.
    /// - `error.type` (recommended): Class of the error that ended the operation; absent on success.
    /// - `http.response.status_code` (recommended): Status code of the response.
    pub mod retry {
        use ::opentelemetry::KeyValue;

        /// Name of the event.
        pub const NAME: &str = "aws.retry";

        /// Returns the required attributes, none of which can be omitted.
        pub fn required(http_request_resend_count: i64) -> [KeyValue; 1] {
            let http_request_resend_count =
                super::super::super::http::request::resend_count(http_request_resend_count);
            [http_request_resend_count]
        }
    }
}

/// An error that ended a span, or that was logged while the span was open.
///
/// Stability: stable.
///
/// - `exception.type` (conditionally required): Type of the error value, as fully qualified as it is known.
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
        /// Error that ended an invocation.
        ///
        /// Stability: development.
        ///
        /// - `exception.type` (conditionally required): Type of the error value, as fully qualified as it is known.
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
        /// Error that ended the processing of a record.
        ///
        /// Stability: development.
        ///
        /// - `exception.type` (conditionally required): Type of the error value, as fully qualified as it is known.
        /// - `exception.message` (conditionally required): Text of the error.
        /// - `exception.stacktrace` (recommended): Backtrace of the error, as Rust prints it.
        pub mod exception {
            /// Name of the event.
            pub const NAME: &str = "messaging.process.exception";
        }
    }
}
