//! A map computed from all spans, to compare with other implementations.

use std::collections::{BTreeMap, BTreeSet};

use lamplight_semconv::{aws, db, faas, lamplight, rpc, server};
use lamplight_view::{
    facts::{Facts, Outcome, Role},
    span::Span,
    store::{Condition, NodeKind, Query, Store, Window},
};
use proptest::prelude::*;

use super::{
    model::{Model, is_in},
    suite::Tested,
};

type Name = (NodeKind, String);

/// Count, errors and wait.
type Edges = BTreeMap<(Name, Name), (u64, u64, Option<u64>)>;

/// Data of an edge: count, errors, waits.
type Parts = BTreeMap<(Name, Name), (u64, u64, Vec<u64>)>;

fn function(facts: &Facts<'_>) -> Name {
    (NodeKind::Function, facts.function.to_owned())
}

fn destination(span: &Span, facts: &Facts<'_>) -> Option<Name> {
    let is_bucket = span
        .attributes
        .get(lamplight::aws::s3::REQUEST_ID)
        .is_some();
    let kind = match facts.system {
        Some("aws.eventbridge") => NodeKind::Bus,
        Some(_) => NodeKind::Queue,
        None if is_bucket => NodeKind::Bucket,
        None => NodeKind::Table,
    };
    Some((kind, facts.destination?.to_owned()))
}

/// Returns the called service of a span, if any.
#[allow(deprecated)]
fn target(span: &Span, facts: &Facts<'_>) -> Option<Name> {
    let of = |kind, key| Some((kind, span.attributes.text(key)?.to_owned()));
    if !matches!(
        facts.role,
        Role::Send | Role::Database | Role::AwsCall | Role::Client
    ) {
        return None;
    }
    of(NodeKind::Function, faas::INVOKED_NAME)
        .or(destination(span, facts))
        .or(of(NodeKind::Table, db::collection::NAME))
        .or(of(NodeKind::Bucket, aws::s3::BUCKET))
        .or(of(NodeKind::Service, rpc::SERVICE))
        .or(of(NodeKind::Service, server::ADDRESS))
        .or(of(NodeKind::Service, db::system::NAME))
}

fn add(edges: &mut Parts, from: Name, to: Name, count: u64, is_error: bool, wait: Option<f64>) {
    let edge = edges.entry((from, to)).or_default();
    edge.0 += count;
    edge.1 += u64::from(is_error);
    edge.2
        .extend(wait.filter(|it| *it >= 0.0).map(|it| (it * 1e6) as u64));
}

/// Returns the edges of the map. Ids of spans must be unique.
fn edges(model: &Model, window: Window) -> Edges {
    let all: Vec<_> = model
        .spans
        .iter()
        .filter(|span| is_in(window, span.start))
        .collect();
    let (mut edges, mut of_batches) = (Parts::new(), Parts::new());
    for span in &all {
        let facts = Facts::of(span);
        let failed = facts.outcome != Outcome::Ok;
        let own = function(&facts);
        let source = destination(span, &facts);
        let count = facts.message_count.unwrap_or(1);
        if let Some(target) = target(span, &facts) {
            let count = if facts.role == Role::Send { count } else { 1 };
            add(&mut edges, own, target, count, failed, None);
        } else if let (Role::Record, Some(source)) = (facts.role, source.clone()) {
            add(&mut edges, source, own, 1, failed, facts.queue_ms);
            join(&mut edges, &all, span);
        } else if let (Role::Invocation | Role::Batch, Some(source)) = (facts.role, source) {
            add(&mut of_batches, source, own, count, failed, facts.queue_ms);
            join(&mut edges, &all, span);
        } else if facts.role == Role::Invocation && facts.trigger == Some("http") {
            if span.parent.is_none() {
                let client = (NodeKind::Client, "client".to_owned());
                add(&mut edges, client, own, 1, failed, None);
            } else {
                join(&mut edges, &all, span);
            }
        }
    }
    for (edge, parts) in of_batches {
        edges.entry(edge).or_insert(parts);
    }
    (edges.into_iter())
        .map(|(edge, (count, errors, waits))| {
            let mean = waits.iter().sum::<u64>().checked_div(waits.len() as u64);
            (edge, (count, errors, mean))
        })
        .collect()
}

/// Adds the edges from the sender to the receiver, through the services in between.
fn join(edges: &mut Parts, all: &[&Span], span: &Span) {
    let facts = Facts::of(span);
    let is_message = facts.destination.is_some();
    let mut to = destination(span, &facts).unwrap_or_else(|| function(&facts));
    let mut parent = span.parent;
    for _ in 0..8 {
        let above = |it: &&&Span| it.trace_id == span.trace_id && Some(it.span_id) == parent;
        let Some(above) = all.iter().find(above) else {
            return;
        };
        let facts = Facts::of(above);
        let (from, is_end) = match (target(above, &facts), destination(above, &facts)) {
            (Some(target), _) if is_message => (target, true),
            (Some(_), _) => (function(&facts), true),
            (None, Some(hop)) if facts.role == Role::Hop => (hop, false),
            _ => return,
        };
        if from != to && (is_message || is_end) {
            add(edges, from.clone(), to.clone(), 1, false, None);
        }
        if is_end {
            return;
        }
        if is_message {
            to = from;
        }
        parent = above.parent;
    }
}

pub(super) fn the_map_is_drawn(store: &dyn Store, model: &Model, queries: &[Query]) -> Tested {
    for window in queries.iter().map(|query| query.window) {
        let map = store.map(window).unwrap();
        let name = |place: usize| (map.nodes[place].kind, map.nodes[place].name.clone());
        let drawn: Edges = (map.edges.iter())
            .map(|it| ((name(it.from), name(it.to)), (it.count, it.errors, it.wait)))
            .collect();
        prop_assert_eq!(drawn.len(), map.edges.len());
        prop_assert_eq!(drawn, edges(model, window));
        let nodes: BTreeSet<_> = map.nodes.iter().map(|it| (it.kind, &it.name)).collect();
        prop_assert_eq!(nodes.len(), map.nodes.len());
        // The link of a node finds the spans that created it.
        for node in &map.nodes {
            let is_function = matches!(node.kind, NodeKind::Client | NodeKind::Function);
            prop_assert_eq!(node.named_by.is_none(), is_function, "{:?}", node);
            if let Some(key) = node.named_by {
                let is_named = Condition::Equal(key.to_owned(), node.name.clone());
                prop_assert!(model.spans.iter().any(|span| is_named.fits(span)));
            }
        }
    }
    Ok(())
}
