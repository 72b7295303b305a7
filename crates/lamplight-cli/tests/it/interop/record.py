"""Records two spans with everything that a span can have, and exports them as the environment says."""

import os

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    Link, NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState,
)

START = 1_800_000_000_123_456_789


def context(trace_id, span_id, *state):
    return SpanContext(trace_id, span_id, True, TraceFlags(TraceFlags.SAMPLED), TraceState(state))


provider = TracerProvider(resource=Resource.create())
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
tracer = provider.get_tracer("shop", "1.2", "https://example.com/scope", {"part": "checkout"})

remote = context(int(os.environ["RECORD_TRACE"], 16), 0xA1, ("vendor", "opaque"), ("other", "1"))
order = tracer.start_span(
    "order",
    trace.set_span_in_context(NonRecordingSpan(remote)),
    SpanKind.SERVER,
    start_time=START,
    links=[Link(context(0x99, 0x98, ("linked", "yes")), {"why": "same customer"})],
    attributes={
        "text": "Grüße, 世界 \U0001f3ee <b>&\"'", "empty": "", "yes": True, "negative": -42,
        "large": 9_007_199_254_740_991, "third": 1 / 3, "texts": ["ä", ""], "flags": [True, False],
        "numbers": [-1, 0, 1], "floats": [0.5, -2.5], "least": -(2**63), "whole": 2.0,
        "infinite": float("-inf"), "not a number": float("nan"), "bytes": b"\x00\xff",
        "map": {"list": [1, "two"]},
    },
)
order.add_event("paid", {"amount": 12.5}, START + 1_000_001)
order.add_event("packed", timestamp=START + 2_000_002)
order.set_status(Status(StatusCode.OK))
ship = tracer.start_span(
    "ship it", trace.set_span_in_context(order), SpanKind.CLIENT, start_time=START + 3_000_003
)
ship.set_status(Status(StatusCode.ERROR, "sold out"))
ship.end(START + 4_000_004)
order.end(START + 5_000_000)
assert provider.force_flush()
provider.shutdown()
