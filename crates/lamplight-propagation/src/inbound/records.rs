//! Sources that deliver records: one context each, so a link each, or a parent for a batch of one.

use opentelemetry::KeyValue;

use lamplight_semconv::messaging::batch::message_count;

use super::{
    RecordPolicy, Source, describe,
    event::{Event, RecordMembers},
    fields::{Attributes, Headers, Strings},
    items,
    look::Look,
    path::Path,
    seen::{Candidate, Seen, or_else},
};
use crate::{
    json::{Text, Value},
    w3c::Received,
    xray::AWS_TRACE_HEADER,
};

/// Records that have been read.
pub(super) struct Read {
    pub(super) source: Source,
    pub(super) seen: Seen,
    /// Where their array ends.
    pub(super) end: Option<usize>,
}

/// The records of a `Records` array, or of a bare array. `None` when nobody knows the records.
pub(super) fn batch(look: &mut Look<'_>, event: &Event<'_>, records: Value<'_>) -> Option<Read> {
    let first = RecordMembers::read(records.elements().next()?);
    let source = first.origin();
    let root = Path::Root;
    let array = if event.records().is_some() {
        root.member("Records")
    } else {
        root
    };
    match source {
        Source::Unknown => return None,
        Source::CloudFront => {
            let seen = viewer_request(look, &first, &array);
            let end = None;
            return Some(Read { source, seen, end });
        }
        _ => {}
    }
    if !look.describes() {
        return Some(alone(look, source, &first, records, &array));
    }
    let mut batch = Batch::of(look, first.and_alike());
    let mut operation = describe::operation(&first);
    let piped = event.records().is_none();
    let is_stream = matches!(source, Source::DynamoDb | Source::Kinesis);
    let has_items = is_stream || source == Source::Sqs;
    if is_stream {
        batch.seen.items.set_stream();
    }
    let mut add = |look: &mut Look<'_>, record: &RecordMembers<'_>| {
        let at = array.element(batch.count);
        let candidate = candidate(look, source, record, &at, 0);
        let id = describe::message_id;
        if has_items {
            let id = items::id(source, piped, record);
            batch.seen.items.push(id, batch.expected);
        }
        batch.add(
            look,
            candidate,
            || id(source, record),
            || id(source, &first),
        );
    };
    add(look, &first);
    let mut elements = records.elements();
    elements.next();
    let mut end = first.end;
    loop {
        if let Some(end) = end {
            elements.resume_at(end);
        }
        let Some(element) = elements.next() else {
            break;
        };
        let record = RecordMembers::read_next(element, source);
        if operation.is_some() && operation != describe::operation(&record) {
            operation = None;
        }
        add(look, &record);
        end = record.end;
    }
    let single = batch.count == 1;
    let counted = matches!(source, Source::Kinesis | Source::Sqs);
    let mut seen = batch.finish(look, counted, || describe::message_id(source, &first));
    describe::records(source, &first, single, operation, &mut seen.attributes);
    let end = elements.end();
    Some(Read { source, seen, end })
}

/// The context of a batch of one: no record of several is the parent.
fn alone(
    look: &mut Look<'_>,
    source: Source,
    first: &RecordMembers<'_>,
    records: Value<'_>,
    array: &Path<'_>,
) -> Read {
    let mut elements = records.elements();
    elements.next();
    if let Some(end) = first.end {
        elements.resume_at(end);
    }
    let mut batch = Batch::of(look, 1);
    if elements.next().is_none() {
        let found = candidate(look, source, first, &array.element(0), 0);
        batch.add(look, found, Vec::new, Vec::new);
    } else if look.config.takes_runtime_header() {
        // Which is a parent only where no record has a context.
        batch.seen.linked = records.elements().enumerate().any(|(index, record)| {
            let at = array.element(index);
            let found = candidate(look, source, &RecordMembers::read(record), &at, 0);
            found.is_some_and(|found| found.has_span())
        });
    }
    let seen = batch.finish(look, false, Vec::new);
    let end = elements.end();
    Read { source, seen, end }
}

