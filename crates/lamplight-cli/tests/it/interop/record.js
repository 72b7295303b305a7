// Records two spans with everything that a span can have, and exports them as the environment says, by the
// exporter that the argument names.
const api = require('@opentelemetry/api');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const { BatchSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');

const exporter = process.argv[2];
const { OTLPTraceExporter } = require(`@opentelemetry/exporter-trace-otlp-${exporter}`);

// [seconds, nanoseconds]
const at = (nanos) => [1_800_000_000, 123_456_789 + nanos];
const context = (traceId, spanId, state) => ({
  traceId, spanId, isRemote: true, traceFlags: api.TraceFlags.SAMPLED,
  traceState: api.createTraceState(state),
});

const attributes = {
  text: 'Grüße, 世界 \u{1f3ee} <b>&"\'', empty: '', yes: true, negative: -42,
  large: Number.MAX_SAFE_INTEGER, third: 1 / 3, texts: ['ä', ''], flags: [true, false],
  numbers: [-1, 0, 1], floats: [0.5, -2.5],
};
// It takes this for a whole number; JSON has it as what it is.
if (exporter === 'http') attributes.huge = 1e300;

const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({
    'service.name': process.env.OTEL_SERVICE_NAME,
    team: decodeURIComponent(process.env.OTEL_RESOURCE_ATTRIBUTES.split('=')[1]),
  }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
const tracer = provider.getTracer('shop', '1.2', { schemaUrl: 'https://example.com/scope' });
const remote = context(process.env.RECORD_TRACE, '00000000000000a1', 'vendor=opaque,other=1');
const parent = api.trace.setSpanContext(api.ROOT_CONTEXT, remote);
const linked = context('99'.padStart(32, '0'), '98'.padStart(16, '0'), 'linked=yes');
const order = tracer.startSpan('order', {
  kind: api.SpanKind.SERVER, startTime: at(0), attributes,
  links: [{ context: linked, attributes: { why: 'same customer' } }],
}, parent);
order.addEvent('paid', { amount: 12.5 }, at(1_000_001));
order.addEvent('packed', {}, at(2_000_002));
order.setStatus({ code: api.SpanStatusCode.OK });
const ship = tracer.startSpan('ship it', {
  kind: api.SpanKind.CLIENT, startTime: at(3_000_003),
}, api.trace.setSpan(parent, order));
ship.setStatus({ code: api.SpanStatusCode.ERROR, message: 'sold out' });
ship.end(at(4_000_004));
order.end(at(5_000_000));
provider.forceFlush().then(() => provider.shutdown());
