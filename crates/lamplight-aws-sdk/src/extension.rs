//! The method `lamplight` for the configuration of a client.

/// Adds a [`LamplightInterceptor`](crate::LamplightInterceptor) with the settings of the environment to the
/// configuration of an AWS SDK client.
///
/// Implemented for `config::Builder` of each service that has a feature in this crate. The generated SDK
/// crates share no trait for their builders, so for any other service, add the interceptor itself, which is
/// what the method does:
///
/// ```ignore
/// aws_sdk_ecs::config::Builder::from(&config).interceptor(LamplightInterceptor::new()).build()
/// ```
///
/// The same form accepts an interceptor with custom settings, for every service.
pub trait LamplightExt: Sized + sealed::Sealed {
    /// Adds the interceptor: every call of the client becomes a span, and every message that it sends
    /// carries the span's context. Call it after other interceptors have been added; see
    /// [`LamplightInterceptor`](crate::LamplightInterceptor), "Other interceptors".
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
