// Generated from a registry of semantic conventions: change that, not this.

//! `network.*`

/// `network.peer.*`
pub mod peer {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Address of the other end of the connection.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Conditionally required by span `faas.server.http`.
    ///
    /// Examples: `"10.1.2.80"`.
    pub const ADDRESS: &str = "network.peer.address";

    /// Returns the attribute `network.peer.address` with this value. See [`ADDRESS`].
    pub fn address(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(ADDRESS, value.into())
    }

    /// Port of the other end of the connection.
    ///
    /// Type: `int`. Stability: stable.
    ///
    /// Conditionally required by span `faas.server.http`.
    ///
    /// Examples: `65123`.
    pub const PORT: &str = "network.peer.port";

    /// Returns the attribute `network.peer.port` with this value. See [`PORT`].
    pub fn port(value: i64) -> KeyValue {
        KeyValue::new(PORT, value)
    }
}

/// `network.protocol.*`
pub mod protocol {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Application protocol, in lower case.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"http"`.
    pub const NAME: &str = "network.protocol.name";

    /// Returns the attribute `network.protocol.name` with this value. See [`NAME`].
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }

    /// Version of the application protocol.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"1.1"`, `"2"`.
    pub const VERSION: &str = "network.protocol.version";

    /// Returns the attribute `network.protocol.version` with this value. See [`VERSION`].
    pub fn version(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(VERSION, value.into())
    }
}
