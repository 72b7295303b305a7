//! DocumentDB: changes of a cluster. They carry no context.

use lamplight_semconv::faas::document::{self, FaasDocumentOperation};
use opentelemetry::KeyValue;

use super::{event::EventSource, message::owned};
use crate::{
    inbound::{findings::Findings, members::Event, search::ContextSearch},
    json::Value,
};

pub(super) struct DocumentDb;

impl EventSource for DocumentDb {
    fn recognizes(event: &Event<'_>) -> bool {
        event.is_from("aws:docdb")
    }

    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        let mut findings = search.findings();
        if let (Some(changes), true) = (event.events(), search.describes()) {
            describe(changes.elements(), &mut findings.attributes);
        }
        findings
    }
}

/// Adds the attributes that all changes share: the database and the collection, as the conventions define
/// them for Cosmos DB.
fn describe<'v>(changes: impl Iterator<Item = Value<'v>>, out: &mut Vec<KeyValue>) {
    let mut common: Option<[Option<String>; 3]> = None;
    for change in changes {
        let [namespace, operation] = change
            .get("event")
            .map_or([None; 2], |it| it.get_all(["ns", "operationType"]));
        let [database, collection] = namespace.map_or([None; 2], |it| it.get_all(["db", "coll"]));
        let these = [database, collection, operation];
        let Some(known) = &mut common else {
            common = Some(these.map(owned));
            continue;
        };
        for (known, this) in known.iter_mut().zip(these) {
            let this = this.and_then(|it| it.text()?.to_str());
            if *known.as_deref().unwrap_or_default() != *this.as_deref().unwrap_or_default() {
                *known = None;
            }
        }
    }
    let Some([database, collection, operation]) = common else {
        return;
    };
    out.extend(database.map(document::collection));
    out.extend(collection.map(document::name));
    let operation = match operation.as_deref() {
        Some("insert") => Some(FaasDocumentOperation::Insert),
        Some("delete") => Some(FaasDocumentOperation::Delete),
        Some("update" | "replace") => Some(FaasDocumentOperation::Edit),
        _ => None,
    };
    out.extend(operation.map(document::operation));
}
