//! The members by which sources are recognized and from which they are read, found in one pass.

use super::{search::fields::Attributes, source::rare::RareMembers};
use crate::json::{Members, NameBuffer, Place, Value};

macro_rules! members {
    ($(#[$meta:meta])* $name:ident { $($other:ident: $kind:ty),*; $($field:ident = $key:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Default)]
        pub(super) struct $name<'a> {
            of: Option<Value<'a>>,
            $(pub(super) $other: $kind,)*
            $(pub(super) $field: Place,)+
        }

        impl<'a> $name<'a> {
            /// Stores the place of a member; returns `false` if no source uses it.
            #[inline]
            fn set(&mut self, name: &[u8], value: Value<'a>) -> bool {
                let slot = match name {
                    $($key => &mut self.$field,)+
                    _ => return false,
                };
                if slot.is_nowhere() {
                    *slot = Place::of(&value);
                }
                true
            }

            $(pub(super) fn $field(&self) -> Option<Value<'a>> {
                self.$field.value(self.of.as_ref()?)
            })+
        }
    };
}

members! {
    /// Members of events, of payloads, and of documents in message bodies.
    Event {
        context: RequestContext<'a>, rare: RareMembers;
        authorization_token = b"authorizationToken",
        body = b"body",
        datadog = b"_datadog",
        detail = b"detail",
        detail_type = b"detail-type",
        durable_execution = b"DurableExecutionArn",
        event_source = b"eventSource",
        events = b"events",
        execution = b"Execution",
        firefly = b"fireflyHeaders",
        get_object_context = b"getObjectContext",
        headers = b"headers",
        http_method = b"httpMethod",
        id = b"id",
        info = b"info",
        message = b"Message",
        message_attributes = b"MessageAttributes",
        messages = b"messages",
        method = b"method",
        method_arn = b"methodArn",
        multi_value_headers = b"multiValueHeaders",
        multi_value_query = b"multiValueQueryStringParameters",
        otel = b"_otel",
        path = b"path",
        payload = b"Payload",
        query = b"queryStringParameters",
        raw_path = b"rawPath",
        raw_path_v1 = b"raw_path",
        raw_query = b"rawQueryString",
        records = b"Records",
        records_by_topic = b"records",
        request = b"request",
        request_context = b"requestContext",
        request_payload = b"requestPayload",
        resource = b"resource",
        rmq_messages = b"rmqMessagesByQueue",
        route_arn = b"routeArn",
        route_key = b"routeKey",
        source = b"source",
        state = b"State",
        state_machine = b"StateMachine",
        time = b"time",
        traceparent = b"traceparent",
        user_request = b"userRequest",
    }
}

members! {
    /// Members of `requestContext`, for all services.
    RequestContext {;
        connection_id = b"connectionId",
        domain_name = b"domainName",
        elb = b"elb",
        http = b"http",
        identity = b"identity",
        message_direction = b"messageDirection",
        protocol = b"protocol",
        route_key = b"routeKey",
        service_network_arn = b"serviceNetworkArn",
    }
}

members! {
    /// Members of the elements of `Records`, for all services.
    RecordMembers {
        end: Option<usize>, message_attributes: Option<Attributes<'a>>, number_at: Place;
        arn = b"eventSourceARN",
        attributes = b"attributes",
        body = b"body",
        cf = b"cf",
        data = b"data",
        dynamodb = b"dynamodb",
        event_id = b"eventID",
        event_name = b"eventName",
        event_source = b"eventSource",
        event_source_sns = b"EventSource",
        event_time = b"eventTime",
        kinesis = b"kinesis",
        message_id = b"messageId",
        response_elements = b"responseElements",
        s3 = b"s3",
        sns = b"Sns",
    }
}

impl<'a> Event<'a> {
    /// Returns a member that few sources need.
    pub(super) fn other(&self, key: &str) -> Option<Value<'a>> {
        self.of?.get(key)
    }

    /// Reads all members of an object.
    pub(super) fn read(document: Value<'a>) -> Self {
        let mut members = document.members();
        let mut event = Self::read_some(document, &mut members);
        event.read_on(&mut members);
        event
    }

    /// Reads the members up to `Records`, because the reader of the records knows where they end.
    /// [`Event::read_on`] reads the rest.
    pub(super) fn read_some(document: Value<'a>, members: &mut Members<'a>) -> Self {
        let mut event = Self {
            of: Some(document),
            ..Self::default()
        };
        let mut buffer = NameBuffer::default();
        for (key, value) in members {
            let name = key.name(&mut buffer);
            event.note(name, value);
            if name == b"Records" {
                break;
            }
        }
        event
    }

    /// Reads the remaining members.
    pub(super) fn read_on(&mut self, members: &mut Members<'a>) {
        let mut buffer = NameBuffer::default();
        for (key, value) in members {
            self.note(key.name(&mut buffer), value);
        }
    }

    #[inline]
    fn note(&mut self, name: &[u8], value: Value<'a>) {
        if !self.set(name, value) {
            self.rare.set(name);
        }
    }

    /// Reads the request context, if there is one.
    pub(super) fn read_context(&mut self) {
        self.context = RequestContext::read(self);
    }

    /// Returns whether `eventSource` has this name.
    pub(super) fn is_from(&self, name: &str) -> bool {
        let from = self.event_source().and_then(|value| value.text());
        from.is_some_and(|from| from.is(name))
    }

    /// Returns the object with these members.
    pub(super) fn document(&self) -> Option<Value<'a>> {
        self.of
    }

    /// Returns whether the event lacks all members that exist only to carry context.
    #[inline]
    pub(super) fn has_nothing_beside(&self) -> bool {
        let members = [
            self.otel,
            self.traceparent,
            self.firefly,
            self.datadog,
            self.headers,
        ];
        members.into_iter().all(Place::is_nowhere)
    }
}

