//! A store with fixed results, to test pages without a database.

use lamplight_semconv::{aws, db, faas, messaging, server};

use crate::{
    facts::Outcome,
    journey::Around,
    span::{Span, SpanId, SpanRef, TraceId},
    store::{
        Added, Count, Difference, Edge, Function, Invocation, Invocations, Map, Node, NodeKind,
        Query, Side, State, Store, StoreError, TraceRow, Window,
    },
};

/// 2026-11-26 23:40:00 UTC.
const NOW: u64 = 1_795_736_400_000_000_000;
const MILLISECOND: u64 = 1_000_000;

/// Fixed results.
#[derive(Default)]
pub(super) struct Fake {
    pub(super) functions: Vec<Function>,
    pub(super) invocations: Vec<Invocation>,
    pub(super) traces: Vec<TraceRow>,
    pub(super) map: Map,
    pub(super) differences: Vec<Difference>,
    pub(super) state: State,
}

impl Store for Fake {
    fn add(&self, _: &[u8]) -> Result<Added, StoreError> {
        Err(StoreError::Database("this store is only read".to_owned()))
    }

    fn functions(&self, _: Window) -> Result<Vec<Function>, StoreError> {
        Ok(self.functions.clone())
    }

    fn invocations(&self, query: &Query) -> Result<Invocations, StoreError> {
        let fits = |row: &&Invocation| {
            query.function.as_ref().is_none_or(|it| *it == row.function)
                && query.outcome.is_none_or(|it| it == row.outcome)
        };
        let mut found = Invocations::default();
        found.rows = self.invocations.iter().filter(fits).cloned().collect();
        found.more = query.limit > 0 && found.rows.len() > query.limit;
        if found.more {
            found.rows.truncate(query.limit);
        }
        Ok(found)
    }

    fn traces(&self, _: &Query) -> Result<Vec<TraceRow>, StoreError> {
        Ok(self.traces.clone())
    }

    fn around(&self, _: TraceId) -> Result<Around, StoreError> {
        Ok(Around::default())
    }

    fn span(&self, _: SpanRef) -> Result<Vec<Span>, StoreError> {
        Ok(Vec::new())
    }

    fn message(&self, _: &str) -> Result<Vec<Span>, StoreError> {
        Ok(Vec::new())
    }

    fn map(&self, _: Window) -> Result<Map, StoreError> {
        Ok(self.map.clone())
    }

    fn differences(&self, _: &Query, _: Side) -> Result<Vec<Difference>, StoreError> {
        Ok(self.differences.clone())
    }

    fn state(&self) -> Result<State, StoreError> {
        Ok(self.state.clone())
    }
}

/// Returns a store with an afternoon of a web shop.
pub(super) fn shop() -> Fake {
    let invocations = invocations();
    let state = State {
        spans: 48_213,
        traces: 3_120,
        oldest: Some(NOW - 3_600_000 * MILLISECOND),
        newest: Some(NOW),
        dropped_for_count: 1_204,
        again: 37,
        revision: 42,
        ..State::default()
    };
    Fake {
        functions: functions(),
        traces: traces(),
        invocations,
        map: map(),
        differences: differences(),
        state,
    }
}

/// Returns a store in which every text is `text`.
pub(super) fn everywhere(text: &str) -> Fake {
    let mut fake = shop();
    for function in &mut fake.functions {
        function.name = text.to_owned();
        function.versions = vec![text.to_owned()];
    }
    for row in &mut fake.invocations {
        row.function = text.to_owned();
        row.name = text.to_owned();
        row.version = Some(text.to_owned());
        row.error_type = Some(text.to_owned());
        row.message = Some(text.to_owned());
        row.trigger = Some(text.to_owned());
    }
    fake.invocations[0].message = None;
    for row in &mut fake.traces {
        row.name = text.to_owned();
        row.function = text.to_owned();
        row.functions = vec![text.to_owned(); 8];
    }
    for node in &mut fake.map.nodes {
        node.name = text.to_owned();
    }
    for difference in &mut fake.differences {
        difference.key = text.to_owned();
        difference.value = text.to_owned();
    }
    fake
}

fn functions() -> Vec<Function> {
    let function = |name: &str, invocations: u64, errors: u64, p50: u64| Function {
        name: name.to_owned(),
        invocations,
        errors,
        timeouts: errors / 5,
        cold_starts: invocations / 37,
        p50,
        p95: p50 * 3 + 170_000,
        p99: p50 * 7,
        init_ms: (invocations > 37).then_some(182.4),
        flush_ms: (p50 < 40 * MILLISECOND).then_some(6.3),
        memory: Some(256 << 20),
        versions: vec!["$LATEST".to_owned()],
        last: NOW - p50 * 90,
        series: (0..40)
            .map(|part| {
                let wave = [3, 5, 8, 13, 9, 6, 2, 0][part % 8] * (part as u64 % 5 + 1);
                Count {
                    invocations: wave * invocations / 800,
                    errors: if part % 11 == 3 { errors / 4 } else { 0 },
                }
            })
            .collect(),
    };
    let mut all = vec![
        function("shop-ingress", 12_480, 3, 23 * MILLISECOND),
        function("shop-orders", 9_871, 412, 148 * MILLISECOND),
        function("shop-notify", 9_412, 0, 61 * MILLISECOND),
        function(
            "shop-payments-authorization-and-capture",
            1_204,
            96,
            1_210 * MILLISECOND,
        ),
        function("shop-nightly", 1, 1, 29_990 * MILLISECOND),
    ];
    all[1].versions = ["18", "17", "16", "15"].map(str::to_owned).to_vec();
    all[4].memory = None;
    all
}

