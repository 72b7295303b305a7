//! The size of spans on disk: in ClickHouse with each option of the schema, in SQLite, and as OTLP.
//!
//! `cargo bench -p lamplight-test-clickhouse --bench disk [-- TRACES]` inserts the spans of the demo, and
//! generated ones of 18 attributes (44 444 traces, about 200 000 spans, or the given number of traces), in
//! blocks of about 5 000 rows, merges all parts, and prints the bytes of each row. The time of an insert is
//! the median of all blocks, as the client sees it.

// A benchmark fails by panicking.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::{
    env, fs,
    io::Write as _,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lamplight_clickhouse::{Schema, TraceBlock};
use lamplight_test_clickhouse::Database;
use lamplight_view::store::{Settings, SqliteStore, Store as _};
use serde_json::Value;

#[path = "../../../crates/lamplight-relay/benches/decide/spans.rs"]
mod spans;

/// Records in a block: each has 3 to 6 spans.
const AT_ONCE: usize = 1_112;

/// A change of a schema.
type Variant = fn(Schema) -> Schema;

fn main() {
    // Cargo adds an option of its own.
    let mut arguments = env::args().skip(1).filter(|it| it != "--bench");
    let traces = arguments.next().map_or(44_444, |it| it.parse().unwrap());
    println!("| spans | place | bytes/span | of these, lookup table | median insert |");
    println!("|---|---|---:|---:|---:|");
    measure("demo", &demo());
    let generated = spans::mixed(traces).into_iter().map(|it| it.payload);
    measure("generated", &generated.collect::<Vec<_>>());
}

/// Returns the records of the demo.
fn demo() -> Vec<Vec<u8>> {
    let file = "../../crates/lamplight-view/tests/data/demo.json";
    let file = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
    let demo: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let records = demo["Records"].as_array().unwrap().iter();
    let data = records.map(|record| record["Data"].as_str().unwrap());
    data.map(|data| STANDARD.decode(data).unwrap()).collect()
}

fn measure(name: &str, records: &[Vec<u8>]) {
    let blocks: Vec<Vec<u8>> = records.chunks(AT_ONCE).map(<[_]>::concat).collect();
    let mut block = TraceBlock::default();
    let rows: usize = blocks.iter().map(|message| block.push(message).rows).sum();
    println!("| {name}: {rows} | | | | |");

    let raw: usize = blocks.iter().map(Vec::len).sum();
    println!("| | OTLP | {} | | |", raw / rows);
    let small: usize = blocks.iter().map(|message| gzip(message)).sum();
    println!("| | OTLP, gzip, by block | {} | | |", small / rows);
    let small: usize = records.iter().map(|message| gzip(message)).sum();
    println!("| | OTLP, gzip, by record | {} | | |", small / rows);
    sqlite(&blocks, rows);

    let variants: [(&str, Variant); 4] = [
        ("ClickHouse", |schema| schema),
        ("ClickHouse, replacing", Schema::with_replacing),
        ("ClickHouse, faas columns", Schema::with_faas_columns),
        ("ClickHouse, text indexes", Schema::with_text_indexes),
    ];
    for (name, variant) in variants {
        clickhouse(name, variant, &blocks, rows);
    }
}

fn gzip(message: &[u8]) -> usize {
    let level = flate2::Compression::default();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(message).unwrap();
    encoder.finish().unwrap().len()
}

fn sqlite(blocks: &[Vec<u8>], rows: usize) {
    let folder = env::temp_dir().join(format!("lamplight-disk-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let store = SqliteStore::open(&folder.join("spans.db"), Settings::default()).unwrap();
    let times = blocks.iter().map(|message| {
        let begin = Instant::now();
        store.add(message).unwrap();
        begin.elapsed()
    });
    let median = median(times.collect());
    assert_eq!(store.state().unwrap().spans, rows as u64);
    drop(store);
    let files = fs::read_dir(&folder).unwrap();
    let bytes: u64 = files.map(|it| it.unwrap().metadata().unwrap().len()).sum();
    println!(
        "| | SQLite of `lamplight serve` | {} | | {median:.0?} |",
        bytes / rows as u64
    );
    fs::remove_dir_all(&folder).unwrap();
}

fn clickhouse(name: &str, variant: Variant, blocks: &[Vec<u8>], rows: usize) {
    let database = Database::new();
    for statement in variant(Schema::new(database.name())).statements() {
        database.run(&statement);
    }
    let times = blocks.iter().map(|message| {
        let mut block = TraceBlock::default();
        block.push(message);
        let body = block.finish();
        let begin = Instant::now();
        let sent = ureq::post(database.url())
            .config()
            .http_status_as_error(false)
            .build()
            .query("query", TraceBlock::statement(database.name()))
            .send(&body[..]);
        let took = begin.elapsed();
        let mut answer = sent.unwrap();
        let said = answer.body_mut().read_to_string().unwrap();
        assert_eq!((answer.status().as_u16(), &*said), (200, ""));
        took
    });
    let median = median(times.collect());
    let bytes = |table: &str| {
        database.run(&format!("OPTIMIZE TABLE {table} FINAL"));
        let bytes = database.run(&format!(
            "SELECT sum(bytes_on_disk) FROM system.parts \
             WHERE active AND database = currentDatabase() AND table = '{table}'"
        ));
        bytes.trim().parse::<f64>().unwrap() / rows as f64
    };
    let (spans, lookup) = (bytes("otel_traces"), bytes("otel_traces_trace_id_ts"));
    println!(
        "| | {name} | {:.1} | {lookup:.1} | {median:.0?} |",
        spans + lookup
    );
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
