// Generated from a registry of semantic conventions: change that, not this.

//! `http.*`

use ::opentelemetry::{KeyValue, StringValue};

/// Route that matched, with placeholders for its variable parts.
///
/// Never the path of the request itself, which has too many values to group by. Without the stage
/// or the base path of an API, so that all stages of a function have the same routes.
///
/// Type: `string`. Stability: stable.
///
/// Conditionally required by span `faas.server.http`.
///
/// Examples: `"/orders/{id}"`.
pub const ROUTE: &str = "http.route";

/// [`ROUTE`] with a value.
pub fn route(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(ROUTE, value.into())
}

/// `http.request.*`
pub mod request {
    use ::opentelemetry::{Array, KeyValue, StringValue, Value};

    /// Values of the request header `<key>`, its name in lower case.
    ///
    /// Headers may hold secrets, so only those a user asked for are recorded.
    ///
    /// Type: `template[string[]]`. Stability: stable.
    ///
    /// Examples: `["application/json"]`.
    pub const HEADER: &str = "http.request.header";

    /// [`HEADER`] with a value.
    pub fn header(key: &str, value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
        let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
        KeyValue::new(format!("{HEADER}.{key}"), value)
    }

    /// Method of the request.
    ///
    /// Users may have methods of their own be known.
    ///
    /// Type: `enum of string`. Stability: stable.
    ///
    /// Required by span `http.client`, span `faas.server.http`.
    ///
    /// Examples: `"GET"`.
    pub const METHOD: &str = "http.request.method";

    /// [`METHOD`] with a value.
    pub fn method(value: HttpRequestMethod) -> KeyValue {
        KeyValue::new(METHOD, value)
    }

    /// Values of [`METHOD`].
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum HttpRequestMethod {
        /// The CONNECT method.
        Connect,
        /// The DELETE method.
        Delete,
        /// The GET method.
        Get,
        /// The HEAD method.
        Head,
        /// The OPTIONS method.
        Options,
        /// The PATCH method.
        Patch,
        /// The POST method.
        Post,
        /// The PUT method.
        Put,
        /// The TRACE method.
        Trace,
        /// The QUERY method.
        Query,
        /// A method the instrumentation does not know; its text is recorded apart.
        Other,
        /// A value the registry does not list.
        Custom(StringValue),
    }

    impl HttpRequestMethod {
        /// The recorded value.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Custom(value) => value.as_str(),
                listed => listed.listed(),
            }
        }

        /// The member with this value, or [`Custom`](Self::Custom) if there is none.
        pub fn from_value(value: impl Into<StringValue>) -> Self {
            let value = value.into();
            match value.as_str() {
                "CONNECT" => Self::Connect,
                "DELETE" => Self::Delete,
                "GET" => Self::Get,
                "HEAD" => Self::Head,
                "OPTIONS" => Self::Options,
                "PATCH" => Self::Patch,
                "POST" => Self::Post,
                "PUT" => Self::Put,
                "TRACE" => Self::Trace,
                "QUERY" => Self::Query,
                "_OTHER" => Self::Other,
                _ => Self::Custom(value),
            }
        }

        fn listed(&self) -> &'static str {
            match self {
                Self::Connect => "CONNECT",
                Self::Delete => "DELETE",
                Self::Get => "GET",
                Self::Head => "HEAD",
                Self::Options => "OPTIONS",
                Self::Patch => "PATCH",
                Self::Post => "POST",
                Self::Put => "PUT",
                Self::Trace => "TRACE",
                Self::Query => "QUERY",
                Self::Other => "_OTHER",
                Self::Custom(_) => "",
            }
        }
    }

    impl From<HttpRequestMethod> for Value {
        fn from(value: HttpRequestMethod) -> Self {
            match value {
                HttpRequestMethod::Custom(value) => value.into(),
                listed => listed.listed().into(),
            }
        }
    }

    /// Method as the client spelt it, when that differs from the recorded method.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Conditionally required by span `http.client`, span `faas.server.http`.
    ///
    /// Examples: `"GeT"`, `"ACL"`.
    pub const METHOD_ORIGINAL: &str = "http.request.method_original";

    /// [`METHOD_ORIGINAL`] with a value.
    pub fn method_original(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(METHOD_ORIGINAL, value.into())
    }

    /// Number of this attempt among the times the request was sent again.
    ///
    /// Type: `int`. Stability: stable.
    ///
    /// Required by event `aws.retry`. Conditionally required by span `http.client`.
    ///
    /// Examples: `1`.
    pub const RESEND_COUNT: &str = "http.request.resend_count";

    /// [`RESEND_COUNT`] with a value.
    pub fn resend_count(value: i64) -> KeyValue {
        KeyValue::new(RESEND_COUNT, value)
    }

    /// Size of the whole request on the wire, in bytes.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Examples: `1437`.
    pub const SIZE: &str = "http.request.size";

    /// [`SIZE`] with a value.
    pub fn size(value: i64) -> KeyValue {
        KeyValue::new(SIZE, value)
    }

    /// `http.request.body.*`
    pub mod body {
        use ::opentelemetry::KeyValue;

        /// Size of the request's body as it was transferred, in bytes.
        ///
        /// Type: `int`. Stability: development.
        ///
        /// Examples: `3495`.
        pub const SIZE: &str = "http.request.body.size";

        /// [`SIZE`] with a value.
        pub fn size(value: i64) -> KeyValue {
            KeyValue::new(SIZE, value)
        }
    }
}

/// `http.response.*`
pub mod response {
    use ::opentelemetry::{Array, KeyValue, StringValue, Value};

    /// Values of the response header `<key>`, its name in lower case.
    ///
    /// Headers may hold secrets, so only those a user asked for are recorded.
    ///
    /// Type: `template[string[]]`. Stability: stable.
    ///
    /// Examples: `["application/json"]`.
    pub const HEADER: &str = "http.response.header";

    /// [`HEADER`] with a value.
    pub fn header(key: &str, value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
        let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
        KeyValue::new(format!("{HEADER}.{key}"), value)
    }

    /// Size of the whole response on the wire, in bytes.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Examples: `1437`.
    pub const SIZE: &str = "http.response.size";

    /// [`SIZE`] with a value.
    pub fn size(value: i64) -> KeyValue {
        KeyValue::new(SIZE, value)
    }

    /// Status code of the response.
    ///
    /// Type: `int`. Stability: stable.
    ///
    /// Conditionally required by span `http.client`, span `faas.server.http`.
    ///
    /// Examples: `200`.
    pub const STATUS_CODE: &str = "http.response.status_code";

    /// [`STATUS_CODE`] with a value.
    pub fn status_code(value: i64) -> KeyValue {
        KeyValue::new(STATUS_CODE, value)
    }

    /// `http.response.body.*`
    pub mod body {
        use ::opentelemetry::KeyValue;

        /// Size of the response's body as it was transferred, in bytes.
        ///
        /// Type: `int`. Stability: development.
        ///
        /// Examples: `3495`.
        pub const SIZE: &str = "http.response.body.size";

        /// [`SIZE`] with a value.
        pub fn size(value: i64) -> KeyValue {
            KeyValue::new(SIZE, value)
        }
    }
}
