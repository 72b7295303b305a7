//! `lamplight inspect`: an explanation of an event.

use std::{fmt::Write as _, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_propagation::{
    Propagators,
    inbound::{EventExtractor, Explanation, RawInvocation, XRayPolicy},
};
use lexopt::prelude::{Long, Short, Value, ValueExt as _};
use opentelemetry::{
    KeyValue,
    baggage::BaggageExt as _,
    trace::{Link, SpanContext, TraceContextExt as _},
};

use crate::{
    input,
    output::{Failure, print},
};

const USAGE: &str = "\
usage: lamplight inspect [OPTIONS] FILE|-

Shows the source of the event in FILE (or on standard input), the trace it belongs to, and the reason
why any part of it was ignored.

  --json                    one JSON object instead of text
  --client-context BASE64   the client context of an Invoke call, as the caller sends it
  --xray HEADER             the tracing header of the invocation
  --envelope POINTER        a JSON pointer to context in payloads; can be repeated
  --propagators LIST        the formats to read, as in OTEL_PROPAGATORS
  --xray-policy POLICY      the use of X-Ray headers: ignore, link (default), parent,
                            parent-before-w3c
  --datadog                 read the objects of Datadog's tracers
  --function NAME           the name of the function (default: function)";

/// Runs the command with the arguments that follow its name.
pub(crate) fn run(arguments: lexopt::Parser) -> Result<(), Failure> {
    let arguments = Arguments::read(arguments).map_err(|error| wrong(error.to_string()))?;
    if arguments.help {
        return print(USAGE);
    }
    let file = arguments
        .file
        .as_ref()
        .ok_or_else(|| wrong("FILE is missing"))?;
    let body = input::read(file)?;
    let client_context = arguments
        .client_context
        .as_deref()
        .map(decode)
        .transpose()?;
    let mut extractor = EventExtractor::new().with_datadog(arguments.datadog);
    if let Some(value) = &arguments.propagators {
        let (propagators, complaint) = Propagators::parse(value);
        if let Some(complaint) = complaint {
            return Err(wrong(
                complaint.replace("OTEL_PROPAGATORS", "--propagators"),
            ));
        }
        extractor = extractor.with_propagators(propagators);
    }
    if let Some(policy) = &arguments.xray_policy {
        let policy = policy.parse::<XRayPolicy>();
        let policy = policy.map_err(|error| wrong(format!("--xray-policy: {error}")))?;
        extractor = extractor.with_xray(policy);
    }
    for envelope in &arguments.envelopes {
        extractor = extractor.with_envelope(envelope.as_str());
    }
    let function = arguments.function.as_deref().unwrap_or("function");
    let invocation = RawInvocation::new(&body, function)
        .with_client_context(client_context.as_deref())
        .with_xray_trace_id(arguments.xray.as_deref());
    let seen = extractor.explain(&invocation);
    if arguments.json {
        print(&seen.to_json())
    } else {
        print(text(&seen).trim_end())
    }
}

#[derive(Default)]
struct Arguments {
    file: Option<PathBuf>,
    json: bool,
    help: bool,
    client_context: Option<String>,
    xray: Option<String>,
    envelopes: Vec<String>,
    propagators: Option<String>,
    xray_policy: Option<String>,
    datadog: bool,
    function: Option<String>,
}

impl Arguments {
    fn read(mut parser: lexopt::Parser) -> Result<Self, lexopt::Error> {
        let mut read = Self::default();
        while let Some(argument) = parser.next()? {
            match argument {
                Value(file) if read.file.is_none() => read.file = Some(file.into()),
                Long("json") => read.json = true,
                Long("client-context") => read.client_context = Some(parser.value()?.string()?),
                Long("xray") => read.xray = Some(parser.value()?.string()?),
                Long("envelope") => read.envelopes.push(parser.value()?.string()?),
                Long("propagators") => read.propagators = Some(parser.value()?.string()?),
                Long("xray-policy") => read.xray_policy = Some(parser.value()?.string()?),
                Long("datadog") => read.datadog = true,
                Long("function") => read.function = Some(parser.value()?.string()?),
                Short('h') | Long("help") => read.help = true,
                other => return Err(other.unexpected()),
            }
        }
        Ok(read)
    }
}

fn wrong(message: impl Into<String>) -> Failure {
    Failure::usage(message, USAGE)
}

/// Decodes base64, as in an Invoke call; the result is JSON, as in the Runtime API.
fn decode(client_context: &str) -> Result<String, Failure> {
    let json = BASE64.decode(client_context.trim()).ok();
    json.and_then(|json| String::from_utf8(json).ok())
        .ok_or_else(|| wrong("--client-context is not base64 of text"))
}

/// Formats for people. Writing to a string cannot fail, so the results are ignored.
fn text(seen: &Explanation) -> String {
    let incoming = &seen.incoming;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "source   {} (trigger: {})",
        incoming.source,
        incoming.trigger.as_str()
    );
    let _ = writeln!(out, "span     {}", incoming.span_name);
    for attribute in &incoming.attributes {
        let _ = writeln!(out, "         {} = {}", attribute.key, attribute.value);
    }
    let span = incoming.parent.span().span_context().clone();
    if span.is_valid() {
        let _ = writeln!(out, "parent   {}", format_span(&span));
        let state = span.trace_state().header();
        if !state.is_empty() {
            let _ = writeln!(out, "         tracestate: {state}");
        }
        if let Some(carrier) = &seen.parent_carrier {
            let _ = writeln!(out, "         found at {carrier}");
        }
    } else {
        let _ = writeln!(out, "parent   none: a new trace starts here");
    }
    let carriers = seen
        .link_carriers
        .iter()
        .map(Some)
        .chain(std::iter::repeat(None));
    for (link, carrier) in incoming.links.iter().zip(carriers) {
        let _ = writeln!(out, "link     {}", format_span(&link.span_context));
        if let Some(carrier) = carrier {
            let _ = writeln!(out, "         found at {carrier}");
        }
        write_attributes(&mut out, link);
    }
    let mut baggage: Vec<_> = incoming.parent.baggage().iter().collect();
    baggage.sort_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
    for (i, (key, (value, _))) in baggage.into_iter().enumerate() {
        let _ = writeln!(
            out,
            "{:<9}{key} = {value}",
            if i == 0 { "baggage" } else { "" }
        );
    }
    for (i, note) in seen.notes.iter().enumerate() {
        let _ = writeln!(out, "{:<9}{note}", if i == 0 { "ignored" } else { "" });
    }
    out
}

fn format_span(span: &SpanContext) -> String {
    let sampled = if span.is_sampled() {
        "sampled"
    } else {
        "not sampled"
    };
    format!(
        "trace {} span {} ({sampled})",
        span.trace_id(),
        span.span_id()
    )
}

fn write_attributes(out: &mut String, link: &Link) {
    for KeyValue { key, value, .. } in &link.attributes {
        let _ = writeln!(out, "         {key} = {value}");
    }
}
