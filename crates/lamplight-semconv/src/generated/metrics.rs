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
    /// - `faas.trigger` (recommended): Kind of event that triggered the invocation.
    pub mod coldstarts {
        /// Name of the metric.
        pub const NAME: &str = "faas.coldstarts";

        /// Unit of the metric.
        pub const UNIT: &str = "{coldstart}";

        /// Description of the metric.
        pub const DESCRIPTION: &str = "Invocations that waited for their environment to start.";
    }

    /// Invocations that failed, including those that timed out.
    ///
    /// Instrument: counter.
    ///
    /// Stability: development.
    ///
    /// - `faas.trigger` (recommended): Kind of event that triggered the invocation.
    pub mod errors {
        /// Name of the metric.
        pub const NAME: &str = "faas.errors";

        /// Unit of the metric.
        pub const UNIT: &str = "{error}";

        /// Description of the metric.
        pub const DESCRIPTION: &str = "Invocations that failed, including those that timed out.";
    }

    /// Duration of the start of environments.
    ///
    /// Instrument: histogram.
    ///
    /// Stability: development.
    ///
    /// - `faas.trigger` (recommended): Kind of event that triggered the invocation.
    pub mod init_duration {
        /// Name of the metric.
        pub const NAME: &str = "faas.init_duration";

        /// Unit of the metric.
        pub const UNIT: &str = "s";

        /// Description of the metric.
        pub const DESCRIPTION: &str = "Duration of the start of environments.";
    }

    /// Invocations that succeeded.
    ///
    /// Instrument: counter.
    ///
    /// Stability: development.
    ///
    /// - `faas.trigger` (recommended): Kind of event that triggered the invocation.
    pub mod invocations {
        /// Name of the metric.
        pub const NAME: &str = "faas.invocations";

        /// Unit of the metric.
        pub const UNIT: &str = "{invocation}";

        /// Description of the metric.
        pub const DESCRIPTION: &str = "Invocations that succeeded.";
    }

    /// Duration of invocations.
    ///
    /// Instrument: histogram.
    ///
    /// Stability: development.
    ///
    /// - `faas.trigger` (recommended): Kind of event that triggered the invocation.
    pub mod invoke_duration {
        /// Name of the metric.
        pub const NAME: &str = "faas.invoke_duration";

        /// Unit of the metric.
        pub const UNIT: &str = "s";

        /// Description of the metric.
        pub const DESCRIPTION: &str = "Duration of invocations.";
    }

    /// Invocations that timed out.
    ///
    /// Instrument: counter.
    ///
    /// Stability: development.
    ///
    /// - `faas.trigger` (recommended): Kind of event that triggered the invocation.
    pub mod timeouts {
        /// Name of the metric.
        pub const NAME: &str = "faas.timeouts";

        /// Unit of the metric.
        pub const UNIT: &str = "{timeout}";

        /// Description of the metric.
        pub const DESCRIPTION: &str = "Invocations that timed out.";
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
        /// - `lamplight.relay.rule` (conditionally required): Name of the relay's rule by which a span was kept.
        /// - `lamplight.relay.kept` (recommended): True if the trace was kept.
        /// - `lamplight.relay.reason` (recommended): Reason for which the relay decided, rejected or dropped.
        pub mod decisions {
            /// Name of the metric.
            pub const NAME: &str = "lamplight.relay.decisions";

            /// Unit of the metric.
            pub const UNIT: &str = "{trace}";

            /// Description of the metric.
            pub const DESCRIPTION: &str = "Traces that have been decided.";
        }

        /// `lamplight.relay.iterator.*`
        pub mod iterator {
            /// Age of the relay's position relative to the newest record of the shard.
            ///
            /// Instrument: gauge.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.shard` (recommended): Shard of the stream to which measurements refer.
            pub mod age {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.iterator.age";

                /// Unit of the metric.
                pub const UNIT: &str = "s";

                /// Description of the metric.
                pub const DESCRIPTION: &str =
                    "Age of the relay's position relative to the newest record of the shard.";
            }
        }

        /// `lamplight.relay.records.*`
        pub mod records {
            /// Records identical to one already held.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            pub mod duplicate {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.records.duplicate";

                /// Unit of the metric.
                pub const UNIT: &str = "{record}";

                /// Description of the metric.
                pub const DESCRIPTION: &str = "Records identical to one already held.";
            }

            /// Records with spans that arrived after their trace had been decided.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.kept` (recommended): True if the trace was kept.
            pub mod late {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.records.late";

                /// Unit of the metric.
                pub const UNIT: &str = "{record}";

                /// Description of the metric.
                pub const DESCRIPTION: &str =
                    "Records with spans that arrived after their trace had been decided.";
            }

            /// Records the relay has read.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            pub mod read {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.records.read";

                /// Unit of the metric.
                pub const UNIT: &str = "{record}";

                /// Description of the metric.
                pub const DESCRIPTION: &str = "Records the relay has read.";
            }

            /// Records that could not be read, entirely or in part, and became dead letters.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.reason` (recommended): Reason for which the relay decided, rejected or dropped.
            pub mod refused {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.records.refused";

                /// Unit of the metric.
                pub const UNIT: &str = "{record}";

                /// Description of the metric.
                pub const DESCRIPTION: &str =
                    "Records that could not be read, entirely or in part, and became dead letters.";
            }
        }

        /// `lamplight.relay.sink.*`
        pub mod sink {
            /// Spans that the destination rejected and that became dead letters.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.sink` (recommended): Configured name of the destination.
            /// - `lamplight.relay.reason` (recommended): Reason for which the relay decided, rejected or dropped.
            pub mod dead_lettered {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.sink.dead_lettered";

                /// Unit of the metric.
                pub const UNIT: &str = "{span}";

                /// Description of the metric.
                pub const DESCRIPTION: &str =
                    "Spans that the destination rejected and that became dead letters.";
            }

            /// Spans that the destination has accepted.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.sink` (recommended): Configured name of the destination.
            pub mod delivered {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.sink.delivered";

                /// Unit of the metric.
                pub const UNIT: &str = "{span}";

                /// Description of the metric.
                pub const DESCRIPTION: &str = "Spans that the destination has accepted.";
            }

            /// Spans that were neither delivered nor written to a dead letter.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.sink` (recommended): Configured name of the destination.
            /// - `lamplight.relay.reason` (recommended): Reason for which the relay decided, rejected or dropped.
            pub mod dropped {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.sink.dropped";

                /// Unit of the metric.
                pub const UNIT: &str = "{span}";

                /// Description of the metric.
                pub const DESCRIPTION: &str =
                    "Spans that were neither delivered nor written to a dead letter.";
            }

            /// `lamplight.relay.sink.queue.*`
            pub mod queue {
                /// Bytes waiting for the destination.
                ///
                /// Instrument: gauge.
                ///
                /// Stability: development.
                ///
                /// - `lamplight.relay.sink` (recommended): Configured name of the destination.
                pub mod size {
                    /// Name of the metric.
                    pub const NAME: &str = "lamplight.relay.sink.queue.size";

                    /// Unit of the metric.
                    pub const UNIT: &str = "By";

                    /// Description of the metric.
                    pub const DESCRIPTION: &str = "Bytes waiting for the destination.";
                }
            }

            /// Requests that were repeated.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.sink` (recommended): Configured name of the destination.
            pub mod retries {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.sink.retries";

                /// Unit of the metric.
                pub const UNIT: &str = "{request}";

                /// Description of the metric.
                pub const DESCRIPTION: &str = "Requests that were repeated.";
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

                /// Unit of the metric.
                pub const UNIT: &str = "{span}";

                /// Description of the metric.
                pub const DESCRIPTION: &str = "Spans the relay has read.";
            }
        }

        /// `lamplight.relay.undecided.*`
        pub mod undecided {
            /// Bytes of records held because their traces are undecided.
            ///
            /// Instrument: gauge.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.shard` (recommended): Shard of the stream to which measurements refer.
            pub mod size {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.undecided.size";

                /// Unit of the metric.
                pub const UNIT: &str = "By";

                /// Description of the metric.
                pub const DESCRIPTION: &str =
                    "Bytes of records held because their traces are undecided.";
            }

            /// Undecided traces.
            ///
            /// Instrument: gauge.
            ///
            /// Stability: development.
            ///
            /// - `lamplight.relay.shard` (recommended): Shard of the stream to which measurements refer.
            pub mod traces {
                /// Name of the metric.
                pub const NAME: &str = "lamplight.relay.undecided.traces";

                /// Unit of the metric.
                pub const UNIT: &str = "{trace}";

                /// Description of the metric.
                pub const DESCRIPTION: &str = "Undecided traces.";
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
                /// Number of spans whose export has ended, successfully or not.
                ///
                /// Instrument: counter.
                ///
                /// Stability: development.
                ///
                /// - `otel.component.name` (recommended): Name of the component, unique in the process and unchanged after a restart.
                /// - `otel.component.type` (recommended): Type of the component; if no published type fits, the name of the type in the language.
                /// - `error.type` (recommended): Class of the error that ended the operation; absent on success.
                pub mod exported {
                    /// Name of the metric.
                    pub const NAME: &str = "otel.sdk.exporter.span.exported";

                    /// Unit of the metric.
                    pub const UNIT: &str = "{span}";

                    /// Description of the metric.
                    pub const DESCRIPTION: &str =
                        "Number of spans whose export has ended, successfully or not.";
                }

                /// Number of spans passed to the exporter without a result yet.
                ///
                /// Instrument: updowncounter.
                ///
                /// Stability: development.
                ///
                /// - `otel.component.name` (recommended): Name of the component, unique in the process and unchanged after a restart.
                /// - `otel.component.type` (recommended): Type of the component; if no published type fits, the name of the type in the language.
                pub mod inflight {
                    /// Name of the metric.
                    pub const NAME: &str = "otel.sdk.exporter.span.inflight";

                    /// Unit of the metric.
                    pub const UNIT: &str = "{span}";

                    /// Description of the metric.
                    pub const DESCRIPTION: &str =
                        "Number of spans passed to the exporter without a result yet.";
                }
            }
        }

        /// `otel.sdk.processor.*`
        pub mod processor {
            /// `otel.sdk.processor.span.*`
            pub mod span {
                /// Number of spans that the processor has passed to the exporter or dropped.
                ///
                /// Instrument: counter.
                ///
                /// Stability: development.
                ///
                /// - `otel.component.name` (recommended): Name of the component, unique in the process and unchanged after a restart.
                /// - `otel.component.type` (recommended): Type of the component; if no published type fits, the name of the type in the language.
                /// - `error.type` (recommended): Class of the error that ended the operation; absent on success.
                pub mod processed {
                    /// Name of the metric.
                    pub const NAME: &str = "otel.sdk.processor.span.processed";

                    /// Unit of the metric.
                    pub const UNIT: &str = "{span}";

                    /// Description of the metric.
                    pub const DESCRIPTION: &str =
                        "Number of spans that the processor has passed to the exporter or dropped.";
                }

                /// `otel.sdk.processor.span.queue.*`
                pub mod queue {
                    /// Maximum number of spans in the processor's queue.
                    ///
                    /// Instrument: updowncounter.
                    ///
                    /// Stability: development.
                    ///
                    /// - `otel.component.name` (recommended): Name of the component, unique in the process and unchanged after a restart.
                    /// - `otel.component.type` (recommended): Type of the component; if no published type fits, the name of the type in the language.
                    pub mod capacity {
                        /// Name of the metric.
                        pub const NAME: &str = "otel.sdk.processor.span.queue.capacity";

                        /// Unit of the metric.
                        pub const UNIT: &str = "{span}";

                        /// Description of the metric.
                        pub const DESCRIPTION: &str =
                            "Maximum number of spans in the processor's queue.";
                    }

                    /// Number of spans waiting in the processor's queue.
                    ///
                    /// Instrument: updowncounter.
                    ///
                    /// Stability: development.
                    ///
                    /// - `otel.component.name` (recommended): Name of the component, unique in the process and unchanged after a restart.
                    /// - `otel.component.type` (recommended): Type of the component; if no published type fits, the name of the type in the language.
                    pub mod size {
                        /// Name of the metric.
                        pub const NAME: &str = "otel.sdk.processor.span.queue.size";

                        /// Unit of the metric.
                        pub const UNIT: &str = "{span}";

                        /// Description of the metric.
                        pub const DESCRIPTION: &str =
                            "Number of spans waiting in the processor's queue.";
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
            /// - `otel.metric.overflow` (recommended): True if the series represents all those beyond the series limit.
            pub mod calls {
                /// Name of the metric.
                pub const NAME: &str = "traces.span.metrics.calls";

                /// Unit of the metric.
                pub const UNIT: &str = "{call}";

                /// Description of the metric.
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
            /// - `otel.metric.overflow` (recommended): True if the series represents all those beyond the series limit.
            pub mod duration {
                /// Name of the metric.
                pub const NAME: &str = "traces.span.metrics.duration";

                /// Unit of the metric.
                pub const UNIT: &str = "s";

                /// Description of the metric.
                pub const DESCRIPTION: &str = "Time from the start of spans to their end.";
            }
        }
    }
}
