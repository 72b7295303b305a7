//! Sampler and limits of spans.

use super::Environment;
use lamplight_export::diagnostics::warn_once;
use lamplight_export::environment::number;
use opentelemetry_sdk::trace::{Sampler, TracerProviderBuilder};

const OTEL_TRACES_SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const OTEL_TRACES_SAMPLER_ARG: &str = "OTEL_TRACES_SAMPLER_ARG";

/// What a sampler does with a trace that begins here.
#[derive(Clone, Copy)]
enum Roots {
    All,
    None,
    Ratio,
}

/// Samplers by name: with `true`, those that do as the caller did.
const SAMPLERS: [(&str, (bool, Roots)); 6] = [
    ("always_on", (false, Roots::All)),
    ("always_off", (false, Roots::None)),
    ("traceidratio", (false, Roots::Ratio)),
    ("parentbased_always_on", (true, Roots::All)),
    ("parentbased_always_off", (true, Roots::None)),
    ("parentbased_traceidratio", (true, Roots::Ratio)),
];

/// The most a span has of something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct SpanLimits {
    attributes: u32,
    events: u32,
    pub(crate) links: u32,
    event_attributes: u32,
    link_attributes: u32,
}

impl Environment<'_> {
    /// Returns the sampler, which is `parentbased_always_on` when nothing else is said.
    pub(crate) fn sampler(&self) -> Sampler {
        let sampler = self.one_of(OTEL_TRACES_SAMPLER, &SAMPLERS);
        let (is_parent_based, roots) = sampler.unwrap_or((true, Roots::All));
        let sampler = match roots {
            Roots::All => Sampler::AlwaysOn,
            Roots::None => Sampler::AlwaysOff,
            Roots::Ratio => Sampler::TraceIdRatioBased(self.ratio()),
        };
        if self.get(OTEL_TRACES_SAMPLER_ARG).is_some() && !matches!(roots, Roots::Ratio) {
            warn_once(OTEL_TRACES_SAMPLER_ARG, || {
                format!(
                    "{OTEL_TRACES_SAMPLER_ARG} has no effect on the sampler in use; set \
                     {OTEL_TRACES_SAMPLER} to `parentbased_traceidratio` for a share of the traces"
                )
            });
        }
        match is_parent_based {
            true => Sampler::ParentBased(Box::new(sampler)),
            false => sampler,
        }
    }

    /// Returns the share of traces to sample.
    fn ratio(&self) -> f64 {
        let value = self.get(OTEL_TRACES_SAMPLER_ARG);
        let ratio = value
            .as_deref()
            .and_then(|value| value.parse().ok())
            .filter(|ratio| (0.0..=1.0).contains(ratio));
        ratio.unwrap_or_else(|| {
            warn_once(OTEL_TRACES_SAMPLER_ARG, || {
                format!(
                    "{OTEL_TRACES_SAMPLER_ARG}={:?} is not a number from 0 to 1; using 1, which is \
                     every trace",
                    value.unwrap_or_default()
                )
            });
            1.0
        })
    }

    /// Returns the limits of a span.
    pub(crate) fn span_limits(&self) -> SpanLimits {
        let limit =
            |name| Some(u32::try_from(number(name, self.get(name), 0)?).unwrap_or(u32::MAX));
        let of_all = limit("OTEL_ATTRIBUTE_COUNT_LIMIT").unwrap_or(128);
        SpanLimits {
            attributes: limit("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT").unwrap_or(of_all),
            events: limit("OTEL_SPAN_EVENT_COUNT_LIMIT").unwrap_or(128),
            links: limit("OTEL_SPAN_LINK_COUNT_LIMIT").unwrap_or(128),
            event_attributes: limit("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT").unwrap_or(of_all),
            link_attributes: limit("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT").unwrap_or(of_all),
        }
    }
}

impl SpanLimits {
    /// Sets the limits of a provider's spans.
    pub(crate) fn apply(self, provider: TracerProviderBuilder) -> TracerProviderBuilder {
        provider
            .with_max_attributes_per_span(self.attributes)
            .with_max_events_per_span(self.events)
            .with_max_links_per_span(self.links)
            .with_max_attributes_per_event(self.event_attributes)
            .with_max_attributes_per_link(self.link_attributes)
    }
}
