//! The same questions to SQLite and to ClickHouse's engine.

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use lamplight_test_clickhouse::Database;
use lamplight_view::store::{ClickHouseStore, Settings, SqliteStore, Store};

use crate::{
    print, questions,
    spans::{SPANS, request},
};

/// Orders in a request: 5000 spans, as a relay inserts them.
const ORDERS: u64 = 500;

/// Returns the time since the first call.
fn wall() -> Duration {
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGIN.elapsed()
}

/// Stores spans in both, and prints the time of each question.
pub(crate) fn compare(orders: u64) {
    let database = Database::new();
    let address = format!("{}/{}", database.url(), database.name());
    let tables = ClickHouseStore::new(&address).unwrap();
    tables.create_tables().unwrap();
    let sqlite = SqliteStore::in_memory(Settings::default()).unwrap();
    let stores: [(&str, &dyn Store); 2] = [("SQLite", &sqlite), ("ClickHouse", &tables)];
    for (name, store) in stores {
        let mut spent = Duration::ZERO;
        for first in (0..orders).step_by(ORDERS as usize) {
            let request = request(first..first + ORDERS);
            let begin = wall();
            store.add(&request).unwrap();
            spent += wall() - begin;
        }
        println!("\n| {name}: question (rows or values in the answer) | time |\n|---|---:|");
        let stored = store.state().unwrap().spans;
        assert!(stored >= orders * SPANS);
        let rate = stored as f64 / spent.as_secs_f64();
        print("stored", &format!("{rate:.0} spans a second"));
        questions(store, orders, wall);
    }
}
