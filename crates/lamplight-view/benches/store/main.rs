//! The cost of storing and querying spans.
//!
//! `cargo bench -p lamplight-view --bench store [-- SPANS [FOLDER]]` stores a million spans (or the
//! given number) of 18 attributes in a file below the folder for temporary files (or the given
//! one). It prints the number of spans per second and core, their size on disk, and the mean time
//! of each query. With `--clickhouse` in place of the folder, it asks SQLite and ClickHouse's engine
//! the same, by the clock on the wall. Other times are processor times if the system provides them (Linux), so that other load
//! matters little; they do not include the disk.

// A benchmark fails by panicking.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs
)]

mod clickhouse;
mod spans;

use std::{
    env, fs,
    path::PathBuf,
    sync::LazyLock,
    time::{Duration, Instant},
};

use lamplight_view::{
    facts::Outcome,
    span::TraceId,
    store::{Condition, Query, Settings, Side, SqliteStore, Store, Window},
};

use spans::{BEGIN, SPANS, STEP, request, trace};

/// Orders in a request: 100 spans.
const ORDERS: u64 = 10;

fn main() {
    // Cargo adds an option of its own.
    let mut arguments = env::args().skip(1).filter(|it| it != "--bench");
    let count: u64 = arguments.next().map_or(1_000_000, |it| it.parse().unwrap());
    let folder = arguments.next().map_or_else(env::temp_dir, PathBuf::from);
    let orders = count / SPANS;
    if folder.as_os_str() == "--clickhouse" {
        clickhouse::compare(orders);
        return;
    }
    let folder = folder.join(format!("lamplight-store-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("spans.db");

    let bytes = request(0..ORDERS).len() as u64 / (ORDERS * SPANS);
    println!(
        "{count} spans of {bytes} bytes, {} in a request\n",
        ORDERS * SPANS
    );
    let empty = memory();
    let store = SqliteStore::open(&file, Settings::default()).unwrap();
    println!("| what | figure |\n|---|---:|");
    print(
        "memory before the first span",
        &format!("{} MB", memory() - empty),
    );
    store_all("a file", &store, orders, ORDERS);
    let stored = store.state().unwrap();
    print("memory after the last", &format!("{} MB", memory()));
    drop(store);
    let size = fs::metadata(&file).unwrap().len();
    print("on disk, a span", &format!("{} bytes", size / stored.spans));

    let begin = now();
    let store = SqliteStore::open(&file, Settings::default()).unwrap();
    print("opened again", &format!("{:?}", now() - begin));
    print("memory, opened again", &format!("{} MB", memory()));
    println!("\n| question (rows or values in the answer) | time |\n|---|---:|");
    questions(&store, orders, now);
    print("memory after all", &format!("{} MB", memory()));
    drop(store);
    full(&file, orders);
    let few = orders / 5;
    for at_once in [1, 50] {
        let file = folder.join(format!("{at_once}.db"));
        let store = SqliteStore::open(&file, Settings::default()).unwrap();
        store_all("a file", &store, few, at_once);
        let store = SqliteStore::in_memory(Settings::default()).unwrap();
        store_all("memory", &store, few, at_once);
    }
    fs::remove_dir_all(&folder).unwrap();
}

fn print(what: &str, figure: &str) {
    println!("| {what} | {figure} |");
}

fn store_all(place: &str, store: &SqliteStore, orders: u64, at_once: u64) {
    let (mut spent, mut last) = (Duration::ZERO, Duration::ZERO);
    for first in (0..orders).step_by(at_once as usize) {
        let request = request(first..first + at_once);
        let begin = now();
        let added = store.add(&request).unwrap();
        let took = now() - begin;
        assert_eq!(added.new, at_once * SPANS);
        spent += took;
        if first >= orders / 10 * 9 {
            last += took;
        }
    }
    let rate =
        |spans: u64, time: Duration| format!("{:.0} a second", spans as f64 / time.as_secs_f64());
    let stored = orders / at_once * at_once * SPANS;
    let what = format!("stored in {place}, {} spans in a request", at_once * SPANS);
    print(&what, &rate(stored, spent));
    print("of these the last tenth", &rate(stored / 10, last));
}

/// Measures additions to a full store.
fn full(file: &std::path::Path, orders: u64) {
    let mut settings = Settings::default();
    settings.max_spans = orders * SPANS;
    let store = SqliteStore::open(file, settings).unwrap();
    let more = (orders / 20).max(ORDERS);
    let mut spent = Duration::ZERO;
    for first in (orders..orders + more).step_by(ORDERS as usize) {
        let request = request(first..first + ORDERS);
        let begin = now();
        store.add(&request).unwrap();
        spent += now() - begin;
    }
    let rate = (more * SPANS) as f64 / spent.as_secs_f64();
    print(
        "stored while as many are dropped",
        &format!("{rate:.0} a second"),
    );
}

fn questions(store: &dyn Store, orders: u64, clock: fn() -> Duration) {
    let time = Timer(clock);
    let filtered = |text: &str| {
        let mut query = Query::default();
        query.conditions = Condition::parse_all(text).unwrap();
        query
    };
    let middle = TraceId(trace(orders / 2));
    time.of("trace by id", || store.around(middle).unwrap().spans.len());
    time.of("functions", || {
        store.functions(Window::default()).unwrap().len()
    });
    let hour = Window {
        from: Some(BEGIN + orders / 2 * STEP),
        to: Some(BEGIN + (orders / 2 + orders / 20) * STEP),
    };
    time.of("functions, a twentieth of the time", || {
        store.functions(hour).unwrap().len()
    });
    time.of("invocations, newest", || {
        store.invocations(&Query::default()).unwrap().rows.len()
    });
    for outcome in [Outcome::Error, Outcome::Timeout] {
        let mut query = Query::default();
        query.outcome = Some(outcome);
        time.of(&format!("invocations, {outcome:?}"), || {
            store.invocations(&query).unwrap().rows.len()
        });
    }
    time.of("traces, newest", || {
        store.traces(&Query::default()).unwrap().len()
    });
    let filters = [
        "app.kind=frequent",
        "app.kind=rare",
        "app.kind=never",
        "app.shop=shop-7",
        "app.kind=frequent app.shop=shop-7 app.price>900",
        "db.system.name=aws.dynamodb",
        "lamplight.init.duration_ms>298",
        "app.price>999.98",
        "app.price<0",
        "\"has lamps only\"",
        "\"nothing has this\"",
        "app.kind!=frequent",
    ];
    for text in filters {
        let query = filtered(text);
        time.of(&format!("invocations, {text}"), || {
            store.invocations(&query).unwrap().rows.len()
        });
        time.of(&format!("traces, {text}"), || {
            store.traces(&query).unwrap().len()
        });
    }
    time.of("map", || store.map(Window::default()).unwrap().edges.len());
    time.of("differences, failed", || {
        store
            .differences(&Query::default(), Side::Failed)
            .unwrap()
            .len()
    });
    time.of("differences, slow", || {
        store
            .differences(&Query::default(), Side::Slow)
            .unwrap()
            .len()
    });
    time.of("state", || store.state().unwrap().spans);
}

/// Measures queries by a clock.
#[derive(Clone, Copy)]
struct Timer(fn() -> Duration);

impl Timer {
    /// Repeats a query until the clock, which may have a low resolution, has advanced.
    fn of<T: std::fmt::Display>(self, what: &str, question: impl Fn() -> T) {
        let now = self.0;
        let answer = question();
        let begin = now();
        let mut times = 0;
        while times < 5 || now() - begin < Duration::from_millis(200) && times < 1000 {
            question();
            times += 1;
        }
        let each = (now() - begin).as_secs_f64() * 1e3 / f64::from(times);
        println!("| {what} ({answer}) | {each:.2} ms |");
    }
}

/// Returns the processor time of this thread, or else the wall-clock time.
fn now() -> Duration {
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let stat = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = stat.and_then(|stat| stat.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| BEGIN.elapsed(), Duration::from_nanos)
}

/// Returns the resident memory, in megabytes; 0 if unknown.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|it| it.trim().strip_suffix(" kB"));
    number.map_or(0, |it| it.parse::<u64>().unwrap() / 1000)
}
