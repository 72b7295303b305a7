// Generated from a registry of semantic conventions: change that, not this.

//! The metrics of the registry.

/// `faas.*`
pub mod faas {
    /// Invocations that waited for their environment to start.
    ///
    /// Instrument: counter.
    ///
    /// Stability: development.
    ///
    /// - `faas.trigger` (recommended): Kind of event that made the function run.
    pub mod coldstarts {
        /// Name of the metric.
        pub const NAME: &str = "faas.coldstarts";

        /// Unit of its values.
        pub const UNIT: &str = "{coldstart}";

        /// What it measures.
        pub const DESCRIPTION: &str = "Invocations that waited for their environment to start.";
    }

    /// Invocations that failed, those that ran out of time among them.
    ///
    /// Instrument: counter.
    ///
    /// Stability: development.
    ///
    /// - `faas.trigger` (recommended): Kind of event that made the function run.
    pub mod errors {
        /// Name of the metric.
        pub const NAME: &str = "faas.errors";

        /// Unit of its values.
        pub const UNIT: &str = "{error}";

        /// What it measures.
        pub const DESCRIPTION: &str =
            "Invocations that failed, those that ran out of time among them.";
    }

    /// Time in which environments started.
    ///
    /// Instrument: histogram.
    ///
    /// Stability: development.
    ///
    /// - `faas.trigger` (recommended): Kind of event that made the function run.
    pub mod init_duration {
        /// Name of the metric.
        pub const NAME: &str = "faas.init_duration";

        /// Unit of its values.
        pub const UNIT: &str = "s";

        /// What it measures.
        pub const DESCRIPTION: &str = "Time in which environments started.";
    }

    /// Invocations that succeeded.
    ///
    /// Instrument: counter.
    ///
    /// Stability: development.
    ///
    /// - `faas.trigger` (recommended): Kind of event that made the function run.
    pub mod invocations {
        /// Name of the metric.
        pub const NAME: &str = "faas.invocations";

        /// Unit of its values.
        pub const UNIT: &str = "{invocation}";

        /// What it measures.
        pub const DESCRIPTION: &str = "Invocations that succeeded.";
    }

    /// Time invocations took.
    ///
    /// Instrument: histogram.
    ///
    /// Stability: development.
    ///
    /// - `faas.trigger` (recommended): Kind of event that made the function run.
    pub mod invoke_duration {
        /// Name of the metric.
        pub const NAME: &str = "faas.invoke_duration";

        /// Unit of its values.
        pub const UNIT: &str = "s";

        /// What it measures.
        pub const DESCRIPTION: &str = "Time invocations took.";
    }

    /// Invocations that ran out of time.
    ///
    /// Instrument: counter.
    ///
    /// Stability: development.
    ///
    /// - `faas.trigger` (recommended): Kind of event that made the function run.
    pub mod timeouts {
        /// Name of the metric.
        pub const NAME: &str = "faas.timeouts";

        /// Unit of its values.
        pub const UNIT: &str = "{timeout}";

        /// What it measures.
        pub const DESCRIPTION: &str = "Invocations that ran out of time.";
    }
}

/// `lamplight.*`
pub mod lamplight {
    /// `lamplight.relay.*`
    pub mod relay {
        /// Traces that have been decided.
        ///
        /// Instrument: counter.
        ///
        /// Stability: development.
        ///
        /// - `lamplight.relay.rule` (conditionally required): Name of the rule of the relay that a span was kept by.
        /// - `lamplight.relay.kept` (recommended): Whether the trace was kept.
        /// - `lamplight.relay.reason` (recommended): What made the relay decide, refuse or drop.
        pub mod decisions {
            /// Name of the metric.
            pub const NAME: &str = "lamplight.relay.decisions";

            /// Unit of its values.
            pub const UNIT: &str = "{trace}";

            /// What it measures.
            pub const DESCRIPTION: &str = "Traces that have been decided.";
        }

        /// `lamplight.relay.iterator.*`
        pub mod iterator {
            /// How far the relay is behind the newest record of the shard.
            ///
            /// Instrument: gauge.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.shard` (recommended): Shard of the stream that measurements are of.
            pub mod age {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.iterator.age";

                /// Unit of its values.
                pub const UNIT: &str = "s";

                /// What it measures.
                pub const DESCRIPTION: &str =
                    "How far the relay is behind the newest record of the shard.";
            }
        }

        /// `lamplight.relay.records.*`
        pub mod records {
            /// Records that were the same as one that was held.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            pub mod duplicate {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.records.duplicate";

                /// Unit of its values.
                pub const UNIT: &str = "{record}";

                /// What it measures.
                pub const DESCRIPTION: &str = "Records that were the same as one that was held.";
            }

            /// Records with spans that came after their trace had been decided.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.kept` (recommended): Whether the trace was kept.
            pub mod late {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.records.late";

                /// Unit of its values.
                pub const UNIT: &str = "{record}";

