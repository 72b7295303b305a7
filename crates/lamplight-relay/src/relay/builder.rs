//! Construction of a relay.

use std::{fmt, sync::Arc, time::Duration};

use super::{core::Core, letters::LogLetters, setup::Lane, source::Source};
use crate::{
    clean::{CleanError, Cleaner, CleanerBuilder, Transform},
    engine, metrics,
    rules::{Condition, Faults, Rule, Rules},
    sink::{DeadLetters, Sink, SinkSettings},
};

/// A complete relay: its source, rules, changes, metrics and sinks.
///
/// ```no_run
/// use std::{sync::Arc, time::Duration};
///
/// use lamplight_relay::{
///     clean::SpanEditor,
///     relay::{Lane, Relay},
///     rules::{Condition, Measured, Rule},
///     sink::{Sink, SinkSettings},
///     source::{MemoryStore, Reader, stream::StreamClient},
/// };
///
/// # async fn example(stream: Arc<dyn StreamClient>, backend: Arc<dyn Sink>) -> Result<(), Box<dyn std::error::Error>> {
/// let reader = Reader::builder(Arc::new(MemoryStore::default())).stream(stream).open();
/// let relay = Relay::builder()
///     .source(reader)
///     .rule(Rule::keep("errors", Condition::error()))
///     .rule(Rule::keep("slow", Condition::latency(Measured::Entry, Duration::from_secs(1)..)))
///     .rule(Rule::probability("baseline", Condition::always(), 0.05))
///     .transform(|span: &mut SpanEditor<'_>| span.remove_attribute("user.email"))
///     .sink(backend, SinkSettings::default(), Lane::all())
///     .build()?;
/// relay.run(std::future::pending()).await?;
/// # Ok(())
/// # }
/// ```
pub struct Relay {
    pub(super) source: Option<Box<dyn Source>>,
    pub(super) plan: Plan,
}

/// The parts of a relay other than its source.
pub(crate) struct Plan {
    pub(super) rules: Arc<Rules>,
    pub(super) settings: engine::Settings,
    pub(super) meter: Option<metrics::Settings>,
    pub(super) cleaner: Cleaner,
    pub(super) sinks: Vec<Destination>,
    pub(super) dead_letters: Arc<dyn DeadLetters>,
    pub(super) timing: Timing,
}

/// A sink, and the data it receives.
pub(super) struct Destination {
    pub(super) sink: Arc<dyn Sink>,
    pub(super) settings: SinkSettings,
    pub(super) lane: Lane,
}

/// Intervals and time bounds of a relay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timing {
    pub(super) checkpoints: Duration,
    pub(super) telemetry: Duration,
    pub(super) metrics_of_itself: bool,
    pub(super) shutdown: Duration,
}

/// A builder of a [`Relay`].
#[must_use]
pub struct RelayBuilder {
    source: Option<Box<dyn Source>>,
    rules: Vec<Rule>,
    settings: engine::Settings,
    meter: Option<metrics::Settings>,
    cleaner: CleanerBuilder,
    sinks: Vec<Destination>,
    dead_letters: Option<Arc<dyn DeadLetters>>,
    timing: Timing,
}

impl Relay {
    /// Returns a builder of a relay. Without further settings, the relay keeps all traces and has
    /// no sinks.
    pub fn builder() -> RelayBuilder {
        RelayBuilder {
            source: None,
            rules: Vec::new(),
            settings: engine::Settings::default(),
            meter: None,
            cleaner: Cleaner::builder(),
            sinks: Vec::new(),
            dead_letters: None,
            timing: Timing {
                checkpoints: Duration::from_secs(5),
                telemetry: Duration::from_secs(60),
                metrics_of_itself: true,
                shutdown: Duration::from_secs(20),
            },
        }
    }
}

impl Plan {
    /// Returns the core.
    pub(super) fn core(&self) -> Core {
        self.core_with(self.meter.clone())
    }

    fn core_with(&self, meter: Option<metrics::Settings>) -> Core {
        let lanes = self.sinks.iter().map(|sink| sink.lane.clone());
        Core::new(
            self.settings.clone(),
            self.rules.clone(),
            meter,
            self.cleaner.clone(),
            lanes.collect(),
        )
    }
}

