//! The hooks that the SDK calls. Each of them returns `Ok`: an error from a hook fails the user's call.

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{
                BeforeSerializationInterceptorContextMut, BeforeSerializationInterceptorContextRef,
                BeforeTransmitInterceptorContextMut, BeforeTransmitInterceptorContextRef, Error,
                FinalizerInterceptorContextRef, Input,
            },
        },
        orchestrator::{HttpResponse, Metadata, OrchestratorError},
        retries::RequestAttempts,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::region::Region;
use lamplight_semconv::lamplight;
use opentelemetry::{
    Context,
    trace::{Span as _, SpanBuilder, SpanKind},
};

use super::LamplightInterceptor;
use crate::{
    call::{Call, Sent},
    diagnostics,
    error::Failure,
    expected::ServiceError,
    guard::unless_it_panics,
    headers,
    service::{self, Injection, Places, Request},
};

/// The number of attributes with which a span usually starts, for a single allocation.
const TYPICAL_ATTRIBUTES: usize = 16;

impl Intercept for LamplightInterceptor {
    fn name(&self) -> &'static str {
        "Lamplight"
    }

    /// The last hook that may change the input, and the first in which the operation is known: the span
    /// starts here, and context is injected into the messages.
    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        guarded(|| {
            if is_wanted(cfg)
                && let Some(call) = self.start(context.input_mut(), cfg)
            {
                cfg.interceptor_state().store_put(call);
            }
        })
    }

    /// Sees the messages after all later interceptors have changed them.
    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        guarded(|| {
            let sent = self.call(cfg).and_then(|call| call.sent.take());
            if let (Some(sent), Some(metadata)) = (sent, cfg.load::<Metadata>()) {
                self.check_final_input(metadata, context.input(), &sent);
            }
        })
    }

    fn read_before_attempt(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let number = cfg.load::<RequestAttempts>().map_or(1, |it| it.attempts());
        self.on_call(cfg, |call| call.begin_attempt(number))
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.on_call(cfg, |call| headers::xray(self, call, context.request_mut()))
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.on_call(cfg, |call| {
            call.record_server(context.request());
            headers::w3c(self, call, context.request_mut());
        })
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.on_call(cfg, |call| {
            let error = context.output_or_error().and_then(Result::err);
            call.end_attempt(error, context.response());
        })
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        guarded(|| {
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

/// Runs a hook. A panic in it comes from the user's code: a sampler, a span processor, a subscriber of the
/// log.
fn guarded(hook: impl FnOnce()) -> Result<(), BoxError> {
    unless_it_panics(hook);
    Ok(())
}

/// Returns whether this call should have a span and has none yet. If the interceptor was added twice, the
/// second one finds the first one's span; a call of an exporter gets none.
fn is_wanted(cfg: &ConfigBag) -> bool {
    cfg.load::<Call>().is_none() && !Context::is_current_telemetry_suppressed()
}

impl LamplightInterceptor {
    /// Returns the call, if this interceptor has started it.
    fn call<'a>(&self, cfg: &'a mut ConfigBag) -> Option<&'a mut Call> {
        cfg.get_mut_from_interceptor_state::<Call>()
            .filter(|call| call.owner == self.address())
    }

    /// Runs a hook on the call, if this interceptor has started it.
    fn on_call(&self, cfg: &mut ConfigBag, hook: impl FnOnce(&mut Call)) -> Result<(), BoxError> {
        guarded(|| {
            if let Some(call) = self.call(cfg) {
                hook(call);
            }
        })
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Starts the span of a call and writes its context into the call's messages.
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
        let hides_messages = self.hides_messages(metadata, request);
        let span = self.start_span(builder, &parent);
        let sent = service::request_mut(metadata, input).and_then(|request| {
            request.ask_for_context(self);
            let injection = Injection::new(self, &parent, span.span_context())?;
            self.inject(request, &injection, &places)
        });
        let mut call = Call::new(span, self.address(), parent, hides_messages);
        call.carrier = sent.as_ref().map(|sent| sent.carrier);
        call.sent = sent;
        Some(call)
    }

    /// Injects context into messages. Returns their new state, if any has received it.
    fn inject(
        &self,
        request: &mut dyn Request,
        injection: &Injection<'_>,
        places: &Places<'_>,
    ) -> Option<Sent> {
        let before = request.outgoing(self, "").map(|messages| messages.bytes);
        request.inject(injection, places);
        let traceparent = injection.fields().traceparent()?;
        let after = request.outgoing(self, traceparent)?;
        if after.carrying == 0 {
            return None;
        }
        Some(Sent {
            carrier: after.carrier,
            traceparent: traceparent.as_bytes().try_into().ok()?,
            carrying: after.carrying,
            added: after.bytes.saturating_sub(before?),
        })
    }

    /// Starts the span of a call that failed before any other hook: a user's interceptor returned an error,
    /// or the endpoint could not be resolved.
    fn start_failed(&self, input: &Input, cfg: &ConfigBag) -> Option<Call> {
        let metadata = cfg.load::<Metadata>()?;
        let parent = Context::current();
        let request = service::request(metadata, input);
        let builder = self.builder(metadata, input, request, cfg);
        let span = self.start_span(builder.with_kind(SpanKind::Client), &parent);
        let hides_messages = self.hides_messages(metadata, request);
        Some(Call::new(span, self.address(), parent, hides_messages))
    }

    /// Returns a builder with the name and the attributes of a call's span.
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

    /// Returns whether the error messages of this call must not be recorded.
    fn hides_messages(&self, metadata: &Metadata, request: Option<&dyn Request>) -> bool {
        !self.error_messages
            || service::is_about_a_person(metadata)
            || request.is_some_and(Request::is_sensitive)
    }

    /// Logs problems that later interceptors caused in the messages, because they cannot be undone.
    fn check_final_input(&self, metadata: &Metadata, input: &Input, sent: &Sent) {
        let request = service::request(metadata, input);
        let traceparent = str::from_utf8(&sent.traceparent).unwrap_or_default();
        let Some(now) = request.and_then(|request| request.outgoing(self, traceparent)) else {
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

    /// Records the end of a call.
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
            call.record_response(response);
        }
        let failure = match context.output_or_error() {
            Some(Ok(output)) => {
                call.set_all(self.response_attributes(output));
                service::response(metadata, output, self, call)
            }
            Some(Err(error)) => self.failure(call, metadata, error, context.response()),
            // A request that was only signed, to be sent by someone else.
            None => None,
        };
        call.end(failure);
    }

    /// Records the error that ended a call. Returns it, unless it is expected.
    fn failure(
        &self,
        call: &mut Call,
        metadata: &Metadata,
        error: &OrchestratorError<Error>,
        response: Option<&HttpResponse>,
    ) -> Option<Failure> {
        let failure = Failure::new(error, call.attempts() > 0, response);
        if let Some(carrier) = call.carrier.filter(|_| failure.is_about_size()) {
            diagnostics::refused(carrier);
        }
        // Without both, there was no response or an unreadable one: the call may have timed out after the
        // status line.
        let (Some(error), Some(response)) = (error.as_operation_error(), response) else {
            return Some(failure);
        };
        let status = response.status();
        if service::is_database(metadata) && !status.is_success() {
            call.record_database_error(&failure);
        }
        let is_false_condition = service::is_false_condition(metadata, error);
        let answer = ServiceError::new(metadata, &failure, status.as_u16(), is_false_condition);
        if !self.expects(&answer) {
            return Some(failure);
        }
        call.set(lamplight::aws::expected_error(answer.code().to_owned()));
        None
    }
}
