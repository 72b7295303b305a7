//! A bounded span queue with an awaited flush, and an OTLP encoder straight from SpanData
