//! The numbers of the dashboards, beside those of the viewer.

use lamplight_view::store::{Function, Query, Store as _, Window};
use serde_json::{Value, json};

use crate::{DEMO, EGRESS, INGRESS, Range, SUBSCRIBER, demo, filled, queries, query, rows};

#[test]
fn the_table_of_functions_has_the_numbers_of_the_viewer() {
    let (database, store) = demo();
    let rows = rows(&database, "functions.json", "Functions", "");
    let functions = store.functions(Window::default()).unwrap();
    assert_eq!(functions.len(), 3);
    assert_eq!(rows.len(), functions.len());
    for (row, function) in rows.iter().zip(&functions) {
        assert_eq!(row["function"], function.name);
        is_like_the_viewer(row, function);
        close(&row["init"], function.init_ms.unwrap());
    }
}

#[test]
fn the_summary_of_a_function_has_the_numbers_of_the_viewer() {
    let (database, store) = demo();
    for function in store.functions(Window::default()).unwrap() {
        let rows = rows(&database, "function.json", "Summary", &function.name);
        is_like_the_viewer(&rows[0], &function);
    }
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn is_like_the_viewer(row: &Value, function: &Function) {
    let of = |name: &str| row[name].as_u64().unwrap();
    let wanted = (
        function.invocations,
        function.errors,
        function.timeouts,
        function.cold_starts,
    );
    assert_eq!(
        (
            of("invocations"),
            of("errors"),
            of("timeouts"),
            of("cold_starts")
        ),
        wanted
    );
    assert_eq!(
        (of("p50"), of("p95"), of("p99")),
        (function.p50, function.p95, function.p99)
    );
    close(
        &row["error_rate"],
        function.errors as f64 / function.invocations as f64,
    );
}

#[track_caller]
fn close(value: &Value, wanted: f64) {
    let value = value.as_f64().unwrap();
    assert!((value - wanted).abs() < 1e-6, "{value} is not {wanted}");
}

#[test]
fn charts_add_up_to_the_table() {
    let (database, store) = demo();
    let functions = store.functions(Window::default()).unwrap();
    for (title, column) in [
        ("Invocations", "invocations"),
        ("Errors", "errors"),
        ("Timeouts", "timeouts"),
    ] {
        let rows = rows(&database, "functions.json", title, "");
        assert!(rows.iter().all(|row| row["time"].is_string()));
        for function in &functions {
            let of_it = rows.iter().filter(|row| row["function"] == function.name);
            let sum: u64 = of_it.map(|row| row[column].as_u64().unwrap()).sum();
            let wanted = match column {
                "invocations" => function.invocations,
                "errors" => function.errors,
                _ => function.timeouts,
            };
            assert_eq!(sum, wanted, "{column} of {}", function.name);
        }
    }
    // With one point for the whole range, the other charts have the values of the table.
    let whole = Range {
        interval: 1_000_000_000,
        ..DEMO
    };
    let all = |title| database.rows(&filled(&query("functions.json", title), "", whole));
    for row in all("Duration") {
        let function = functions
            .iter()
            .find(|it| row["function"] == it.name)
            .unwrap();
        let percentiles = [function.p50, function.p95, function.p99];
        assert_eq!(
            ["p50", "p95", "p99"].map(|it| row[it].as_u64().unwrap()),
            percentiles
        );
    }
    for row in all("Initialization") {
        let function = functions
            .iter()
            .find(|it| row["function"] == it.name)
            .unwrap();
        close(&row["init"], function.init_ms.unwrap());
    }
    let rates = all("Error rate");
    let of = |name: &str| rates.iter().find(|row| row["function"] == name).unwrap();
    close(&of(SUBSCRIBER)["error_rate"], 4.0 / 22.0);
    close(&of(EGRESS)["error_rate"], 1.0 / 5.0);
    close(&of(INGRESS)["error_rate"], 0.0);
}

#[test]
fn waits_batches_and_attempts_of_the_demo() {
    let (database, _) = demo();
    let whole = Range {
        interval: 1_000_000_000,
        ..DEMO
    };
    let of = |name: &str, title: &str, function: &str| {
        database.rows(&filled(&query(name, title), function, whole))
    };
    for (name, function) in [("functions.json", ""), ("function.json", EGRESS)] {
        let waits = of(name, "Wait in queues", function);
        assert_eq!(waits.len(), 1);
        assert_eq!(waits[0]["source"], "aws_sqs event-broker-orders");
        close(&waits[0]["longest"], 6_126.811_428);
        close(&waits[0]["p95"], 5_794.695_997);
    }
    let batches = of("functions.json", "Failed messages of batches", "");
    assert_eq!(batches.len(), 1);
    assert_eq!(
        (&batches[0]["function"], &batches[0]["failed_messages"]),
        (&json!(EGRESS), &json!(4))
    );
    let batches = of("function.json", "Messages of batches", EGRESS);
    assert_eq!(
        (&batches[0]["messages"], &batches[0]["failed_messages"]),
        (&json!(22), &json!(4))
    );

    let attempts = of("function.json", "Messages delivered more than once", EGRESS);
    let ids: Vec<_> = attempts
        .iter()
        .map(|row| row["message_id"].as_str().unwrap())
        .collect();
    let wanted = [
        "31b49b68-a58d-447e-bf11-291c959b7710",
        "7399ab23-4a65-454d-9f98-6256709f799e",
    ];
    assert_eq!(ids, wanted);
    for row in &attempts {
        assert_eq!((&row["attempts"], &row["failures"]), (&json!(2), &json!(2)));
        assert_eq!(
            (&row["last_outcome"], &row["source"]),
            (&json!("error"), &json!("aws_sqs event-broker-orders"))
        );
        assert_eq!(row["trace"].as_str().unwrap().len(), 32);
    }
    assert_eq!(
        of(
            "function.json",
            "Messages delivered more than once",
            SUBSCRIBER
        ),
        Vec::<Value>::new()
    );
}

#[test]
fn invocations_are_those_of_the_viewer() {
    let (database, store) = demo();
    let mut query = Query::default();
    query.function = Some(SUBSCRIBER.to_owned());
    let mut wanted: Vec<_> = store
        .invocations(&query)
        .unwrap()
        .rows
        .iter()
        .map(|row| (row.duration, row.id.trace.to_string()))
        .collect();
    let rows_of = |title| rows(&database, "function.json", title, SUBSCRIBER);
    let pair = |row: &Value| {
        (
            row["duration"].as_u64().unwrap(),
            row["trace"].as_str().unwrap().to_owned(),
        )
    };
    let latest = rows_of("Invocations table");
    assert_eq!(latest.iter().map(pair).collect::<Vec<_>>(), wanted);
    let failed: Vec<_> = latest
        .iter()
        .filter(|row| row["outcome"] == "error")
        .collect();
    assert_eq!(failed.len(), 4);
    for row in failed {
        assert_eq!(
            (&row["error_type"], &row["exception"]),
            (&json!("OutOfStock"), &json!("OutOfStock"))
        );
        assert_ne!(row["message"], "");
    }
    wanted.sort_by(|a, b| b.cmp(a));
    wanted.truncate(20);
    let slowest = rows_of("Slowest invocations");
    assert_eq!(slowest.iter().map(pair).collect::<Vec<_>>(), wanted);

    let versions = rows_of("Versions");
    assert_eq!(versions.len(), 1);
    assert_eq!(
        (&versions[0]["version"], &versions[0]["invocations"]),
        (&json!("$LATEST"), &json!(22))
    );
    let names = database.rows(&filled(&queries("function.json")[0].1, "", DEMO));
    assert_eq!(
        names,
        [EGRESS, INGRESS, SUBSCRIBER].map(|name| json!({"function": name}))
    );
}
