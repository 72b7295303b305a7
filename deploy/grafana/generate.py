#!/usr/bin/env python3
"""Writes functions.json and function.json, the dashboards of Grafana, from the queries in panels.sql.

    generate.py            writes both files
    generate.py --check    fails if a file differs from what would be written
"""

import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
CLICKHOUSE = {"type": "grafana-clickhouse-datasource", "uid": "${clickhouse}"}
CLOUDWATCH = {"type": "cloudwatch", "uid": "${cloudwatch}"}
TIME_SERIES, TABLE = 0, 1
UNITS = {
    "invocations": "short", "errors": "short", "timeouts": "short", "cold_starts": "short", "attempts": "short",
    "failures": "short", "error_rate": "percentunit", "cold_share": "percentunit", "duration": "ns", "p50": "ns",
    "p95": "ns", "p99": "ns", "init": "ms", "time": "dateTimeAsIso", "first": "dateTimeAsIso",
    "last": "dateTimeAsIso",
}


def queries():
    """Returns the queries of panels.sql by name, with their terms filled in."""
    terms, found = {}, {}
    text = (HERE / "panels.sql").read_text()
    for kind, name, body in re.findall(r"^-- (define|query) (\S+)\n(.*?)(?=^--|\Z)", text, re.M | re.S):
        body = re.sub(r"\{\{(\w+)\}\}", lambda term: terms[term[1]], body.strip())
        {"define": terms, "query": found}[kind][name] = body
    return found


SQL = queries()


def target(query, form):
    return {
        "refId": "A", "datasource": CLICKHOUSE, "editorType": "sql", "queryType": ["timeseries", "table"][form],
        "format": form, "rawSql": SQL[query],
    }


def override(field, **properties):
    return {
        "matcher": {"id": "byName", "options": field},
        "properties": [{"id": name, "value": value} for name, value in properties.items()],
    }


def link(title, url):
    return [{"title": title, "url": url, "targetBlank": False}]


def panel(kind, title, unit, description, size, targets, datasource=CLICKHOUSE, options=None, defaults=None, overrides=()):
    return {
        "type": kind, "title": title, "description": description, "datasource": datasource,
        "gridPos": {"w": size[0], "h": size[1], "x": 0, "y": 0}, "targets": targets, "options": options or {},
        "fieldConfig": {"defaults": {"unit": unit, **(defaults or {})}, "overrides": list(overrides)},
    }


def chart(query, title, unit, description, **more):
    return panel("timeseries", title, unit, description, (12, 8), [target(query, TIME_SERIES)], **chart_look(unit, **more))


