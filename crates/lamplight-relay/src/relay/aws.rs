//! AWS clients, as configured.

use std::sync::OnceLock;

use aws_types::{SdkConfig, region::Region};

/// The base configuration of this process's clients, if it is not that of Lambda's environment.
static OF_MACHINE: OnceLock<SdkConfig> = OnceLock::new();

/// Loads region and credentials from the AWS default chain, for a process that is not a function.
/// Must be called before anything is built from a configuration.
#[cfg(feature = "process")]
pub(crate) async fn prepare() {
    let config = lamplight_aws_config::load().await;
    // A second call would find the same.
    let _ = OF_MACHINE.set(config);
}

/// Returns the machine's configuration, or else that of Lambda's environment, with the given region
/// or endpoint if set.
pub(crate) fn config(region: Option<&str>, endpoint: Option<&str>) -> SdkConfig {
    let config = OF_MACHINE.get().cloned();
    let mut builder = config
        .unwrap_or_else(lamplight_aws_config::sdk_config)
        .into_builder();
    if let Some(region) = region {
        builder = builder.region(Region::new(region.to_owned()));
    }
    if let Some(endpoint) = endpoint {
        builder = builder.endpoint_url(endpoint);
    }
    builder.build()
}
