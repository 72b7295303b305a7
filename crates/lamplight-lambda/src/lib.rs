//! Tower layers that give each AWS Lambda invocation its OpenTelemetry span and flush window
