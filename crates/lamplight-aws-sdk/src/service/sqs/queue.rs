//! The queue of a request.

use std::borrow::Cow;

use lamplight_semconv::{
    aws,
    messaging::{self, MessagingSystem, operation::MessagingOperationType as Operation},
};
use opentelemetry::KeyValue;

use crate::{
    LamplightInterceptor,
    carrier::{Carrier, Destination},
};

/// Adds the attributes that all operations on a queue have.
pub(super) fn describe(
    queue_url: Option<&str>,
    name: &'static str,
    kind: Option<Operation>,
    to: &mut Vec<KeyValue>,
) {
    to.push(messaging::system(MessagingSystem::AwsSqs));
    to.push(messaging::operation::name(name));
    to.extend(kind.map(messaging::operation::r#type));
    if let Some(url) = queue_url {
        let url = without_user(url);
        let path = url.split(['?', '#']).next().unwrap_or_default();
        if let Some(queue) = path.trim_end_matches('/').rsplit('/').next() {
            to.push(messaging::destination::name(queue.to_owned()));
        }
        to.push(aws::sqs::queue::url(path.to_owned()));
    }
}

/// Returns the size limit of a message to this queue, in bytes.
pub(super) fn limit(lamplight: &LamplightInterceptor, queue_url: Option<&str>) -> usize {
    let queue = queue_url.unwrap_or_default();
    let to = Destination::new(Carrier::SqsAttributes, queue);
    lamplight.limits.of(to)
}

/// Returns whether context is enabled for messages to this queue.
pub(super) fn is_wanted(lamplight: &LamplightInterceptor, queue_url: Option<&str>) -> bool {
    let queue = queue_url.unwrap_or_default();
    lamplight.allows(Destination::new(Carrier::SqsAttributes, queue))
}

/// Returns a URL without user info.
fn without_user(url: &str) -> Cow<'_, str> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest.get(..end).and_then(|authority| authority.rfind('@')) {
        Some(at) => Cow::Owned([scheme, "://", rest.get(at + 1..).unwrap_or_default()].concat()),
        None => Cow::Borrowed(url),
    }
}
