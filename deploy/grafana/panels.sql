-- The queries of the dashboards, and of the tests that run them. generate.py puts them into functions.json
-- and function.json: `-- define NAME` begins a term that queries use as {{NAME}}, `-- query NAME` a query.
--
-- The terms are those of Lamplight's viewer, so that its pages and the dashboards show equal numbers. Every
-- query bounds the time, so that whole partitions are skipped; ClickHouse itself then reads the maps only for
-- rows in the range. No query has a PREWHERE of its own: with one, ClickHouse 26.5 answers some of these with
-- no rows once others have run, unless use_query_condition_cache is 0.
--
-- The name of the function comes percent-encoded, because no character of it can then end the literal.
-- Grafana's format `sqlstring` leaves backslashes, which are escapes in ClickHouse.

-- define function
multiIf(
  mapContains(ResourceAttributes, 'faas.name'), ResourceAttributes['faas.name'],
  mapContains(SpanAttributes, 'faas.name'), SpanAttributes['faas.name'],
  mapContains(ResourceAttributes, 'service.name'), ResourceAttributes['service.name'],
  mapContains(SpanAttributes, 'service.name'), SpanAttributes['service.name'],
  'unknown_service')

-- define version
multiIf(
  mapContains(ResourceAttributes, 'faas.version'), ResourceAttributes['faas.version'],
  mapContains(SpanAttributes, 'faas.version'), SpanAttributes['faas.version'],
  mapContains(ResourceAttributes, 'service.version'), ResourceAttributes['service.version'],
  '')

-- define invocation
(NOT mapContains(SpanAttributes, 'lamplight.inferred.service')
  AND (mapContains(SpanAttributes, 'faas.invocation_id')
    OR SpanKind IN ('Server', 'SPAN_KIND_SERVER') AND mapContains(ResourceAttributes, 'faas.name')))

-- define selected
{{function}} = decodeURLComponent('${function:percentencode}')

-- define timeout
(SpanAttributes['error.type'] = 'timeout')

-- define failed
(SpanAttributes['error.type'] = 'timeout' OR StatusCode IN ('Error', 'STATUS_CODE_ERROR'))

-- define outcome
multiIf({{timeout}}, 'timeout', {{failed}}, 'error', 'ok')

-- define cold
(SpanAttributes['faas.coldstart'] = 'true')

-- define init
toFloat64OrNull(SpanAttributes['lamplight.init.duration_ms'])

-- define queue_wait
toFloat64OrNull(SpanAttributes['lamplight.queue.latency_ms'])

-- define source
concat(SpanAttributes['messaging.system'], ' ',
  if(mapContains(SpanAttributes, 'messaging.destination.name'),
    SpanAttributes['messaging.destination.name'], SpanAttributes['faas.document.collection']))

-- define messages
toUInt64OrZero(SpanAttributes['messaging.batch.message_count'])

-- define failed_messages
toUInt64OrZero(SpanAttributes['lamplight.batch.failed_count'])

-- define last_exception
arrayLast((attributes, event) -> event = 'exception', Events.Attributes, Events.Name)

-- Percentiles by nearest rank: quantilesExact takes the value at floor(level * count).
-- define percentiles
quantilesExact(0.4999999999, 0.9499999999, 0.9899999999)

-- query variable.function
SELECT DISTINCT {{function}} AS function
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{invocation}}
ORDER BY function
LIMIT 2000

-- query functions.table
SELECT
  {{function}} AS function,
  count() AS invocations,
  countIf({{failed}}) AS errors,
  errors / invocations AS error_rate,
  countIf({{timeout}}) AS timeouts,
  countIf({{cold}}) AS cold_starts,
  cold_starts / invocations AS cold_share,
  {{percentiles}}(Duration)[1] AS p50,
  {{percentiles}}(Duration)[2] AS p95,
  {{percentiles}}(Duration)[3] AS p99,
  avgIf({{init}}, {{cold}}) AS init,
  max(Timestamp) AS last
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{invocation}}
GROUP BY function
ORDER BY last DESC, function
LIMIT 2000

-- query functions.invocations
SELECT $__timeInterval(Timestamp) AS time, {{function}} AS function, count() AS invocations
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{invocation}}
GROUP BY time, function
ORDER BY time, function

-- query functions.errors
SELECT $__timeInterval(Timestamp) AS time, {{function}} AS function, countIf({{failed}}) AS errors
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{invocation}}
GROUP BY time, function
ORDER BY time, function

-- query functions.error_rate
SELECT $__timeInterval(Timestamp) AS time, {{function}} AS function, countIf({{failed}}) / count() AS error_rate
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{invocation}}
GROUP BY time, function
ORDER BY time, function

-- query functions.timeouts
SELECT $__timeInterval(Timestamp) AS time, {{function}} AS function, countIf({{timeout}}) AS timeouts
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{invocation}}
GROUP BY time, function
ORDER BY time, function

-- query functions.duration
SELECT
  $__timeInterval(Timestamp) AS time,
  {{function}} AS function,
  {{percentiles}}(Duration)[1] AS p50,
  {{percentiles}}(Duration)[2] AS p95,
  {{percentiles}}(Duration)[3] AS p99
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{invocation}}
GROUP BY time, function
ORDER BY time, function

-- query functions.cold_share
SELECT $__timeInterval(Timestamp) AS time, {{function}} AS function, countIf({{cold}}) / count() AS cold_share
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{invocation}}
GROUP BY time, function
ORDER BY time, function

