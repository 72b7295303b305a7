//! The interceptor's hooks. Each of them returns `Ok`: an error from a hook fails the user's call.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextMut, BeforeSerializationInterceptorContextRef,
    BeforeTransmitInterceptorContextMut, BeforeTransmitInterceptorContextRef,
    FinalizerInterceptorContextRef, Input,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::region::Region;
use lamplight_semconv::lamplight;
use opentelemetry::Context;
use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind};

use crate::call::{Call, Sent};
use crate::error::Failure;
use crate::expected::ServiceError;
use crate::service::{self, Injection, Request};
use crate::settings::unless_it_panics;
use crate::{LamplightInterceptor, diagnostics, headers};

/// Attributes a span starts with, so that their vector is allocated once.
const TYPICAL_ATTRIBUTES: usize = 16;

impl Intercept for LamplightInterceptor {
    fn name(&self) -> &'static str {
        "Lamplight"
    }

    /// The last hook that may change the input and the first that knows the operation: the span
    /// starts here, and the message gets its context.
    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        quietly(|| {
            if is_wanted(cfg)
                && let Some(call) = self.start(context.input_mut(), cfg)
            {
                cfg.interceptor_state().store_put(call);
            }
        })
    }

    /// The hook that sees what interceptors behind this one have made of the messages.
    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        quietly(|| {
            let sent = self.call(cfg).and_then(|call| call.sent.take());
            if let (Some(sent), Some(metadata)) = (sent, cfg.load::<Metadata>()) {
                self.look_again(metadata, context.input(), &sent);
            }
        })
    }

    fn read_before_attempt(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        quietly(|| {
            let number = cfg.load::<RequestAttempts>().map_or(1, |it| it.attempts());
            if let Some(call) = self.call(cfg) {
                call.attempt(number);
            }
        })
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        quietly(|| {
            if let Some(call) = self.call(cfg) {
                headers::xray(self, call, context.request_mut());
            }
        })
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        quietly(|| {
            if let Some(call) = self.call(cfg) {
                call.transmit(context.request());
                headers::w3c(self, call, context.request_mut());
            }
        })
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        quietly(|| {
            if let Some(call) = self.call(cfg) {
                let error = context.output_or_error().and_then(Result::err);
                call.attempted(error, context.response());
            }
        })
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        quietly(|| {
            if is_wanted(cfg)
                && let Some(Err(_)) = context.output_or_error()
                && let Some(input) = context.input()
                && let Some(call) = self.start_failed(input, cfg)
            {
                cfg.interceptor_state().store_put(call);
            }
            let metadata = cfg.load::<Metadata>().cloned();
            if let (Some(call), Some(metadata)) = (self.call(cfg), metadata) {
                self.finish(call, &metadata, context);
            }
        })
    }
}

/// Runs a hook. A panic in it comes from the user's side (a sampler, a span processor, whatever
/// reads our log) and is one about telemetry: no reason for the call to fail. The panic hook has
/// told it.
fn quietly(hook: impl FnOnce()) -> Result<(), BoxError> {
    unless_it_panics(hook);
    Ok(())
}

/// Whether this call is to have a span and has none: a second Lamplight finds the first one's, and
/// a call that an exporter makes gets none.
fn is_wanted(cfg: &ConfigBag) -> bool {
    cfg.load::<Call>().is_none() && !Context::is_current_telemetry_suppressed()
}

