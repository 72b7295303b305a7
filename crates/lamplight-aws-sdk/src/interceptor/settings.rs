//! The settings of a [`LamplightInterceptor`].

use std::{fmt, sync::Arc};

use lamplight_propagation::{Propagators, inbound::EventExtractor, outbound::Pointer};
use opentelemetry::{
    KeyValue,
    global::BoxedTracer,
    trace::{Span, Tracer, TracerProvider},
};

use super::{LamplightInterceptor, scope};
use crate::{
    carrier::{Carrier, Destination},
    diagnostics,
    expected::ServiceError,
    limits,
};

impl LamplightInterceptor {
    /// Sets the provider of the tracer that makes the spans. Default: the global provider at the time of
    /// each call.
    ///
    /// ```
    /// use lamplight_aws_sdk::LamplightInterceptor;
    /// use opentelemetry_sdk::trace::SdkTracerProvider;
    ///
    /// let provider = SdkTracerProvider::builder().build();
    /// let lamplight = LamplightInterceptor::new().with_tracer_provider(&provider);
    /// ```
    #[must_use]
    pub fn with_tracer_provider<P, T, S>(mut self, provider: &P) -> Self
    where
        P: TracerProvider<Tracer = T>,
        T: Tracer<Span = S> + Send + Sync + 'static,
        S: Span + Send + Sync + 'static,
    {
        let tracer = provider.tracer_with_scope(scope());
        self.tracer = Some(Arc::new(BoxedTracer::new(Box::new(tracer))));
        self
    }

    /// Adds a carrier to those that are used. Default: the variable `LAMPLIGHT_INJECT`, else the table of
    /// [`Carrier`].
    ///
    /// ```
    /// use lamplight_aws_sdk::{Carrier, LamplightInterceptor};
    ///
    /// let lamplight = LamplightInterceptor::new().with_carrier(Carrier::KinesisData);
    /// ```
    #[must_use]
    pub fn with_carrier(mut self, carrier: Carrier) -> Self {
        self.carriers.set(carrier, true);
        self
    }

    /// Removes a carrier from those that are used. Default: the variable `LAMPLIGHT_INJECT`, else the
    /// table of [`Carrier`].
    ///
    /// ```
    /// use lamplight_aws_sdk::{Carrier, LamplightInterceptor};
    ///
    /// let lamplight = LamplightInterceptor::new().without_carrier(Carrier::SqsAttributes);
    /// ```
    #[must_use]
    pub fn without_carrier(mut self, carrier: Carrier) -> Self {
        self.carriers.set(carrier, false);
        self
    }

    /// Sets the size, in bytes, up to which context may enlarge a request of this carrier. Beyond it, less
    /// context or none is written. For [`KinesisData`](Carrier::KinesisData), it is the size of one record.
    ///
    /// Raise a limit if your requests are larger, and lower it if queues or topics have smaller limits;
    /// [`with_destination_limit`](Self::with_destination_limit) does so for single ones. A limit beyond what
    /// AWS accepts today is reduced to that, and logged once. Default: the variable
    /// `LAMPLIGHT_INJECT_LIMITS`, otherwise this table:
    ///
    /// | carrier | default | AWS accepts |
    /// |---|---|---|
    /// | `sqs` | 262 144 | 1 048 576, or the queue's `MaximumMessageSize`, from 1024 |
    /// | `sns` | 262 144 | the topic's `MaximumMessageSize`, from 1024 to 1 048 576 |
    /// | `eventbridge` | 262 144 | 1 048 576 |
    /// | `lambda-payload`, `lambda-headers`, synchronous | 6 291 456 | 6 291 456 |
    /// | `lambda-payload`, `lambda-headers`, asynchronous | 262 144 | 1 048 576 |
    /// | `lambda` (client context) | 3 583 | 3 583 |
    /// | `kinesis` | 1 048 576 | 10 485 760, if the stream is configured for it |
    /// | `step-functions` | 262 144 | 262 144 |
    /// | `http` | none | - |
    ///
    /// ```
    /// use lamplight_aws_sdk::{Carrier, LamplightInterceptor};
    ///
    /// let lamplight = LamplightInterceptor::new().with_size_limit(Carrier::EventBridgeDetail, 1_048_576);
    /// ```
    #[must_use]
    pub fn with_size_limit(mut self, carrier: Carrier, bytes: usize) -> Self {
        let largest = limits::largest(carrier);
        if bytes > largest {
            diagnostics::beyond(carrier, bytes);
        }
        self.limits.set(carrier, bytes);
        self
    }