def chart_look(unit, bars=False, overrides=()):
    return {
        "options": {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
        "defaults": {
            "min": 0, **({"max": 1} if unit == "percentunit" else {}),
            "custom": {
                "drawStyle": "bars" if bars else "line", "fillOpacity": 60 if bars else 10, "lineWidth": 1,
                "showPoints": "auto", "spanNulls": False,
                "stacking": {"mode": "normal" if bars else "none", "group": "A"},
            },
        },
        "overrides": overrides,
    }


def table(query, title, description, links, height=9):
    columns = re.findall(r" AS (\w+)(?=,?\n)", SQL[query].split("\nFROM")[0])
    properties = {column: {"unit": UNITS[column]} for column in columns if column in UNITS}
    for column, (text, url) in links.items():
        properties.setdefault(column, {})["links"] = link(text, url)
    overrides = [override(column, **properties[column]) for column in columns if column in properties]
    return panel("table", title, "short", description, (24, height), [target(query, TABLE)],
                 options={"showHeader": True, "cellHeight": "sm"},
                 defaults={"custom": {"align": "auto", "filterable": True}}, overrides=overrides)


def cloudwatch(metric, statistic, title, description, function):
    query = {
        "refId": "A", "datasource": CLOUDWATCH, "queryMode": "Metrics", "metricQueryType": 0, "metricEditorMode": 0,
        "namespace": "AWS/Lambda", "metricName": metric, "statistic": statistic, "region": "${region}", "period": "",
        "matchExact": True, "dimensions": {"FunctionName": [function]}, "id": "", "expression": "",
        "label": "${PROP('Dim.FunctionName')}",
    }
    return panel("timeseries", title, "short", description, (12, 8), [query], datasource=CLOUDWATCH,
                 **chart_look("short", bars=statistic == "Sum"))


def datasource(name, label, plugin):
    return {"type": "datasource", "name": name, "label": label, "query": plugin, "refresh": 1, "hide": 0,
            "includeAll": False, "multi": False, "options": []}


def text(name, label, description, value):
    return {"type": "textbox", "name": name, "label": label, "description": description, "query": value, "hide": 0,
            "current": {"text": value, "value": value}, "options": [{"text": value, "value": value, "selected": True}]}


SOURCES = [
    datasource("clickhouse", "ClickHouse", "grafana-clickhouse-datasource"),
    datasource("cloudwatch", "CloudWatch", "cloudwatch"),
    text("region", "Region", "Region of the functions, for CloudWatch.", "default"),
]
FUNCTION = {
    "type": "query", "name": "function", "label": "Function", "datasource": CLICKHOUSE,
    "query": {"refId": "A", "editorType": "sql", "queryType": "table", "format": TABLE,
              "rawSql": SQL["variable.function"]},
    "refresh": 2, "sort": 1, "hide": 0, "includeAll": False, "multi": False,
    "options": [],
}
TRACES = text(
    "traces", "Traces at",
    "Address in front of a trace id. For ClickStack: http://localhost:8123/clickstack/search?whereLanguage=lucene&where=TraceId:",
    "http://localhost:8080/trace/")


def dashboard(uid, title, description, variables, panels):
    x = y = row = 0
    for number, each in enumerate(panels, 1):
        place = each["gridPos"]
        if x + place["w"] > 24:
            x, y, row = 0, y + row, 0
        place["x"], place["y"] = x, y
        x, row = x + place["w"], max(row, place["h"])
        each["id"] = number
    return {
        "uid": uid, "title": title, "description": description, "tags": ["lamplight"], "schemaVersion": 41,
        "version": 1, "editable": True, "graphTooltip": 1, "refresh": "1m", "timezone": "", "weekStart": "",
        "time": {"from": "now-1h", "to": "now"}, "timepicker": {}, "fiscalYearStartMonth": 0,
        "annotations": {"list": []},
        "links": [{"type": "dashboards", "title": "Lamplight", "tags": ["lamplight"], "asDropdown": False,
                   "icon": "external link", "includeVars": False, "keepTime": True, "targetBlank": False,
                   "tooltip": "", "url": ""}],
        "templating": {"list": variables}, "panels": panels,
    }


TO_FUNCTION = ("One function", "/d/lamplight-function?${__url_time_range}&${clickhouse:queryparam}"
               "&${cloudwatch:queryparam}&${region:queryparam}&var-function=${__value.text:percentencode}")
TO_TRACE = ("Trace", "${traces:raw}${__value.text}")


def functions():
    panels = [
        table("functions.table", "Functions", "The function with the newest invocation first. A name leads to its dashboard.",
              {"function": TO_FUNCTION}),
        chart("functions.invocations", "Invocations", "short", "Invocations that ended, with any outcome.", bars=True),
        chart("functions.errors", "Errors", "short", "Failed invocations, including timeouts.", bars=True),
        chart("functions.error_rate", "Error rate", "percentunit", "Share of invocations that failed."),
        chart("functions.timeouts", "Timeouts", "short", "Invocations whose time ran out.", bars=True),
        chart("functions.duration", "Duration", "ns", "Median, 95th and 99th percentile of the duration of invocations."),
        chart("functions.cold_share", "Cold starts", "percentunit", "Share of invocations that were cold starts."),
        chart("functions.init", "Initialization", "ms", "Mean duration of the initialization in cold starts."),
        chart("functions.queue_wait", "Wait in queues", "ms",
              "Time from sending a message to its processing, by queue, topic or stream: 95th percentile and longest."),
        chart("functions.batch_failures", "Failed messages of batches", "short",
              "Messages that functions reported as failed, and that come again.", bars=True),
        cloudwatch("Throttles", "Sum", "Throttles", "Invocations that Lambda refused; functions cannot see them.", "*"),
        cloudwatch("ConcurrentExecutions", "Maximum", "Concurrency", "Concurrent invocations at most.", "*"),
    ]
    return dashboard("lamplight-functions", "Lamplight: all functions", "Every function that writes spans.",
                     SOURCES, panels)


def function():
    traces = {"trace": TO_TRACE}
    rates = [override(field, unit="percentunit") for field in ("error_rate",)]
    times = [override(field, unit="ns") for field in ("p50", "p95", "p99")]
    panels = [
        panel("stat", "Summary", "short", "The function in the time range.", (24, 4), [target("function.summary", TABLE)],
              options={"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
                       "orientation": "auto", "textMode": "auto", "colorMode": "none", "graphMode": "none",
                       "justifyMode": "auto"},
              overrides=rates + times),
        chart("function.invocations", "Invocations", "short", "Invocations, those that failed, and those whose time ran out."),
        chart("function.shares", "Error rate and cold starts", "percentunit", "Share of invocations that failed, or were cold starts."),
        chart("function.duration", "Duration", "ns", "Median, 95th and 99th percentile of the duration of invocations."),
        chart("function.init", "Initialization", "ms", "Duration of the initialization in cold starts: mean and longest."),
        chart("function.queue_wait", "Wait in queues", "ms",
              "Time from sending a message to its processing, by queue, topic or stream: 95th percentile and longest."),
        chart("function.batch_failures", "Messages of batches", "short", "Messages received in batches, and those reported as failed.", bars=False),
        cloudwatch("Throttles", "Sum", "Throttles", "Invocations that Lambda refused; the function cannot see them.", "${function}"),
        cloudwatch("ConcurrentExecutions", "Maximum", "Concurrency", "Concurrent invocations at most.", "${function}"),
        table("function.latest", "Invocations table", "The newest 200, with the last exception of each. A trace id leads to the trace.", traces, 12),
        table("function.attempts", "Messages delivered more than once", "Messages that failed and came again, by number of deliveries.", traces),
        table("function.slowest", "Slowest invocations", "The slowest 20.", traces),
        table("function.versions", "Versions", "Versions of the function, the newest first.", {}, 7),
    ]
    return dashboard("lamplight-function", "Lamplight: one function", "One function over time, and its invocations.",
                     [*SOURCES, FUNCTION, TRACES], panels)


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    stale = []
    for name, content in (("functions.json", functions()), ("function.json", function())):
        written = json.dumps(content, indent=2) + "\n"
        if not check:
            (HERE / name).write_text(written)
        elif not (HERE / name).exists() or (HERE / name).read_text() != written:
            stale.append(name)
    if stale:
        sys.exit(f"{', '.join(stale)}: not what generate.py writes. Run deploy/grafana/generate.py.")


if __name__ == "__main__":
    main()
