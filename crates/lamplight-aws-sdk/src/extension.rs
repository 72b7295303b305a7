//! `.lamplight()` on the configuration of a client.

/// Adds Lamplight to the configuration of an AWS SDK client.
///
/// Implemented for `config::Builder` of each service that has a feature in this crate. The
/// generated SDK crates share no trait that a builder could be reached by, so any other service
/// takes the interceptor itself, which is what the method does:
///
/// ```ignore
/// aws_sdk_ecs::config::Builder::from(&config).interceptor(LamplightInterceptor::new()).build()
/// ```
///
/// The same form takes a [`LamplightInterceptor`](crate::LamplightInterceptor) with settings of its own, for every service.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "eventbridge")] {
/// use lamplight_aws_sdk::LamplightExt;
///
/// # let config = aws_types::SdkConfig::builder()
/// #     .behavior_version(aws_sdk_eventbridge::config::BehaviorVersion::latest()).build();
/// let events = aws_sdk_eventbridge::Client::from_conf(
///     aws_sdk_eventbridge::config::Builder::from(&config).lamplight().build(),
/// );
/// # }
/// ```
pub trait LamplightExt: Sized + sealed::Sealed {
    /// Every call of the client becomes a span, every message it sends carries context. Call it
    /// after other interceptors have been added: see [`LamplightInterceptor`](crate::LamplightInterceptor).
    #[must_use]
    fn lamplight(self) -> Self;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! implement {
    ($($feature:literal $service:ident),+ $(,)?) => {$(
        #[cfg(feature = $feature)]
        impl sealed::Sealed for $service::config::Builder {}

        #[cfg(feature = $feature)]
        impl LamplightExt for $service::config::Builder {
            fn lamplight(self) -> Self {
                self.interceptor(crate::LamplightInterceptor::new())
            }
        }
    )+};
}

implement! {
    "dynamodb" aws_sdk_dynamodb,
    "eventbridge" aws_sdk_eventbridge,
    "kinesis" aws_sdk_kinesis,
    "lambda" aws_sdk_lambda,
    "s3" aws_sdk_s3,
    "secretsmanager" aws_sdk_secretsmanager,
    "sfn" aws_sdk_sfn,
    "sns" aws_sdk_sns,
    "sqs" aws_sdk_sqs,
    "ssm" aws_sdk_ssm,
}