impl<'a> RequestContext<'a> {
    /// Reads the request context of an event; empty when it has none.
    pub(super) fn read(event: &Event<'a>) -> Self {
        let Some(object) = event.request_context() else {
            return Self::default();
        };
        let mut context = Self {
            of: Some(object),
            ..Self::default()
        };
        let mut buffer = NameBuffer::default();
        for (key, value) in object.members() {
            context.set(key.name(&mut buffer), value);
            // With these two members it is the context of an HTTP API or a function URL; the rest adds
            // nothing.
            let is_http = context.http().is_some() && context.domain_name().is_some();
            if is_http && event.route_key().is_some() {
                break;
            }
        }
        context
    }
}

impl<'a> RecordMembers<'a> {
    /// Reads all members of one record, whose order differs between services.
    pub(super) fn read(record: Value<'a>) -> Self {
        Self::read_until(record, |_| false)
    }

    /// Reads the members of one more record, up to the point where `is_complete` reports that nothing of
    /// interest can follow.
    pub(super) fn read_next(record: Value<'a>, is_complete: impl Fn(&Self) -> bool) -> Self {
        Self::read_until(record, is_complete)
    }

    #[inline(always)]
    fn read_until(record: Value<'a>, is_complete: impl Fn(&Self) -> bool) -> Self {
        let mut found = Self {
            of: Some(record),
            ..Self::default()
        };
        let mut members = record.members();
        let mut buffer = NameBuffer::default();
        while let Some((key, value)) = members.next() {
            // Objects that are searched anyway are traversed only once.
            let mut end = None;
            let name = key.name(&mut buffer);
            match name {
                b"kinesis" => end = found.read_kinesis(value),
                b"dynamodb" => end = found.read_dynamodb(value),
                b"messageAttributes" if found.message_attributes.is_none() => {
                    let attributes = found.message_attributes.insert(Attributes::default());
                    attributes.add(value);
                    end = attributes.end;
                }
                _ => {}
            }
            if let Some(end) = end {
                members.resume_at(end);
            }
            found.set(name, value);
            if is_complete(&found) {
                break;
            }
        }
        found.end = members.end();
        found
    }

    /// Reads the data and the sequence number of a Kinesis record. Returns where the object ends.
    #[inline(never)]
    fn read_kinesis(&mut self, object: Value<'a>) -> Option<usize> {
        let mut members = object.members();
        let mut buffer = NameBuffer::default();
        while self.data.is_nowhere() || self.number_at.is_nowhere() {
            let (key, value) = members.next()?;
            match key.name(&mut buffer) {
                b"data" => self.data = Place::of(&value),
                b"sequenceNumber" => self.number_at = Place::of(&value),
                _ => {}
            }
        }
        members.end()
    }

    /// Reads the sequence number of a change. Returns where the object ends.
    #[inline(never)]
    fn read_dynamodb(&mut self, object: Value<'a>) -> Option<usize> {
        let mut members = object.members();
        let (_, number) = members.find(|(key, _)| key.is("SequenceNumber"))?;
        self.number_at = Place::of(&number);
        members.end()
    }

    /// Returns whether `eventSource` has this name.
    pub(super) fn is_from(&self, name: &str) -> bool {
        let from = self.event_source().or(self.event_source_sns());
        from.and_then(|value| value.text())
            .is_some_and(|from| from.is(name))
    }

    /// Returns the record with these members.
    pub(super) fn document(&self) -> Option<&Value<'a>> {
        self.of.as_ref()
    }

    /// Returns the number of records of this length that fit between here and the end of the document.
    pub(super) fn and_alike(&self) -> usize {
        let length = |record: Value<'_>| self.end?.checked_sub(record.start());
        self.of.map_or(0, |record| match length(record) {
            Some(length) if length > 0 => record.rest() / length,
            _ => 0,
        })
    }
}