    /// Sets a function that returns the size, in bytes, up to which context may let a message to a
    /// destination grow: for a queue or a topic whose `MaximumMessageSize` differs from the limit of the
    /// carrier.
    ///
    /// `None` means the limit that holds otherwise. A limit beyond what AWS takes counts as that. If the
    /// function panics, no context is written. It may be called more than once for a call, and replaces
    /// one that was set before. Default: the destinations in the variable `LAMPLIGHT_INJECT_LIMITS`; see
    /// [`Carrier`], "Limits".
    ///
    /// ```
    /// use lamplight_aws_sdk::LamplightInterceptor;
    ///
    /// let lamplight = LamplightInterceptor::new()
    ///     .with_destination_limit(|to| to.name().ends_with("/small-queue").then_some(1024));
    /// ```
    #[must_use]
    pub fn with_destination_limit(
        mut self,
        limit: impl Fn(&Destination<'_>) -> Option<usize> + Send + Sync + 'static,
    ) -> Self {
        self.limits.set_ask(Arc::new(limit));
        self
    }

    /// Sets the member of a JSON body that gets the context, by a JSON pointer (RFC 6901) such as
    /// `/metadata/otel`.
    ///
    /// A body without the object that the member belongs to gets the context in
    /// [`DEFAULT_KEY`](lamplight_propagation::outbound::DEFAULT_KEY) at the top, as all bodies do without
    /// a pointer. A body that is not a JSON object is left alone. The same member is read in messages
    /// that are received. Default: the variable `LAMPLIGHT_ENVELOPE`, else no pointer.
    ///
    /// ```
    /// use lamplight_aws_sdk::LamplightInterceptor;
    /// use lamplight_propagation::outbound::Pointer;
    ///
    /// let lamplight = LamplightInterceptor::new().with_envelope(Pointer::new("/metadata/otel"));
    /// ```
    #[must_use]
    pub fn with_envelope(mut self, pointer: Pointer) -> Self {
        self.envelope = Some(pointer);
        self.with_extractor()
    }

    /// Sets the formats in which context is written into messages, and read from those that are
    /// received. Default: the variable `OTEL_PROPAGATORS`, else W3C Trace Context and Baggage.
    ///
    /// ```
    /// use lamplight_aws_sdk::LamplightInterceptor;
    /// use lamplight_propagation::Propagators;
    ///
    /// let (propagators, _) = Propagators::parse("tracecontext");
    /// let lamplight = LamplightInterceptor::new().with_propagators(propagators);
    /// ```
    #[must_use]
    pub fn with_propagators(mut self, propagators: Propagators) -> Self {
        self.propagators = propagators;
        self.xray = propagators.has_xray();
        self.with_extractor()
    }

    /// Sets up the extractor by the formats and the pointer.
    fn with_extractor(mut self) -> Self {
        self.extractor = EventExtractor::new().with_propagators(self.propagators);
        if let Some(pointer) = &self.envelope {
            self.extractor = self.extractor.with_envelope(pointer.clone());
        }
        self
    }

    /// Writes the span also as an X-Ray tracing header, for traces that are stored in X-Ray: in the HTTP
    /// header `X-Amzn-Trace-Id` of every call, and in the `TraceHeader` of EventBridge entries and the
    /// `traceHeader` of Step Functions executions that have none.
    ///
    /// `Lineage`, by which Lambda detects loops, and other fields that the SDK put into the HTTP header
    /// are kept. Default: off, and the SDK's own header is left as it is, unless the variable
    /// `OTEL_PROPAGATORS` or [`with_propagators`](Self::with_propagators) names `xray`.
    ///
    /// ```
    /// use lamplight_aws_sdk::LamplightInterceptor;
    ///
    /// let lamplight = LamplightInterceptor::new().with_xray_header();
    /// ```
    #[must_use]
    pub fn with_xray_header(mut self) -> Self {
        self.xray = true;
        self
    }

    /// Leaves the messages of all errors out of the status of spans, because services and transports may
    /// quote request data in them. The `error.type` remains.
    ///
    /// By default, only these messages are left out:
    ///
    /// * errors that quote values: those with `Validation`, `BadRequest`, `Malformed`, `Serialization` or
    ///   `Signature` in their code, or whose code begins with `Invalid`;
    /// * operations about persons: SNS to phones and endpoints and its subscriptions, SES, Cognito, Pinpoint,
    ///   Connect, Chime, Customer Profiles, WorkMail, Identity Store, End User Messaging;
    /// * RDS Data and Redshift Data, which return messages of a database.
    ///
    /// ```
    /// use lamplight_aws_sdk::LamplightInterceptor;
    ///
    /// let lamplight = LamplightInterceptor::new().without_error_messages();
    /// ```
    #[must_use]
    pub fn without_error_messages(mut self) -> Self {
        self.error_messages = false;
        self
    }

    /// Sets a function that returns whether an error of a service is an expected response. For example, a
    /// client that checks whether something exists has not failed if it does not exist.
    ///
    /// The span of such a call has neither an error status nor an `error.type`; the error code is in
    /// `lamplight.aws.expected_error`, and the status code is recorded as usual. The function is called only
    /// for responses of a service, not for time-outs, failures of the connection and rejected entries of a
    /// batch. Every retry is an event as before. The function replaces one that was set before. Default:
    /// [`is_expected_by_default`](ServiceError::is_expected_by_default).
    ///
    /// ```
    /// use lamplight_aws_sdk::LamplightInterceptor;
    ///
    /// let lamplight = LamplightInterceptor::new().with_expected_errors(|error| {
    ///     let is_optional = error.service() == "SSM" && error.code() == "ParameterNotFound";
    ///     error.is_expected_by_default() || is_optional
    /// });
    /// // Every error is a failure.
    /// let strict = LamplightInterceptor::new().with_expected_errors(|_| false);
    /// ```
    #[must_use]
    pub fn with_expected_errors(
        mut self,
        is_expected: impl Fn(&ServiceError<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.expected = Some(Arc::new(is_expected));
        self
    }

    /// Sets a function that returns whether context may be written to a destination: `false` for a
    /// partner's bus with a strict schema, or a topic whose subscriptions filter on attributes.
    ///
    /// The span is made all the same. If the function panics, no context is written. It may be called
    /// more than once for a call, and replaces one that was set before. Default: every destination.
    ///
    /// ```
    /// use lamplight_aws_sdk::LamplightInterceptor;
    ///
    /// let lamplight =
    ///     LamplightInterceptor::new().with_destination_filter(|to| to.name() != "partner-bus");
    /// ```
    #[must_use]
    pub fn with_destination_filter(
        mut self,
        filter: impl Fn(&Destination<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.filter = Some(Arc::new(filter));
        self
    }

    /// Adds a function that returns attributes from the input of one operation, in time for the sampler.
    /// All functions for an operation are called, in the order in which they were added. Default: none.
    ///
    /// ```
    /// # #[cfg(feature = "eventbridge")] {
    /// use aws_sdk_eventbridge::operation::put_events::PutEventsInput;
    /// use lamplight_aws_sdk::LamplightInterceptor;
    /// use opentelemetry::KeyValue;
    ///
    /// let lamplight = LamplightInterceptor::new().with_request_attributes(|input: &PutEventsInput| {
    ///     let kind = input.entries().first().and_then(|entry| entry.detail_type());
    ///     kind.map(|kind| KeyValue::new("app.event.kind", kind.to_owned()))
    /// });
    /// # }
    /// ```
    #[must_use]
    pub fn with_request_attributes<I, A>(
        mut self,
        attributes: impl Fn(&I) -> A + Send + Sync + 'static,
    ) -> Self
    where
        I: fmt::Debug + Send + Sync + 'static,
        A: IntoIterator<Item = KeyValue>,
    {
        self.request_hooks.push(Arc::new(move |input, to| {
            if let Some(input) = input.downcast_ref::<I>() {
                to.extend(attributes(input));
            }
        }));
        self
    }

    /// Adds a function that returns attributes from the output of one operation, if the span is recorded
    /// and the call succeeded. All functions for an operation are called, in the order in which they were
    /// added. Default: none.
    ///
    /// ```
    /// # #[cfg(feature = "kinesis")] {
    /// use aws_sdk_kinesis::operation::put_records::PutRecordsOutput;
    /// use lamplight_aws_sdk::LamplightInterceptor;
    /// use opentelemetry::KeyValue;
    ///
    /// let lamplight = LamplightInterceptor::new().with_response_attributes(|output: &PutRecordsOutput| {
    ///     let encryption = output.encryption_type()?;
    ///     Some(KeyValue::new("app.stream.encryption", encryption.as_str().to_owned()))
    /// });
    /// # }
    /// ```
    #[must_use]
    pub fn with_response_attributes<O, A>(
        mut self,
        attributes: impl Fn(&O) -> A + Send + Sync + 'static,
    ) -> Self
    where
        O: fmt::Debug + Send + Sync + 'static,
        A: IntoIterator<Item = KeyValue>,
    {
        self.response_hooks.push(Arc::new(move |output, to| {
            if let Some(output) = output.downcast_ref::<O>() {
                to.extend(attributes(output));
            }
        }));
        self
    }
}
