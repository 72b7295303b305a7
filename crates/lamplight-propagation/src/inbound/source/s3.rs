//! S3: notifications about objects. They carry no context.

use std::borrow::Cow;

use lamplight_semconv::{
    aws::s3,
    faas::document::{self, FaasDocumentOperation},
    lamplight::aws::s3::{extended_request_id, request_id},
};
use opentelemetry::KeyValue;
use percent_encoding::percent_decode_str;

use super::{
    Source,
    message::{Message, Scope, owned, string},
    records::RecordSource,
};
use crate::inbound::members::RecordMembers;

pub(super) struct S3;

impl RecordSource for S3 {
    const NAMES: &'static [&'static str] = &["aws:s3"];

    type Record<'r> = Raw<'r>;

    fn has_members(members: &RecordMembers<'_>) -> bool {
        members.s3().is_some_and(|it| it.is_object())
    }

    fn record<'r>(members: &'r RecordMembers<'r>) -> Raw<'r> {
        Raw(members)
    }
}

/// A notification as JSON.
pub(super) struct Raw<'r>(&'r RecordMembers<'r>);

impl Message for Raw<'_> {
    const SOURCE: Source = Source::S3;

    fn operation(&self) -> Option<FaasDocumentOperation> {
        operation(&string(self.0.event_name())?)
    }

    fn describe(&self, scope: Scope, out: &mut Vec<KeyValue>) {
        let s3 = self.0.s3();
        let [bucket, object] = s3.map_or([None; 2], |it| it.get_all(["bucket", "object"]));
        let bucket = owned(bucket.and_then(|bucket| bucket.get("name")));
        out.extend(bucket.clone().map(document::collection));
        out.extend(bucket.map(s3::bucket));
        out.extend(scope.operation.map(document::operation));
        if !scope.is_single {
            return;
        }
        let key = string(object.and_then(|object| object.get("key")));
        let key = key.as_deref().map(object_key);
        out.extend(key.clone().map(document::name));
        out.extend(key.map(s3::key));
        out.extend(owned(self.0.event_time()).map(document::time));
        // The request of the client that wrote the object: its span has these ids under the names without
        // `lamplight`.
        let elements = self.0.response_elements();
        let [request, extended] = elements.map_or([None; 2], |elements| {
            elements.get_all(["x-amz-request-id", "x-amz-id-2"])
        });
        out.extend(owned(request).map(request_id));
        out.extend(owned(extended).map(extended_request_id));
    }
}

fn operation(event_name: &str) -> Option<FaasDocumentOperation> {
    let has = |part| event_name.contains(part);
    if has("ObjectCreated:") {
        Some(FaasDocumentOperation::Insert)
    } else if has("ObjectRemoved:") || has("LifecycleExpiration:") {
        Some(FaasDocumentOperation::Delete)
    } else if event_name.starts_with("Object") || has(":Object") {
        Some(FaasDocumentOperation::Edit)
    } else {
        None
    }
}

/// Returns the key of an object, which notifications encode like a form.
fn object_key(encoded: &str) -> String {
    let spaced = encoded.replace('+', " ");
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(Cow::Borrowed(_)) => spaced,
        Ok(Cow::Owned(key)) => key,
        Err(_) => encoded.to_owned(),
    }
}
