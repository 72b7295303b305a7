//! Tables.

use lamplight_clickhouse::{MetricKind, Schema, TRACE_TIMES_TABLE, TRACES_TABLE};
use lamplight_test_clickhouse::Database;

#[test]
fn every_variant_is_created_and_created_again() {
    let database = Database::new();
    let plain = Schema::new(database.name());
    let variants = [
        plain.clone(),
        plain.clone().with_ttl_days(30),
        plain.clone().with_replacing(),
        plain.clone().with_faas_columns().with_ttl_days(7),
        plain.clone().with_text_indexes().with_faas_columns(),
    ];
    for schema in variants {
        for _ in 0..2 {
            for statement in schema.statements() {
                database.run(&statement);
            }
        }
        let tables = database.run("SHOW TABLES");
        let wanted = MetricKind::ALL.map(MetricKind::table);
        for table in [TRACES_TABLE, TRACE_TIMES_TABLE].iter().chain(&wanted) {
            assert!(
                tables.lines().any(|name| name == *table),
                "{table} in {tables}"
            );
            database.run(&format!("DROP TABLE {table}"));
        }
        database.run("DROP VIEW otel_traces_trace_id_ts_mv");
    }
}
