//! The sampler and the span limits.

use lamplight_internal::diagnostics::warn_once;
use opentelemetry_sdk::trace::{Sampler, SpanLimits};

use super::{Environment, variables::default_of};

const OTEL_TRACES_SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const OTEL_TRACES_SAMPLER_ARG: &str = "OTEL_TRACES_SAMPLER_ARG";

/// The default of every limit of a span.
const MOST: u32 = 128;

/// The decision on a trace that begins here.
#[derive(Clone, Copy)]
enum Roots {
    All,
    None,
    Ratio,
}

/// Samplers by name; `true` marks those that follow the caller's decision.
const SAMPLERS: [(&str, (bool, Roots)); 6] = [
    ("always_on", (false, Roots::All)),
    ("always_off", (false, Roots::None)),
    ("traceidratio", (false, Roots::Ratio)),
    ("parentbased_always_on", (true, Roots::All)),
    ("parentbased_always_off", (true, Roots::None)),
    ("parentbased_traceidratio", (true, Roots::Ratio)),
];

impl Environment<'_> {
    /// Returns the sampler; `parentbased_always_on` by default.
    pub(crate) fn sampler(&self) -> Sampler {
        let sampler = self.choice(OTEL_TRACES_SAMPLER, &SAMPLERS);
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

    /// Returns the ratio of traces to sample. An invalid ratio counts as unset,
    /// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration>.
    fn ratio(&self) -> f64 {
        let default = default_of(OTEL_TRACES_SAMPLER_ARG);
        let expected = "a number from 0 to 1";
        let share = |value: &str| value.parse().ok().filter(|it| (0.0..=1.0).contains(it));
        let variables = &self.variables;
        let ratio = variables.read(OTEL_TRACES_SAMPLER_ARG, expected, default, share);
        ratio.unwrap_or(1.0)
    }

    /// Returns the limits of a span.
    pub(crate) fn span_limits(&self) -> SpanLimits {
        let limit = |name| {
            let limit = self.number(name)?;
            Some(u32::try_from(limit).unwrap_or(u32::MAX))
        };
        let attributes = limit("OTEL_ATTRIBUTE_COUNT_LIMIT").unwrap_or(MOST);
        SpanLimits {
            max_attributes_per_span: limit("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT").unwrap_or(attributes),
            max_events_per_span: limit("OTEL_SPAN_EVENT_COUNT_LIMIT").unwrap_or(MOST),
            max_links_per_span: limit("OTEL_SPAN_LINK_COUNT_LIMIT").unwrap_or(MOST),
            max_attributes_per_event: limit("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT")
                .unwrap_or(attributes),
            max_attributes_per_link: limit("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT").unwrap_or(attributes),
        }
    }
}
