//! An OpenTelemetry span exporter that writes OTLP to an Amazon Kinesis data stream