                /// What it measures.
                pub const DESCRIPTION: &str =
                    "Records with spans that came after their trace had been decided.";
            }

            /// Records the relay has read.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            pub mod read {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.records.read";

                /// Unit of its values.
                pub const UNIT: &str = "{record}";

                /// What it measures.
                pub const DESCRIPTION: &str = "Records the relay has read.";
            }

            /// Records that could not be read, or of which something could not, and that are dead
            /// letters.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.reason` (recommended): What made the relay decide, refuse or drop.
            pub mod refused {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.records.refused";

                /// Unit of its values.
                pub const UNIT: &str = "{record}";

                /// What it measures.
                pub const DESCRIPTION: &str = "Records that could not be read, or of which something could not, and that are dead letters.";
            }
        }

        /// `lamplight.relay.sink.*`
        pub mod sink {
            /// Spans the destination refused, and that are in dead letters.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.sink` (recommended): Name of the destination, as it is configured.
            /// - `lamplight.relay.reason` (recommended): What made the relay decide, refuse or drop.
            pub mod dead_lettered {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.sink.dead_lettered";

                /// Unit of its values.
                pub const UNIT: &str = "{span}";

                /// What it measures.
                pub const DESCRIPTION: &str =
                    "Spans the destination refused, and that are in dead letters.";
            }

            /// Spans the destination has taken.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.sink` (recommended): Name of the destination, as it is configured.
            pub mod delivered {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.sink.delivered";

                /// Unit of its values.
                pub const UNIT: &str = "{span}";

                /// What it measures.
                pub const DESCRIPTION: &str = "Spans the destination has taken.";
            }

            /// Spans that were not delivered, and are in no dead letter.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.sink` (recommended): Name of the destination, as it is configured.
            /// - `lamplight.relay.reason` (recommended): What made the relay decide, refuse or drop.
            pub mod dropped {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.sink.dropped";

                /// Unit of its values.
                pub const UNIT: &str = "{span}";

                /// What it measures.
                pub const DESCRIPTION: &str =
                    "Spans that were not delivered, and are in no dead letter.";
            }

            /// `lamplight.relay.sink.queue.*`
            pub mod queue {
                /// Bytes that wait for the destination.
                ///
                /// Instrument: gauge.
                ///
                /// Stability: development.
                ///
                /// - `lamplight.relay.sink` (recommended): Name of the destination, as it is configured.
                pub mod size {
                    /// Name of the metric.
                    pub const NAME: &str = "lamplight.relay.sink.queue.size";

                    /// Unit of its values.
                    pub const UNIT: &str = "By";

                    /// What it measures.
                    pub const DESCRIPTION: &str = "Bytes that wait for the destination.";
                }
            }

            /// Requests that were made once more.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.sink` (recommended): Name of the destination, as it is configured.
            pub mod retries {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.sink.retries";

                /// Unit of its values.
                pub const UNIT: &str = "{request}";

                /// What it measures.
                pub const DESCRIPTION: &str = "Requests that were made once more.";
            }
        }

        /// `lamplight.relay.spans.*`
        pub mod spans {
            /// Spans the relay has read.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            pub mod read {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.spans.read";

                /// Unit of its values.
                pub const UNIT: &str = "{span}";

                /// What it measures.
                pub const DESCRIPTION: &str = "Spans the relay has read.";
            }
        }

        /// `lamplight.relay.undecided.*`
        pub mod undecided {
            /// Bytes of records that are held because their traces are not decided.
            ///
            /// Instrument: gauge.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.shard` (recommended): Shard of the stream that measurements are of.
            pub mod size {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.undecided.size";

                /// Unit of its values.
                pub const UNIT: &str = "By";

                /// What it measures.
                pub const DESCRIPTION: &str =
                    "Bytes of records that are held because their traces are not decided.";
            }

            /// Traces that are not decided.
            ///
            /// Instrument: gauge.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.shard` (recommended): Shard of the stream that measurements are of.
            pub mod traces {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.undecided.traces";

                /// Unit of its values.
                pub const UNIT: &str = "{trace}";

                /// What it measures.
                pub const DESCRIPTION: &str = "Traces that are not decided.";
            }
        }
    }
}

/// `otel.*`
pub mod otel {
    /// `otel.sdk.*`
    pub mod sdk {
        /// `otel.sdk.exporter.*`
        pub mod exporter {
            /// `otel.sdk.exporter.span.*`
            pub mod span {
                /// Spans whose export has ended, well or badly.
                ///
                /// Instrument: counter.
                ///
                /// Stability: development.
                ///
                /// - `otel.component.name` (recommended): Name of the component, unlike that of any other in the process and the same after a restart.
                /// - `otel.component.type` (recommended): Type of the component; where no published one fits, its name in the language.
                /// - `error.type` (recommended): Class of the error that ended the operation; absent on success.
                pub mod exported {
                    /// Name of the metric.
                    pub const NAME: &str = "otel.sdk.exporter.span.exported";

