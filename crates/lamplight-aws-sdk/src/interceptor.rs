//! The interceptor's hooks. Each of them returns `Ok`: an error from a hook fails the user's call.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextMut, BeforeTransmitInterceptorContextMut,
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef, Input,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::region::Region;
use opentelemetry::Context;
use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind};

use crate::call::Call;
use crate::error::Failure;
use crate::service::{self, Injection};
use crate::{Lamplight, headers};

/// Attributes a span starts with, so that their vector is allocated once.
const TYPICAL_ATTRIBUTES: usize = 16;

impl Intercept for Lamplight {
    fn name(&self) -> &'static str {
        "Lamplight"
    }

    /// The last hook that sees the input and the first that knows the operation: the span starts
    /// here, and the message gets its context.
    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // A second Lamplight on the same call, or a call that an exporter makes.
        if cfg.load::<Call>().is_some() || Context::is_current_telemetry_suppressed() {
            return Ok(());
        }
        if let Some(call) = self.start(context.input_mut(), cfg) {
            cfg.interceptor_state().store_put(call);
        }
        Ok(())
    }

    fn read_before_attempt(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(call) = self.call(cfg) {
            call.attempt();
        }
        Ok(())
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(call) = self.call(cfg) {
            headers::xray(self, call, context.request_mut());
        }
        Ok(())
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(call) = self.call(cfg) {
            call.transmit(context.request());
            headers::w3c(self, call, context.request_mut());
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(call) = self.call(cfg) {
            let error = context.output_or_error().and_then(Result::err);
            call.attempted(error, context.response());
        }
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let metadata = cfg.load::<Metadata>().cloned();
        let Some(call) = self.call(cfg) else {
            return Ok(());
        };
        if let Some(response) = context.response() {
            call.response(response);
        }
        let failure = match context.output_or_error() {
            Some(Ok(output)) => {
                call.set_all(self.response_attributes(output));
                metadata.and_then(|metadata| service::response(&metadata, output, self, call))
            }
            Some(Err(error)) => Some(Failure::new(error, call.attempts() > 0, context.response())),
            // A request that was only signed, to be sent by someone else.
            None => None,
        };
        call.end(failure);
        Ok(())
    }
}

impl Lamplight {
    /// The call that this interceptor, and no other of its kind, started.
    fn call<'a>(&self, cfg: &'a mut ConfigBag) -> Option<&'a mut Call> {
        cfg.get_mut_from_interceptor_state::<Call>()
            .filter(|call| call.owner == self.address())
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn start(&self, input: &mut Input, cfg: &ConfigBag) -> Option<Call> {
        let metadata = cfg.load::<Metadata>()?;
        let region = cfg.load::<Region>().map(Region::as_ref);
        let parent = Context::current();

        let mut attributes = Vec::with_capacity(TYPICAL_ATTRIBUTES);
        service::common(metadata, region, &mut attributes);
        self.request_attributes(input, &mut attributes);
        let mut request = service::request(metadata, input);
        let mut sensitive = service::is_about_a_person(metadata);
        let mut kind = SpanKind::Client;
        let mut links = Vec::new();
        let rehearsal = Injection::rehearsal(self, &parent);
        if let Some(request) = &mut request {
            request.attributes(region, &mut attributes);
            sensitive |= request.is_sensitive();
            links = request.own_contexts(self);
            if request.is_send() && request.has_room(&rehearsal) {
                kind = SpanKind::Producer;
            }
        }

        let builder = SpanBuilder::from_name(format!("{}.{}", metadata.service(), metadata.name()))
            .with_kind(kind)
            .with_attributes(attributes)
            .with_links(links);
        let span = self.start_span(builder, &parent);
        if let Some(request) = &mut request {
            let context = span.span_context().clone();
            request.inject(&rehearsal.perform(context));
        }
        Some(Call::new(span, self.address(), parent, sensitive))
    }
}