impl Plan {
    /// Returns the core for a batch: metrics cover the whole batch, regardless of windows.
    pub(super) fn batch_core(&self) -> Core {
        let mut meter = self.meter.clone();
        if let Some(meter) = &mut meter {
            meter.window = None;
        }
        self.core_with(meter)
    }
}

impl RelayBuilder {
    /// Sets the source of records.
    pub fn source(mut self, source: impl Source) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// Adds a rule. Without any, all traces are kept.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Adds rules.
    pub fn rules(mut self, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.rules.extend(rules);
        self
    }

    /// Sets the waits and limits of undecided traces.
    pub fn sampling(mut self, settings: engine::Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Sets the changes to all kept spans; replaces earlier ones.
    pub fn clean(mut self, cleaner: CleanerBuilder) -> Self {
        self.cleaner = cleaner;
        self
    }

    /// Adds a custom change to all kept spans. It runs after those of [`clean`](Self::clean).
    pub fn transform(mut self, transform: impl Transform) -> Self {
        self.cleaner = self.cleaner.transform(transform);
        self
    }

    /// Enables metrics of all spans, kept or not, for the sinks that receive metrics.
    pub fn metrics(mut self, settings: metrics::Settings) -> Self {
        self.meter = Some(settings);
        self
    }

    /// Adds a sink.
    pub fn sink(mut self, sink: Arc<dyn Sink>, settings: SinkSettings, lane: Lane) -> Self {
        self.sinks.push(Destination {
            sink,
            settings,
            lane,
        });
        self
    }

    /// Sets the destination of data that cannot be delivered. Default: a log line, while the data
    /// stays in the stream.
    pub fn dead_letters(mut self, dead_letters: Arc<dyn DeadLetters>) -> Self {
        self.dead_letters = Some(dead_letters);
        self
    }

    /// Sets the interval between saves of checkpoints. Default: 5 s.
    pub fn checkpoint_interval(mut self, interval: Duration) -> Self {
        self.timing.checkpoints = interval;
        self
    }

    /// Sets the interval of the relay's own reports, and whether they include metrics for the sinks
    /// that receive metrics. Default: 60 s, with metrics.
    pub fn telemetry(mut self, interval: Duration, metrics: bool) -> Self {
        self.timing.telemetry = interval;
        self.timing.metrics_of_itself = metrics;
        self
    }

    /// Sets the maximum duration of a shutdown, which delivers the decided traces and saves
    /// checkpoints. Default: 20 s, since containers are usually killed after 30 s.
    pub fn shutdown_within(mut self, bound: Duration) -> Self {
        self.timing.shutdown = bound;
        self
    }

    /// Returns the relay.
    ///
    /// # Errors
    ///
    /// Returns an error if rules or changes to spans are invalid.
    pub fn build(self) -> Result<Relay, BuildError> {
        let mut rules = self.rules;
        if rules.is_empty() {
            rules.push(Rule::keep("all", Condition::always()));
        }
        let rules = Rules::builder().rules(rules).build();
        let cleaner = self.cleaner.build();
        let (rules, cleaner) = match (rules, cleaner) {
            (Ok(rules), Ok(cleaner)) => (rules, cleaner),
            (rules, cleaner) => {
                return Err(BuildError {
                    rules: rules.err(),
                    clean: cleaner.err().unwrap_or_default(),
                });
            }
        };
        Ok(Relay {
            source: self.source,
            plan: Plan {
                rules: Arc::new(rules),
                settings: self.settings,
                meter: self.meter,
                cleaner,
                sinks: self.sinks,
                dead_letters: self.dead_letters.unwrap_or_else(|| Arc::new(LogLetters)),
                timing: self.timing,
            },
        })
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sinks = self.plan.sinks.iter().map(|it| it.sink.name());
        f.debug_struct("Relay")
            .field("rules", &self.plan.rules.names().collect::<Vec<_>>())
            .field("sinks", &sinks.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RelayBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelayBuilder")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// All faults of a relay that cannot be built.
#[derive(Debug)]
pub struct BuildError {
    rules: Option<Faults>,
    clean: Vec<CleanError>,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = self.rules.iter().map(ToString::to_string);
        let clean = self.clean.iter().map(ToString::to_string);
        let all: Vec<_> = rules.chain(clean).collect();
        f.write_str(&all.join("; "))
    }
}

impl std::error::Error for BuildError {}