fn invocation(index: u64) -> Invocation {
    let outcome = match index % 7 {
        2 => Outcome::Error,
        5 => Outcome::Timeout,
        _ => Outcome::Ok,
    };
    let function = ["shop-ingress", "shop-orders", "shop-notify"][index as usize % 3];
    let batch = index % 3 == 1;
    let (error_type, message) = match outcome {
        Outcome::Ok => (None, None),
        Outcome::Error => (
            Some("shop::Declined"),
            Some("the bank declined order 4711: insufficient funds; tried 3 times"),
        ),
        Outcome::Timeout => (Some("timeout"), Some("timed out after 3.00 s")),
    };
    Invocation {
        id: id(index),
        function: function.to_owned(),
        version: batch.then(|| "18".to_owned()),
        name: if batch {
            "orders process"
        } else {
            "POST /orders"
        }
        .to_owned(),
        start: NOW - index * 1_733 * MILLISECOND,
        duration: [23, 148, 61, 12, 3_000, 210, 88][index as usize % 7] * MILLISECOND,
        outcome,
        error_type: error_type.map(str::to_owned),
        message: message.map(str::to_owned),
        trigger: Some(if batch { "pubsub" } else { "http" }.to_owned()),
        cold: index % 9 == 4,
        records: batch.then_some(10),
        failed: (batch && outcome == Outcome::Error).then_some(3),
    }
}

fn invocations() -> Vec<Invocation> {
    (0..24).map(invocation).collect()
}

pub(super) fn id(index: u64) -> SpanRef {
    let mut trace = [0x5b; 16];
    trace[8..].copy_from_slice(&(index + 1).to_be_bytes());
    SpanRef {
        trace: TraceId(trace),
        span: SpanId((index + 0x00f0_67aa_0ba9_02b7).to_be_bytes()),
    }
}

fn traces() -> Vec<TraceRow> {
    let row = |index: u64| {
        let names = [
            "shop-ingress",
            "shop-orders",
            "shop-notify",
            "shop-payments",
        ];
        let passed = index as usize % 4 + 1;
        TraceRow {
            id: id(index).trace,
            name: "POST /orders".to_owned(),
            function: names[0].to_owned(),
            start: NOW - index * 2_911 * MILLISECOND,
            end: NOW - index * 2_911 * MILLISECOND + (passed as u64).pow(4) * 31 * MILLISECOND,
            spans: 4 + index * 3 % 19,
            errors: if index % 5 == 3 { 2 } else { 0 },
            functions: names
                .iter()
                .take(passed)
                .map(|it| (*it).to_owned())
                .collect(),
        }
    };
    (0..20).map(row).collect()
}

fn map() -> Map {
    let nodes = [
        (NodeKind::Client, "outside"),
        (NodeKind::Function, "shop-ingress"),
        (NodeKind::Bus, "shop-events"),
        (NodeKind::Queue, "shop-orders"),
        (NodeKind::Function, "shop-orders"),
        (NodeKind::Table, "orders"),
        (NodeKind::Topic, "shop-notifications"),
        (NodeKind::Function, "shop-notify"),
        (NodeKind::Queue, "shop-orders-dead-letters-of-europe"),
        (NodeKind::Stream, "audit"),
        (NodeKind::Function, "shop-audit"),
        (NodeKind::Bucket, "shop-archive"),
        (NodeKind::Service, "api.bank.example"),
    ];
    let edges = [
        (0, 1, 12_480, 3, None),
        (1, 2, 12_477, 0, None),
        (2, 3, 9_871, 0, Some(41)),
        (3, 4, 10_283, 412, Some(3_214)),
        (4, 5, 19_742, 0, None),
        (4, 12, 9_871, 96, None),
        (4, 6, 9_412, 0, None),
        (6, 7, 9_412, 0, Some(88)),
        (3, 8, 12, 0, Some(184_000)),
        (2, 9, 12_477, 0, Some(19)),
        (9, 10, 12_477, 0, Some(812)),
        (10, 11, 340, 0, None),
        (7, 2, 77, 0, None),
        (4, 4, 31, 0, None),
    ];
    let mut map = Map::default();
    for (kind, name) in nodes {
        let named_by = match kind {
            NodeKind::Client | NodeKind::Function => None,
            NodeKind::Table => Some(db::collection::NAME),
            NodeKind::Bucket => Some(aws::s3::BUCKET),
            NodeKind::Service => Some(server::ADDRESS),
            _ => Some(messaging::destination::NAME),
        };
        map.nodes.push(Node {
            kind,
            name: name.to_owned(),
            named_by,
        });
    }
    for (from, to, count, errors, wait) in edges {
        let mut edge = Edge::default();
        (edge.from, edge.to, edge.count, edge.errors) = (from, to, count, errors);
        edge.wait = wait.map(|it: u64| it * MILLISECOND);
        map.edges.push(edge);
    }
    map
}

fn differences() -> Vec<Difference> {
    let rows = [
        ("shop.bank", "northern", 88, 140),
        (faas::VERSION, "18", 96, 4_210),
        (faas::COLDSTART, "true", 12, 240),
    ];
    let row = |(key, value, inside, outside): (&str, &str, u64, u64)| Difference {
        key: key.to_owned(),
        value: value.to_owned(),
        inside,
        inside_of: 96,
        outside,
        outside_of: 9_775,
    };
    rows.map(row).to_vec()
}