/// The records of event source mappings that do not call them so. `None` for other sources.
pub(super) fn mapping(look: &mut Look<'_>, source: Source, event: &Event<'_>) -> Option<Seen> {
    let root = Path::Root;
    let mut batch = match source {
        Source::Kafka | Source::ActiveMq | Source::RabbitMq | Source::DocumentDb => {
            Batch::of(look, 0)
        }
        _ => return None,
    };
    let mut first = None;
    let link = |record| describe::mapping_link(source, record);
    match source {
        Source::Kafka => {
            let partitions = root.member("records");
            for (topic_partition, records) in event.records_by_topic()?.members() {
                let name = topic_partition.to_str().unwrap_or_default();
                let partition = partitions.member(&name);
                for (index, record) in records.elements().enumerate() {
                    first.get_or_insert(record);
                    let at = partition.element(index);
                    let [headers, value, offset] = record.get_all(["headers", "value", "offset"]);
                    if look.describes() {
                        let id = items::id_at(topic_partition, offset);
                        batch.seen.items.push(id, 0);
                    }
                    let mut found = headers.and_then(|headers| {
                        look.byte_headers(headers.elements(), &at.member("headers"))
                    });
                    or_else(&mut found, || {
                        look.encoded(value?.text()?, &at.member("value"))
                    });
                    batch.add(
                        look,
                        found,
                        || link(record),
                        || first.map_or_else(Vec::new, link),
                    );
                }
                batch.seen.items.end_partition();
            }
        }
        Source::ActiveMq => {
            let messages = root.member("messages");
            for (index, record) in event.messages()?.elements().enumerate() {
                first.get_or_insert(record);
                let at = messages.element(index);
                let [properties, data] = record.get_all(["properties", "data"]);
                let mut found = properties.and_then(|it| look.object(it, &at.member("properties")));
                or_else(&mut found, || {
                    look.encoded(data?.text()?, &at.member("data"))
                });
                batch.add(
                    look,
                    found,
                    || link(record),
                    || first.map_or_else(Vec::new, link),
                );
            }
        }
        Source::RabbitMq => {
            let queues = root.member("rmqMessagesByQueue");
            for (queue, records) in event.rmq_messages()?.members() {
                let name = queue.to_str().unwrap_or_default();
                let queue = queues.member(&name);
                for (index, record) in records.elements().enumerate() {
                    first.get_or_insert(record);
                    let at = queue.element(index);
                    let [properties, data] = record.get_all(["basicProperties", "data"]);
                    let headers = properties.and_then(|it| it.get("headers"));
                    let basic = at.member("basicProperties");
                    let mut found = headers.and_then(|headers| {
                        look.byte_headers([headers].into_iter(), &basic.member("headers"))
                    });
                    or_else(&mut found, || {
                        look.encoded(data?.text()?, &at.member("data"))
                    });
                    batch.add(
                        look,
                        found,
                        || link(record),
                        || first.map_or_else(Vec::new, link),
                    );
                }
            }
        }
        Source::DocumentDb => {
            let mut seen = batch.seen;
            let changes = event.events()?.elements();
            if look.describes() {
                describe::document_db(changes, &mut seen.attributes);
            }
            return Some(seen);
        }
        _ => return None,
    }
    let single = batch.count == 1;
    if !look.describes() {
        return Some(batch.finish(look, false, Vec::new));
    }
    let mut seen = batch.finish(look, true, || first.map_or_else(Vec::new, link));
    describe::mapping(source, event, first, single, &mut seen.attributes);
    Some(seen)
}

/// The context of one record wherever it stands.
pub(super) fn of_one(
    look: &mut Look<'_>,
    record: Value<'_>,
    at: &Path<'_>,
    depth: u8,
) -> Option<Candidate> {
    let record = RecordMembers::read(record);
    candidate(look, record.origin(), &record, at, depth)
}

fn candidate(
    look: &mut Look<'_>,
    source: Source,
    record: &RecordMembers<'_>,
    at: &Path<'_>,
    depth: u8,
) -> Option<Candidate> {
    match source {
        Source::Sqs => {
            let attributes = record.message_attributes.as_ref();
            let mut found =
                attributes.and_then(|it| look.attributes(it, &at.member("messageAttributes")));
            or_else(&mut found, || {
                look.nested(record.body()?.text()?, &at.member("body"), depth)
            });
            let header = || record.attributes()?.get(AWS_TRACE_HEADER)?.text()?.to_str();
            let at = at.member("attributes");
            look.beside_xray(found, header, &at.member(AWS_TRACE_HEADER))
        }
        Source::Sns => {
            let sns = record.sns()?;
            let at = at.member("Sns");
            let [attributes, message] = sns.get_all(["MessageAttributes", "Message"]);
            let attributes = attributes.map(Attributes::read);
            let mut found =
                attributes.and_then(|it| look.attributes(&it, &at.member("MessageAttributes")));
            or_else(&mut found, || {
                look.nested(message?.text()?, &at.member("Message"), depth)
            });
            found
        }
        Source::Kinesis => {
            let kinesis = at.member("kinesis");
            let at = if record.kinesis().is_some() {
                &kinesis
            } else {
                at
            };
            look.encoded(record.data()?.text()?, &at.member("data"))
        }
        Source::DynamoDb => {
            let name = look.config.item_attribute.as_deref()?;
            let item = record.dynamodb()?.get("NewImage")?.get(name)?;
            let (dynamodb, at) = (at.member("dynamodb"), name);
            let image = dynamodb.member("NewImage");
            look.item_attribute(item, &image.member(at))
        }
        _ => None,
    }
}

