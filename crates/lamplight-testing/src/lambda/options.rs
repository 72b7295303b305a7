//! Options of an environment.

use std::time::Duration;

use lamplight::TelemetryBuilder;

type Configure = Box<dyn FnOnce(TelemetryBuilder) -> TelemetryBuilder + Send>;

/// Options of an environment.
pub(crate) struct Options {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) memory: i32,
    pub(crate) region: String,
    pub(crate) timeout: Duration,
    pub(crate) restores: bool,
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) telemetry: Configure,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: "function".to_owned(),
            version: "$LATEST".to_owned(),
            memory: 128,
            region: "us-east-1".to_owned(),
            timeout: Duration::from_secs(60),
            restores: false,
            variables: Vec::new(),
            telemetry: Box::new(|builder| builder),
        }
    }
}
