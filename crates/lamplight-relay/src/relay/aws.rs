//! Clients of AWS, as a configuration says them.

use aws_types::{SdkConfig, region::Region};

/// Returns the configuration of Lambda's environment, with another region or endpoint where these are set.
pub(crate) fn config(region: Option<&str>, endpoint: Option<&str>) -> SdkConfig {
    let mut builder = lamplight_aws_config::sdk_config().into_builder();
    if let Some(region) = region {
        builder = builder.region(Region::new(region.to_owned()));
    }
    if let Some(endpoint) = endpoint {
        builder = builder.endpoint_url(endpoint);
    }
    builder.build()
}
