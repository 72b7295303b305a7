//! The specific behavior of the SQLite store.

use std::{fs, path::PathBuf, time::Duration};

use lamplight_view::{
    span::TraceId,
    store::{Condition, Query, Settings, SqliteStore, Store, StoreError, Window},
};
use opentelemetry_proto::tonic::{common::v1::any_value::Value, trace::v1::Span};
use prost::Message;

use super::{
    build::{of, request_of, text},
    model::Keeps,
    suite::suite,
};

/// A temporary folder, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("lamplight-store-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("spans.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn span(trace: u64, number: u64) -> Span {
    Span {
        trace_id: u128::from(trace).to_be_bytes().to_vec(),
        span_id: number.to_be_bytes().to_vec(),
        kind: 2,
        name: "work".to_owned(),
        start_time_unix_nano: 1000 + trace,
        end_time_unix_nano: 2000 + trace,
        attributes: vec![text("app.number", &format!("is {trace}"))],
        ..Span::default()
    }
}

/// A request with a trace for each of these numbers, with this number of spans each.
fn traces(numbers: std::ops::Range<u64>, spans: u64) -> Vec<u8> {
    let all = numbers.flat_map(|trace| (1..=spans).map(move |number| span(trace, number)));
    request_of("f", all.collect()).encode_to_vec()
}

fn filtered(text: &str) -> Query {
    let mut query = Query::default();
    query.conditions = Condition::parse_all(text).unwrap();
    query
}

