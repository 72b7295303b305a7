// Generated from a registry of semantic conventions: change that, not this.

//! The metrics of the registry.

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