impl LamplightInterceptor {
    /// The call that this interceptor, and no other of its kind, started.
    fn call<'a>(&self, cfg: &'a mut ConfigBag) -> Option<&'a mut Call> {
        cfg.get_mut_from_interceptor_state::<Call>()
            .filter(|call| call.owner == self.address())
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Starts the span of a call whose messages get its context.
    fn start(&self, input: &mut Input, cfg: &ConfigBag) -> Option<Call> {
        let metadata = cfg.load::<Metadata>()?;
        let parent = Context::current();
        let request = service::request(metadata, input);
        let places = request.map(|request| request.places(self));
        let places = places.unwrap_or_default();
        let builder = self.builder(metadata, input, request, cfg);
        let builder = match request {
            Some(request) if self.propagators.has_trace_context() => {
                builder.with_links(request.existing_contexts(self))
            }
            _ => builder,
        };
        let is_producer = places.are_enough && self.propagators.has_trace_context();
        let builder = builder.with_kind(if is_producer {
            SpanKind::Producer
        } else {
            SpanKind::Client
        });
        let silent = self.is_silent(metadata, request);
        let span = self.start_span(builder, &parent);
        let sent = service::request_mut(metadata, input).and_then(|request| {
            request.ask(self);
            let injection = Injection::new(self, &parent, span.span_context())?;
            let before = request.cargo(self, "").map(|cargo| cargo.bytes);
            request.inject(&injection, &places);
            let traceparent = injection.fields().traceparent()?;
            let after = request
                .cargo(self, traceparent)
                .filter(|it| it.carrying > 0)?;
            Some(Sent {
                carrier: after.carrier,
                traceparent: traceparent.as_bytes().try_into().ok()?,
                carrying: after.carrying,
                added: after.bytes.saturating_sub(before?),
            })
        });
        let mut call = Call::new(span, self.address(), parent, silent);
        call.carrier = sent.as_ref().map(|sent| sent.carrier);
        call.sent = sent;
        Some(call)
    }

    /// Starts the span of a call that failed before any other hook: an interceptor of the user's
    /// said no, or the SDK found that the endpoint cannot be known.
    fn start_failed(&self, input: &Input, cfg: &ConfigBag) -> Option<Call> {
        let metadata = cfg.load::<Metadata>()?;
        let parent = Context::current();
        let request = service::request(metadata, input);
        let builder = self.builder(metadata, input, request, cfg);
        let span = self.start_span(builder.with_kind(SpanKind::Client), &parent);
        let silent = self.is_silent(metadata, request);
        Some(Call::new(span, self.address(), parent, silent))
    }

    /// Name and attributes of a call's span.
    fn builder(
        &self,
        metadata: &Metadata,
        input: &Input,
        request: Option<&dyn Request>,
        cfg: &ConfigBag,
    ) -> SpanBuilder {
        let region = cfg.load::<Region>().map(Region::as_ref);
        let mut attributes = Vec::with_capacity(TYPICAL_ATTRIBUTES);
        service::common(metadata, region, &mut attributes);
        self.request_attributes(input, &mut attributes);
        match request {
            Some(request) => request.attributes(region, &mut attributes),
            None => service::describe(metadata, input, &mut attributes),
        }
        let name = [metadata.service(), ".", metadata.name()].concat();
        SpanBuilder::from_name(name).with_attributes(attributes)
    }

    /// Whether what a service says of this call must not be recorded.
    fn is_silent(&self, metadata: &Metadata, request: Option<&dyn Request>) -> bool {
        !self.error_messages
            || service::is_about_a_person(metadata)
            || request.is_some_and(Request::is_sensitive)
    }

    /// Says what interceptors behind this one did to the messages, which there is no way to undo.
    fn look_again(&self, metadata: &Metadata, input: &Input, sent: &Sent) {
        let request = service::request(metadata, input);
        let traceparent = str::from_utf8(&sent.traceparent).unwrap_or_default();
        let Some(now) = request.and_then(|request| request.cargo(self, traceparent)) else {
            return;
        };
        let without = now.bytes.saturating_sub(sent.added);
        let is_large = now.bytes > now.limit && without <= now.limit;
        if now.is_crowded || is_large {
            diagnostics::overfull(now.carrier);
        } else if now.carrying < sent.carrying {
            diagnostics::removed(now.carrier);
        }
    }

    /// Records how a call ended.
    fn finish(
        &self,
        call: &mut Call,
        metadata: &Metadata,
        context: &FinalizerInterceptorContextRef<'_>,
    ) {
        if !call.is_recording() {
            return call.end(None);
        }
        if let Some(response) = context.response() {
            call.response(response);
        }
        let failure = match context.output_or_error() {
            Some(Ok(output)) => {
                call.set_all(self.response_attributes(output));
                service::response(metadata, output, self, call)
            }
            Some(Err(error)) => {
                let response = context.response();
                let failure = Failure::new(error, call.attempts() > 0, response);
                if service::is_database(metadata) && error.is_operation_error() {
                    call.database_error(&failure, response);
                }
                if let Some(carrier) = call.carrier.filter(|_| failure.is_about_size()) {
                    diagnostics::refused(carrier);
                }
                match ServiceError::new(metadata, error, &failure, response) {
                    Some(answer) if self.expects(&answer) => {
                        call.set(lamplight::aws::expected_error(answer.code().to_owned()));
                        None
                    }
                    _ => Some(failure),
                }
            }
            // A request that was only signed, to be sent by someone else.
            None => None,
        };
        call.end(failure);
    }
}
