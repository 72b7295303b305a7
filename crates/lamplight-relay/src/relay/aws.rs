//! Clients of AWS, as a configuration says them.

use std::sync::OnceLock;

use aws_types::{SdkConfig, region::Region};

/// What the clients of this process start from, where that is not Lambda's environment.
static OF_MACHINE: OnceLock<SdkConfig> = OnceLock::new();

/// Reads region and credentials from wherever the machine has them, for a process that is no function. Called
/// before anything is built of a configuration.
#[cfg(feature = "process")]
pub(crate) async fn prepare() {
    let config = lamplight_aws_config::load().await;
    // A second time it would find the same.
    let _ = OF_MACHINE.set(config);
}

/// Returns the machine's configuration, or else that of Lambda's environment, with another region or endpoint
/// where these are set.
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
