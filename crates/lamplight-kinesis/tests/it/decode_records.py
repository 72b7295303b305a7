"""Decodes records as a consumer without a word about Lamplight would: OTLP by opentelemetry-proto,
unpacked by what its first bytes say.

Reads the data of records from standard input, one a line in base64, and prints the spans as one JSON
list.
"""

import base64
import gzip
import json
import sys

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def unpack_zstd(data):
    try:
        from compression import zstd  # Python 3.14
    except ImportError:
        import io

        import zstandard

        return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)).read()
    return zstd.decompress(data)


def unpack(data):
    if data.startswith(b"\x1f\x8b"):
        return gzip.decompress(data)
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        return unpack_zstd(data)
    return data


def value(any_value):
    kind = any_value.WhichOneof("value")
    if kind == "array_value":
        return [value(item) for item in any_value.array_value.values]
    return {kind: getattr(any_value, kind)}


def attributes(pairs):
    return [[pair.key, value(pair.value)] for pair in pairs]


def span(resource, scope, data):
    return {
        "service": [pair.value.string_value for pair in resource.attributes if pair.key == "service.name"],
        "scope": [scope.name, scope.version],
        "trace_id": data.trace_id.hex(),
        "span_id": data.span_id.hex(),
        "parent_span_id": data.parent_span_id.hex(),
        "trace_state": data.trace_state,
        "name": data.name,
        "kind": data.kind,
        "start": data.start_time_unix_nano,
        "end": data.end_time_unix_nano,
        "attributes": attributes(data.attributes),
        "events": [[event.name, event.time_unix_nano, attributes(event.attributes)] for event in data.events],
        "links": [[link.trace_id.hex(), link.span_id.hex(), attributes(link.attributes)] for link in data.links],
        "status": [data.status.code, data.status.message],
    }


spans = []
for line in sys.stdin:
    request = ExportTraceServiceRequest()
    request.ParseFromString(unpack(base64.b64decode(line)))
    for resource_spans in request.resource_spans:
        for scope_spans in resource_spans.scope_spans:
            spans += [span(resource_spans.resource, scope_spans.scope, data) for data in scope_spans.spans]
json.dump(spans, sys.stdout)