fn version_error(file: &std::path::Path) -> String {
    match SqliteStore::open(file, Settings::default()) {
        Err(StoreError::Version(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_store_in_memory_does_what_every_store_does() {
    suite(Keeps::All, 64, || {
        Box::new(SqliteStore::in_memory(Settings::default()).unwrap())
    });
}

#[test]
fn what_was_stored_is_there_when_the_file_is_opened_again() {
    let folder = Folder::new("again");
    let open = || SqliteStore::open(&folder.file(), Settings::default()).unwrap();
    let store = open();
    // A full block of spans, and a partial one.
    store.add(&traces(0..700, 2)).unwrap();
    let before = (
        store.state().unwrap(),
        store.functions(Window::default()).unwrap(),
    );
    drop(store);
    let store = open();
    let after = (
        store.state().unwrap(),
        store.functions(Window::default()).unwrap(),
    );
    assert_eq!(before, after);
    for trace in [3, 698] {
        let query = filtered(&format!("app.number=\"is {trace}\""));
        let found = store.invocations(&query).unwrap().rows;
        assert_eq!(found.len(), 2, "{trace}");
        assert_eq!(store.traces(&query).unwrap().len(), 1);
    }
    // Copies are recognized as such, and new spans are new.
    let added = store.add(&traces(600..800, 2)).unwrap();
    assert_eq!((added.new, added.again), (200, 200));
    assert_eq!(
        store
            .invocations(&filtered("\"IS 799\""))
            .unwrap()
            .rows
            .len(),
        2
    );
}

/// The numbered spans that a condition matches.
type Fits = fn(u64) -> bool;

#[test]
fn what_lies_far_back_is_found_by_every_condition() {
    let store = SqliteStore::in_memory(Settings::default()).unwrap();
    // Several blocks of spans with stored filters. Every third span is not an invocation.
    for first in (0..4000).step_by(500) {
        let spans = (first..first + 500).map(|number| {
            let mut span = span(number, 1);
            span.kind = if number % 3 == 0 { 1 } else { 2 };
            span.attributes = vec![
                of("app.number", Value::IntValue(number as i64)),
                text("app.text", &format!("Sold out {number}.")),
                text(
                    "app.kind",
                    if matches!(number, 2222 | 2223) {
                        "odd"
                    } else {
                        "usual"
                    },
                ),
            ];
            span
        });
        store
            .add(&request_of("f", spans.collect()).encode_to_vec())
            .unwrap();
    }
    let conditions: [(&str, Fits); 13] = [
        ("app.number=17", |it| it == 17),
        ("app.number=2017", |it| it == 2017),
        ("app.number=3999", |it| it == 3999),
        ("app.text=\"Sold out 1500.\"", |it| it == 1500),
        ("app.number>3990", |it| it > 3990),
        ("app.number<5", |it| it < 5),
        ("app.number>1000 app.number<1010", |it| {
            it > 1000 && it < 1010
        }),
        ("\"SOLD OUT 2222.\"", |it| it == 2222),
        ("\"out 123\"", |it| it == 123 || it / 10 == 123),
        ("app.number!=7 app.number<9", |it| it != 7 && it < 9),
        ("app.kind!=usual", |it| matches!(it, 2222 | 2223)),
        ("app.kind!=odd app.number<9", |it| it < 9),
        ("\"sold in\"", |_| false),
    ];
    for (condition, fits) in conditions {
        let mut query = filtered(condition);
        query.limit = 5000;
        let all = (0..4000).rev().filter(|number| fits(*number));
        let starts = |it: &mut dyn Iterator<Item = u64>| it.map(|it| 1000 + it).collect::<Vec<_>>();
        let found = store.traces(&query).unwrap();
        let found: Vec<_> = found.iter().map(|row| row.start).collect();
        assert_eq!(found, starts(&mut all.clone()), "{condition}");
        let found = store.invocations(&query).unwrap().rows;
        let found: Vec<_> = found.iter().map(|row| row.start).collect();
        assert_eq!(
            found,
            starts(&mut all.filter(|it| it % 3 != 0)),
            "{condition}"
        );
    }
}

#[test]
fn a_trace_is_found_by_a_span_that_came_long_after_the_others() {
    let store = SqliteStore::in_memory(Settings::default()).unwrap();
    store.add(&traces(0..1500, 1)).unwrap();
    let mut late = span(3, 2);
    late.attributes = vec![text("app.text", "late")];
    store
        .add(&request_of("f", vec![late]).encode_to_vec())
        .unwrap();
    store.add(&traces(1500..4000, 1)).unwrap();
    let found = store.traces(&filtered("app.text=late")).unwrap();
    assert_eq!((found.len(), found[0].start), (1, 1003));
}

#[test]
fn what_is_too_much_is_dropped_by_whole_traces_the_first_that_came_first() {
    let mut settings = Settings::default();
    settings.max_spans = 3000;
    let store = SqliteStore::in_memory(settings).unwrap();
    for first in (0..1000).step_by(10) {
        store.add(&traces(first..first + 10, 7)).unwrap();
        let state = store.state().unwrap();
        assert!(state.spans <= 3000);
        assert_eq!(state.spans % 7, 0);
        assert_eq!(state.spans + state.dropped_for_count, (first + 10) * 7);
    }
    let state = store.state().unwrap();
    assert_eq!((state.traces, state.oldest), (428, Some(1572)));
    assert_eq!(
        store.functions(Window::default()).unwrap()[0].invocations,
        428 * 7
    );
    let of = |trace: u64| TraceId(u128::from(trace).to_be_bytes());
    assert_eq!(store.around(of(571)).unwrap().spans.len(), 0);
    assert_eq!(store.around(of(572)).unwrap().spans.len(), 7);
    assert_eq!(
        store
            .traces(&filtered("app.number=\"is 571\""))
            .unwrap()
            .len(),
        0
    );
    assert_eq!(
        store
            .traces(&filtered("app.number=\"is 572\""))
            .unwrap()
            .len(),
        1
    );
    // A dropped trace counts as new when it arrives again.
    assert_eq!(store.add(&traces(0..1, 1)).unwrap().new, 1);
}

#[test]
fn a_trace_that_is_larger_than_the_store_is_dropped_too() {
    let mut settings = Settings::default();
    settings.max_spans = 10;
    let store = SqliteStore::in_memory(settings).unwrap();
    store.add(&traces(0..1, 11)).unwrap();
    let state = store.state().unwrap();
    assert_eq!(
        (state.spans, state.traces, state.dropped_for_count),
        (0, 0, 11)
    );
    assert_eq!((state.oldest, state.newest), (None, None));
    // The shared data of the spans was dropped with the last of them, and counts as new too.
    store.add(&traces(1..2, 9)).unwrap();
    assert_eq!(store.state().unwrap().spans, 9);
    assert_eq!(store.functions(Window::default()).unwrap()[0].name, "f");
}

#[test]
fn what_takes_too_much_room_is_dropped_and_the_file_does_not_grow_for_ever() {
    let folder = Folder::new("room");
    let mut settings = Settings::default();
    settings.max_bytes = 2_000_000;
    let store = SqliteStore::open(&folder.file(), settings).unwrap();
    for number in 0..40 {
        let mut large = span(number, 1);
        large
            .attributes
            .push(text("app.large", &"x".repeat(300_000)));
        store
            .add(&request_of("f", vec![large]).encode_to_vec())
            .unwrap();
    }
    let state = store.state().unwrap();
    assert!(state.bytes <= 2_000_000);
    assert_eq!((state.spans, state.dropped_for_size), (6, 34));
    drop(store);
    assert!(fs::metadata(folder.file()).unwrap().len() < 4_000_000);
}

#[test]
fn what_is_too_old_is_dropped_when_the_file_is_opened() {
    let folder = Folder::new("old");
    let store = SqliteStore::open(&folder.file(), Settings::default()).unwrap();
    store.add(&traces(0..3, 2)).unwrap();
    drop(store);
    // As if they had arrived in 1970.
    let database = rusqlite::Connection::open(folder.file()).unwrap();
    database
        .execute("UPDATE traces SET arrived = 1 WHERE trace < 3", [])
        .unwrap();
    drop(database);
    let store = SqliteStore::open(&folder.file(), Settings::default()).unwrap();
    let state = store.state().unwrap();
    assert_eq!((state.spans, state.dropped_for_age), (2, 4));
    let mut settings = Settings::default();
    settings.max_age = Duration::MAX;
    let store = SqliteStore::in_memory(settings).unwrap();
    assert_eq!(store.add(&traces(0..3, 2)).unwrap().new, 6);
}

#[test]
fn a_file_of_something_else_is_refused_with_the_remedy() {
    let folder = Folder::new("other");
    let file = folder.file();
    fs::write(
        &file,
        "Once upon a time there was a file that was no database at all.",
    )
    .unwrap();
    assert!(version_error(&file).contains("not a database: choose another one"));
    fs::remove_file(&file).unwrap();
    let other = rusqlite::Connection::open(&file).unwrap();
    other
        .execute_batch("CREATE TABLE recipes(name TEXT)")
        .unwrap();
    drop(other);
    assert!(version_error(&file).contains("another program: choose another file"));
    // The file is unchanged.
    let other = rusqlite::Connection::open(&file).unwrap();
    other
        .execute("INSERT INTO recipes VALUES ('soup')", [])
        .unwrap();
}

#[test]
fn a_file_of_another_version_is_refused_with_the_remedy() {
    let folder = Folder::new("version");
    let file = folder.file();
    drop(SqliteStore::open(&file, Settings::default()).unwrap());
    for (version, remedy) in [(0, "delete it"), (99, "update Lamplight")] {
        let database = rusqlite::Connection::open(&file).unwrap();
        database
            .pragma_update(None, "user_version", version)
            .unwrap();
        drop(database);
        let error = version_error(&file);
        assert!(error.contains(&format!("has version {version}")), "{error}");
        assert!(error.contains(remedy), "{error}");
    }
}

#[test]
fn a_file_that_another_has_open_is_told() {
    let folder = Folder::new("two");
    let store = SqliteStore::open(&folder.file(), Settings::default()).unwrap();
    let error = SqliteStore::open(&folder.file(), Settings::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("Another process has the database open"),
        "{error}"
    );
    // The first one is not affected.
    assert_eq!(store.add(&traces(0..1, 1)).unwrap().new, 1);
    drop(store);
    let store = SqliteStore::open(&folder.file(), Settings::default()).unwrap();
    assert_eq!(store.state().unwrap().spans, 1);
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let folder = Folder::new("none");
    let file = folder.0.join("nowhere").join("spans.db");
    let error = SqliteStore::open(&file, Settings::default()).unwrap_err();
    assert!(
        error.to_string().contains("check that its folder exists"),
        "{error}"
    );
}