                    /// Unit of its values.
                    pub const UNIT: &str = "{span}";

                    /// What it measures.
                    pub const DESCRIPTION: &str = "Spans whose export has ended, well or badly.";
                }

                /// Spans the exporter was handed and has not settled yet.
                ///
                /// Instrument: updowncounter.
                ///
                /// Stability: development.
                ///
                /// - `otel.component.name` (recommended): Name of the component, unlike that of any other in the process and the same after a restart.
                /// - `otel.component.type` (recommended): Type of the component; where no published one fits, its name in the language.
                pub mod inflight {
                    /// Name of the metric.
                    pub const NAME: &str = "otel.sdk.exporter.span.inflight";

                    /// Unit of its values.
                    pub const UNIT: &str = "{span}";

                    /// What it measures.
                    pub const DESCRIPTION: &str =
                        "Spans the exporter was handed and has not settled yet.";
                }
            }
        }

        /// `otel.sdk.processor.*`
        pub mod processor {
            /// `otel.sdk.processor.span.*`
            pub mod span {
                /// Spans the processor is done with, because it has handed them to the exporter
                /// or because they were dropped.
                ///
                /// Instrument: counter.
                ///
                /// Stability: development.
                ///
                /// - `otel.component.name` (recommended): Name of the component, unlike that of any other in the process and the same after a restart.
                /// - `otel.component.type` (recommended): Type of the component; where no published one fits, its name in the language.
                /// - `error.type` (recommended): Class of the error that ended the operation; absent on success.
                pub mod processed {
                    /// Name of the metric.
                    pub const NAME: &str = "otel.sdk.processor.span.processed";

                    /// Unit of its values.
                    pub const UNIT: &str = "{span}";

                    /// What it measures.
                    pub const DESCRIPTION: &str = "Spans the processor is done with, because it has handed them to the exporter or because they were dropped.";
                }

                /// `otel.sdk.processor.span.queue.*`
                pub mod queue {
                    /// Spans the processor's queue can hold.
                    ///
                    /// Instrument: updowncounter.
                    ///
                    /// Stability: development.
                    ///
                    /// - `otel.component.name` (recommended): Name of the component, unlike that of any other in the process and the same after a restart.
                    /// - `otel.component.type` (recommended): Type of the component; where no published one fits, its name in the language.
                    pub mod capacity {
                        /// Name of the metric.
                        pub const NAME: &str = "otel.sdk.processor.span.queue.capacity";

                        /// Unit of its values.
                        pub const UNIT: &str = "{span}";

                        /// What it measures.
                        pub const DESCRIPTION: &str = "Spans the processor's queue can hold.";
                    }

                    /// Spans that wait in the processor's queue.
                    ///
                    /// Instrument: updowncounter.
                    ///
                    /// Stability: development.
                    ///
                    /// - `otel.component.name` (recommended): Name of the component, unlike that of any other in the process and the same after a restart.
                    /// - `otel.component.type` (recommended): Type of the component; where no published one fits, its name in the language.
                    pub mod size {
                        /// Name of the metric.
                        pub const NAME: &str = "otel.sdk.processor.span.queue.size";

                        /// Unit of its values.
                        pub const UNIT: &str = "{span}";

                        /// What it measures.
                        pub const DESCRIPTION: &str = "Spans that wait in the processor's queue.";
                    }
                }
            }
        }
    }
}

/// `traces.*`
pub mod traces {
    /// `traces.span.*`
    pub mod span {
        /// `traces.span.metrics.*`
        pub mod metrics {
            /// Spans that ended.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            ///
            /// - `service.name` (recommended): Name of the service.
            /// - `span.name` (recommended): Name of the measured spans.
            /// - `span.kind` (recommended): Kind of the measured spans.
            /// - `status.code` (recommended): Status of the measured spans.
            /// - `otel.metric.overflow` (recommended): Whether the series stands for all that there was no room for.
            pub mod calls {
                /// Name of the metric.
                pub const NAME: &str = "traces.span.metrics.calls";

                /// Unit of its values.
                pub const UNIT: &str = "{call}";

                /// What it measures.
                pub const DESCRIPTION: &str = "Spans that ended.";
            }

            /// Time from the start of spans to their end.
            ///
            /// Instrument: histogram.
            ///
            /// Stability: development.
            ///
            /// - `service.name` (recommended): Name of the service.
            /// - `span.name` (recommended): Name of the measured spans.
            /// - `span.kind` (recommended): Kind of the measured spans.
            /// - `status.code` (recommended): Status of the measured spans.
            /// - `otel.metric.overflow` (recommended): Whether the series stands for all that there was no room for.
            pub mod duration {
                /// Name of the metric.
                pub const NAME: &str = "traces.span.metrics.duration";

                /// Unit of its values.
                pub const UNIT: &str = "s";

                /// What it measures.
                pub const DESCRIPTION: &str = "Time from the start of spans to their end.";
            }
        }
    }
}