/// Lambda@Edge: one request in the shape of a record.
fn viewer_request(look: &mut Look<'_>, record: &RecordMembers<'_>, at: &Path<'_>) -> Seen {
    let request = record.cf().and_then(|cf| cf.get("request"));
    let headers = request.and_then(|request| request.get("headers"));
    let headers = headers.map(Headers::read).unwrap_or_default();
    let (record, cf, below) = (at.element(0), "cf", "request");
    let cf = record.member(cf);
    let request_path = cf.member(below);
    let at = request_path.member("headers");
    let candidate = super::http::context_of(look, &headers, &at, "[0].value");
    let mut seen = Seen {
        candidate,
        ..Seen::of(look)
    };
    if !look.describes() {
        return seen;
    }
    super::http::viewer_request(look.config, request, headers, &mut seen);
    seen
}

/// The links of a batch, as long as it is one.
#[derive(Debug)]
struct Batch {
    seen: Seen,
    count: usize,
    /// About as many records as there are, if anybody knows: links are many small values.
    expected: usize,
    /// The context of the first record, while it may be the only one.
    first: Option<Candidate>,
}

impl Batch {
    fn of(look: &Look<'_>, expected: usize) -> Self {
        Self {
            seen: Seen::of(look),
            count: 0,
            expected,
            first: None,
        }
    }

    fn add(
        &mut self,
        look: &mut Look<'_>,
        found: Option<Candidate>,
        attributes: impl FnOnce() -> Vec<KeyValue>,
        attributes_of_first: impl FnOnce() -> Vec<KeyValue>,
    ) {
        self.count += 1;
        if self.count == 1 {
            self.first = found;
            return;
        }
        if self.count == 2 && (self.first.is_some() || found.is_some()) {
            let room = self.expected.min(look.config.link_limit);
            self.seen.links.reserve(room);
        }
        if let Some(first) = self.first.take() {
            look.link(&mut self.seen, first, attributes_of_first);
        }
        if let Some(found) = found {
            look.link(&mut self.seen, found, attributes);
        }
    }

    fn finish(
        mut self,
        look: &mut Look<'_>,
        counted: bool,
        attributes: impl FnOnce() -> Vec<KeyValue>,
    ) -> Seen {
        if let Some(mut only) = self.first {
            if look.config.records == RecordPolicy::Link && only.received.span.is_some() {
                // What it carries besides is no matter of traces.
                let baggage = only.received.baggage.take();
                look.link(&mut self.seen, only, attributes);
                let rest = Received {
                    baggage,
                    ..Received::default()
                };
                self.seen.candidate = Candidate::new(rest, None);
            } else {
                if look.config.records == RecordPolicy::ContinueAndLink {
                    let span = only.received.span.clone();
                    let origin = Received {
                        span,
                        ..Received::default()
                    };
                    let origin = Candidate::new(origin, only.carrier.clone());
                    if let Some(origin) = origin {
                        look.link(&mut self.seen, origin, attributes);
                    }
                }
                self.seen.candidate = Some(only);
            }
        }
        if counted {
            self.seen
                .attributes
                .push(message_count(i64::try_from(self.count).unwrap_or(i64::MAX)));
        }
        self.seen
    }
}

impl Look<'_> {
    /// An attribute of a DynamoDB item: a map of the fields, or a `traceparent` alone.
    pub(super) fn item_attribute(&mut self, item: Value<'_>, at: &Path<'_>) -> Option<Candidate> {
        let [map, text] = item.get_all(["M", "S"]);
        let mut strings = Strings::default();
        if let Some(text) = text.and_then(|text| text.text()) {
            strings.traceparent.push(text.to_bytes());
            return self.accept_as(&strings, format_args!("{at}.S"));
        }
        for (key, value) in map?.members() {
            let value = value.get("S").and_then(|value| value.text());
            strings.set(key, value.and_then(Text::to_bytes));
        }
        self.accept(&strings, &at.member("M"), ".S")
    }
}
