//! The walk through an invocation.

use std::borrow::Cow;

use lamplight_semconv::faas;
use opentelemetry::{Context, trace::SpanKind};

use super::{Incoming, Invocation, Source, config::Config, explain::Log};

pub(super) fn run(
    _config: &Config,
    invocation: &Invocation<'_>,
    _log: Option<&mut Log>,
) -> Incoming {
    let source = Source::Unknown;
    Incoming {
        source,
        trigger: source.trigger(),
        span_name: Cow::Owned(invocation.function_name.to_owned()),
        span_kind: SpanKind::Server,
        parent: Context::new(),
        links: Vec::new(),
        dropped_links: 0,
        attributes: vec![faas::trigger(source.trigger())],
    }
}