-- query functions.init
SELECT $__timeInterval(Timestamp) AS time, {{function}} AS function, avg({{init}}) AS init
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{invocation}} AND {{cold}} AND {{init}} IS NOT NULL
GROUP BY time, function
ORDER BY time, function

-- query functions.queue_wait
SELECT
  $__timeInterval(Timestamp) AS time,
  {{source}} AS source,
  quantileExact(0.9499999999)({{queue_wait}}) AS p95,
  max({{queue_wait}}) AS longest
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{queue_wait}} IS NOT NULL
GROUP BY time, source
ORDER BY time, source

-- query functions.batch_failures
SELECT
  $__timeInterval(Timestamp) AS time,
  {{function}} AS function,
  sum({{failed_messages}}) AS failed_messages
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{invocation}} AND mapContains(SpanAttributes, 'lamplight.batch.failed_count')
GROUP BY time, function
ORDER BY time, function

-- query function.summary
SELECT
  count() AS invocations,
  countIf({{failed}}) AS errors,
  errors / greatest(invocations, 1) AS error_rate,
  countIf({{timeout}}) AS timeouts,
  countIf({{cold}}) AS cold_starts,
  {{percentiles}}(Duration)[1] AS p50,
  {{percentiles}}(Duration)[2] AS p95,
  {{percentiles}}(Duration)[3] AS p99
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{selected}} AND {{invocation}}

-- query function.invocations
SELECT
  $__timeInterval(Timestamp) AS time,
  count() AS invocations,
  countIf({{failed}}) AS errors,
  countIf({{timeout}}) AS timeouts
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{selected}} AND {{invocation}}
GROUP BY time
ORDER BY time

-- query function.shares
SELECT
  $__timeInterval(Timestamp) AS time,
  countIf({{failed}}) / count() AS error_rate,
  countIf({{cold}}) / count() AS cold_share
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{selected}} AND {{invocation}}
GROUP BY time
ORDER BY time

-- query function.duration
SELECT
  $__timeInterval(Timestamp) AS time,
  {{percentiles}}(Duration)[1] AS p50,
  {{percentiles}}(Duration)[2] AS p95,
  {{percentiles}}(Duration)[3] AS p99
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{selected}} AND {{invocation}}
GROUP BY time
ORDER BY time

-- query function.init
SELECT $__timeInterval(Timestamp) AS time, avg({{init}}) AS average, max({{init}}) AS longest
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{selected}} AND {{invocation}} AND {{cold}} AND {{init}} IS NOT NULL
GROUP BY time
ORDER BY time

-- query function.queue_wait
SELECT
  $__timeInterval(Timestamp) AS time,
  {{source}} AS source,
  quantileExact(0.9499999999)({{queue_wait}}) AS p95,
  max({{queue_wait}}) AS longest
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{selected}} AND {{queue_wait}} IS NOT NULL
GROUP BY time, source
ORDER BY time, source

-- query function.batch_failures
SELECT
  $__timeInterval(Timestamp) AS time,
  sum({{messages}}) AS messages,
  sum({{failed_messages}}) AS failed_messages
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{selected}} AND {{invocation}} AND mapContains(SpanAttributes, 'lamplight.batch.failed_count')
GROUP BY time
ORDER BY time

-- query function.latest
SELECT
  Timestamp AS time,
  {{outcome}} AS outcome,
  Duration AS duration,
  {{cold}} AS cold_start,
  SpanName AS name,
  SpanAttributes['error.type'] AS error_type,
  {{last_exception}}['exception.type'] AS exception,
  {{last_exception}}['exception.message'] AS message,
  {{version}} AS version,
  SpanAttributes['faas.invocation_id'] AS invocation,
  TraceId AS trace
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{selected}} AND {{invocation}}
ORDER BY Timestamp DESC, SpanId
LIMIT 200

-- query function.attempts
SELECT
  SpanAttributes['messaging.message.id'] AS message_id,
  any({{source}}) AS source,
  max(toUInt64OrZero(SpanAttributes['lamplight.receive_count'])) AS attempts,
  countIf({{failed}}) AS failures,
  argMax({{outcome}}, Timestamp) AS last_outcome,
  min(Timestamp) AS first,
  max(Timestamp) AS last,
  argMax(TraceId, Timestamp) AS trace
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{selected}} AND mapContains(SpanAttributes, 'lamplight.receive_count')
  AND mapContains(SpanAttributes, 'messaging.message.id')
GROUP BY message_id
HAVING attempts > 1
ORDER BY attempts DESC, last DESC, message_id
LIMIT 200

-- query function.slowest
SELECT
  Timestamp AS time,
  Duration AS duration,
  {{outcome}} AS outcome,
  {{cold}} AS cold_start,
  SpanName AS name,
  SpanAttributes['faas.invocation_id'] AS invocation,
  TraceId AS trace
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{selected}} AND {{invocation}}
ORDER BY Duration DESC, Timestamp DESC
LIMIT 20

-- query function.versions
SELECT
  {{version}} AS version,
  count() AS invocations,
  countIf({{failed}}) / count() AS error_rate,
  countIf({{cold}}) / count() AS cold_share,
  {{percentiles}}(Duration)[1] AS p50,
  {{percentiles}}(Duration)[2] AS p95,
  {{percentiles}}(Duration)[3] AS p99,
  min(Timestamp) AS first,
  max(Timestamp) AS last
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND {{selected}} AND {{invocation}}
GROUP BY version
ORDER BY last DESC
LIMIT 100
