//! DynamoDB: changes of a table, delivered by its stream.

use std::borrow::Cow;

use lamplight_semconv::{
    faas::document::{self, FaasDocumentOperation},
    lamplight::aws::dynamodb::event,
};
use opentelemetry::KeyValue;

use super::{
    Source,
    message::{Message, Scope, name_after, owned, part, string},
    records::RecordSource,
};
use crate::{
    inbound::{findings::FoundContext, members::RecordMembers, path::Path, search::ContextSearch},
    json::Place,
    time::iso_8601,
};

pub(super) struct DynamoDb;

impl RecordSource for DynamoDb {
    const NAMES: &'static [&'static str] = &["aws:dynamodb"];
    const IS_STREAM: bool = true;
    const HAS_ITEMS: bool = true;

    type Record<'r> = Raw<'r>;

    fn has_members(members: &RecordMembers<'_>) -> bool {
        members.dynamodb().is_some_and(|it| it.is_object())
    }

    fn record<'r>(members: &'r RecordMembers<'r>) -> Raw<'r> {
        Raw(members)
    }

    fn is_complete(seen: &RecordMembers<'_>) -> bool {
        let wanted = [seen.dynamodb, seen.event_id, seen.event_name];
        !wanted.into_iter().any(Place::is_nowhere)
    }

    fn item_at(members: &RecordMembers<'_>, is_piped: bool) -> Place {
        match is_piped {
            true => members.event_id,
            false => members.number_at,
        }
    }
}

/// A change as JSON.
pub(super) struct Raw<'r>(&'r RecordMembers<'r>);

impl Message for Raw<'_> {
    const SOURCE: Source = Source::DynamoDb;

    fn envelope(&self) -> Option<&'static str> {
        Some("dynamodb")
    }

    fn in_attributes(&self, search: &mut ContextSearch<'_>, at: &Path<'_>) -> Option<FoundContext> {
        let name = search.config.item_attribute.as_deref()?;
        let item = self.0.dynamodb()?.get("NewImage")?.get(name)?;
        search.item_attribute(item, &at.member("NewImage").member(name))
    }

    fn destination(&self) -> Option<Cow<'_, str>> {
        part(string(self.0.arn())?, table)
    }

    fn operation(&self) -> Option<FaasDocumentOperation> {
        operation(&string(self.0.event_name())?)
    }

    /// Returns the id of the change, which is not a message id.
    fn own_attributes(&self) -> impl Iterator<Item = KeyValue> {
        owned(self.0.event_id()).map(event::id).into_iter()
    }

    fn describe(&self, scope: Scope, out: &mut Vec<KeyValue>) {
        describe(self.destination(), scope.operation, out);
        if scope.is_single {
            let change = self.0.dynamodb();
            let time = change.and_then(|it| it.get("ApproximateCreationDateTime"));
            let time = time.and_then(|it| iso_8601(&it.scalar()?));
            out.extend(time.map(document::time));
        }
    }
}

fn table(arn: &str) -> Option<&str> {
    name_after(arn, "table/")
}

fn operation(event_name: &str) -> Option<FaasDocumentOperation> {
    match event_name {
        "INSERT" => Some(FaasDocumentOperation::Insert),
        "MODIFY" => Some(FaasDocumentOperation::Edit),
        "REMOVE" => Some(FaasDocumentOperation::Delete),
        _ => None,
    }
}

fn describe(
    table: Option<Cow<'_, str>>,
    operation: Option<FaasDocumentOperation>,
    out: &mut Vec<KeyValue>,
) {
    let table = table.map(Cow::into_owned);
    out.extend(table.map(document::collection));
    out.extend(operation.map(document::operation));
}

#[cfg(feature = "records-dynamodb")]
impl Message for aws_lambda_events::dynamodb::EventRecord {
    const SOURCE: Source = Source::DynamoDb;

    fn in_attributes(&self, search: &mut ContextSearch<'_>, at: &Path<'_>) -> Option<FoundContext> {
        let name = search.config.item_attribute.as_deref()?;
        let item = serde_json::to_vec(self.change.new_image.get(name)?).ok()?;
        search.item_attribute(crate::json::Value::document(&item), at)
    }

    fn destination(&self) -> Option<Cow<'_, str>> {
        let arn = self.event_source_arn.as_deref()?;
        table(arn).map(Cow::Borrowed)
    }

    fn sent_at(&self) -> Option<std::time::SystemTime> {
        // Some records lack the time, which then is the epoch.
        let changed = self.change.approximate_creation_date_time.into();
        Some(changed).filter(|changed| *changed > std::time::SystemTime::UNIX_EPOCH)
    }

    fn operation(&self) -> Option<FaasDocumentOperation> {
        operation(&self.event_name)
    }

    fn own_attributes(&self) -> impl Iterator<Item = KeyValue> {
        [event::id(self.event_id.clone())].into_iter()
    }

    fn describe(&self, scope: Scope, out: &mut Vec<KeyValue>) {
        describe(self.destination(), scope.operation, out);
        out.extend(self.own_attributes());
    }
}
