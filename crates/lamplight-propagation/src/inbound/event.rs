//! The members an event is recognised by, found in one pass.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{Source, fields::Attributes};
use crate::json::{Members, NameBuffer, Place, Value, text_of};

/// What the domain of a function URL has and that of an API has not.
static URL_DOMAIN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(".lambda-url."));

macro_rules! members {
    ($(#[$meta:meta])* $name:ident { $($other:ident: $kind:ty),*; $($field:ident = $key:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Default)]
        pub(super) struct $name<'a> {
            of: Option<Value<'a>>,
            $(pub(super) $other: $kind,)*
            $($field: Place,)+
        }

        impl<'a> $name<'a> {
            #[inline]
            fn set(&mut self, name: &[u8], value: Value<'a>) {
                let slot = match name {
                    $($key => &mut self.$field,)+
                    _ => return,
                };
                if slot.is_nowhere() {
                    *slot = Place::of(&value);
                }
            }

            $(pub(super) fn $field(&self) -> Option<Value<'a>> {
                self.$field.value(self.of.as_ref()?)
            })+
        }
    };
}

members! {
    /// Members of events, of payloads, and of documents in message bodies.
    Event {;
        action_group = b"actionGroup",
        agent = b"agent",
        alarm_arn = b"alarmArn",
        alarm_data = b"alarmData",
        authorization_token = b"authorizationToken",
        awslogs = b"awslogs",
        body = b"body",
        bot = b"bot",
        click_type = b"clickType",
        client_request_token = b"ClientRequestToken",
        code_pipeline_job = b"CodePipeline.job",
        config_rule_name = b"configRuleName",
        connection_id = b"connection-id",
        contact_details = b"Details",
        dataset_records = b"datasetRecords",
        datadog = b"_datadog",
        delivery_stream_arn = b"deliveryStreamArn",
        detail = b"detail",
        detail_type = b"detail-type",
        device_event = b"deviceEvent",
        endpoint_id = b"endpoint-id",
        event_source = b"eventSource",
        events = b"events",
        execution = b"Execution",
        firefly = b"fireflyHeaders",
        get_object_context = b"getObjectContext",
        headers = b"headers",
        http_method = b"httpMethod",
        id = b"id",
        identity_pool_id = b"identityPoolId",
        info = b"info",
        invocation_schema = b"invocationSchemaVersion",
        logical_resource_id = b"LogicalResourceId",
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
        protocol_data = b"protocolData",
        query = b"queryStringParameters",
        raw_path = b"rawPath",
        raw_path_v1 = b"raw_path",
        raw_query = b"rawQueryString",
        records = b"Records",
        records_by_topic = b"records",
        request = b"request",
        request_context = b"requestContext",
        request_payload = b"requestPayload",
        request_type = b"RequestType",
        resource = b"resource",
        rmq_messages = b"rmqMessagesByQueue",
        route_arn = b"routeArn",
        route_key = b"routeKey",
        secret_id = b"SecretId",
        serial_number = b"serialNumber",
        session_state = b"sessionState",
        source = b"source",
        stack_id = b"StackId",
        state = b"State",
        state_machine = b"StateMachine",
        task_token = b"tasks",
        time = b"time",
        traceparent = b"traceparent",
        trigger_source = b"triggerSource",
        user_pool_id = b"userPoolId",
        user_request = b"userRequest",
    }
}

members! {
    /// Members of `requestContext`, of whatever service.
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
    /// Members of the elements of `Records`, of whatever service.
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
    /// A member that few ask for.
    pub(super) fn other(&self, key: &str) -> Option<Value<'a>> {
        self.of?.get(key)
    }

    /// Reads all members of an object.
    pub(super) fn read(document: Value<'a>) -> Self {
        let mut members = document.members();
        let (mut event, _) = Self::read_some(document, &mut members);
        event.read_on(&mut members);
        event
    }

    /// Reads members up to the last one that the event itself is known by, and returns where that
    /// starts. Behind it are payloads, which are large, and what a caller may have added, for which
    /// [`Event::read_on`] is there.
    ///
    /// AWS writes the events of HTTP in a fixed order with the payload last. Whoever reads `Records`
    /// knows where they end.
    pub(super) fn read_some(
        document: Value<'a>,
        members: &mut Members<'a>,
    ) -> (Self, Option<usize>) {
        let mut event = Self {
            of: Some(document),
            ..Self::default()
        };
        let mut buffer = NameBuffer::default();
        for (key, value) in members {
            let name = key.name(&mut buffer);
            event.set(name, value);
            if event.is_known(name) {
                return (event, Some(value.start()));
            }
        }
        (event, None)
    }

    /// Reads what members are left.
    pub(super) fn read_on(&mut self, members: &mut Members<'a>) {
        let mut buffer = NameBuffer::default();
        for (key, value) in members {
            self.set(key.name(&mut buffer), value);
        }
    }

    /// Whether there is none of the members that are there for context alone.
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

    fn is_known(&self, last: &[u8]) -> bool {
        match last {
            b"Records" => true,
            b"requestContext" | b"headers" | b"multiValueHeaders" => {
                let headers = self.headers().is_some() || self.multi_value_headers().is_some();
                let v2 = self.raw_path().is_some() && self.route_key().is_some();
                // An ALB event starts with its context, a REST event ends with it.
                let v1 = self.path().is_some() && self.http_method().is_some();
                let ends = self.resource().is_none() || last == b"requestContext";
                self.request_context().is_some() && headers && (v2 || v1 && ends)
            }
            _ => false,
        }
    }

    /// Which source writes events with these members.
    pub(super) fn origin(&self, context: &RequestContext<'_>) -> Source {
        let has = |member: Option<Value<'_>>| member.is_some();
        let is = |member: Option<Value<'_>>, text: &str| {
            member
                .and_then(|value| value.text())
                .is_some_and(|value| value.is(text))
        };

        if has(self.method_arn()) || has(self.route_arn()) {
            return Source::ApiGatewayAuthorizer;
        }
        if let Some(source) = self.proxy_source(context) {
            return source;
        }
        if has(self.detail_type()) && has(self.source()) {
            let scheduled = is(self.detail_type(), "Scheduled Event")
                && (is(self.source(), "aws.events") || is(self.source(), "aws.scheduler"));
            return if scheduled {
                Source::Scheduled
            } else {
                Source::EventBridge
            };
        }
        if let Some(from) = self.event_source().and_then(|value| value.text()) {
            let known = [
                ("aws:kafka", Source::Kafka),
                ("SelfManagedKafka", Source::Kafka),
                ("aws:mq", Source::ActiveMq),
                ("aws:amq", Source::ActiveMq),
                ("aws:rmq", Source::RabbitMq),
                ("aws:docdb", Source::DocumentDb),
            ];
            if let Some((_, source)) = known.iter().find(|(name, _)| from.is(name)) {
                return *source;
            }
        }
        if has(self.execution()) && (has(self.state()) || has(self.state_machine()))
            || self.payload().is_some_and(is_step)
            || self.datadog().is_some_and(is_step)
        {
            return Source::StepFunctions;
        }
        self.rare_source()
    }

    /// Services that send a `requestContext`.
    fn proxy_source(&self, context: &RequestContext<'_>) -> Option<Source> {
        self.request_context()?;
        if self.request_payload().is_some() {
            Some(Source::LambdaDestination)
        } else if context.elb().is_some() {
            Some(Source::Alb)
        } else if context
            .message_direction()
            .or(context.connection_id())
            .is_some()
        {
            Some(Source::WebSocket)
        } else if context.service_network_arn().is_some() {
            Some(Source::VpcLattice)
        } else if self.raw_path().is_some() || context.http().is_some() {
            let domain = text_of(context.domain_name());
            let is_url = domain.is_some_and(|domain| URL_DOMAIN.find(domain.raw()).is_some());
            Some(if is_url {
                Source::FunctionUrl
            } else {
                Source::ApiGatewayV2
            })
        } else if self.http_method().is_some() {
            Some(Source::ApiGatewayV1)
        } else {
            None
        }
    }

    /// Services told by one or two members nobody else has.
    fn rare_source(&self) -> Source {
        let known: [(&[Option<Value<'_>>], Source); 26] = [
            (&[self.raw_path_v1(), self.method()], Source::VpcLattice),
            (&[self.info(), self.request()], Source::AppSync),
            (&[self.get_object_context()], Source::S3ObjectLambda),
            (&[self.user_request()], Source::S3ObjectLambda),
            (
                &[self.trigger_source(), self.user_pool_id()],
                Source::Cognito,
            ),
            (
                &[self.dataset_records(), self.identity_pool_id()],
                Source::Cognito,
            ),
            (
                &[self.delivery_stream_arn(), self.records_by_topic()],
                Source::Firehose,
            ),
            (&[self.awslogs()], Source::CloudWatchLogs),
            (
                &[self.alarm_arn(), self.alarm_data()],
                Source::CloudWatchAlarm,
            ),
            (
                &[
                    self.stack_id(),
                    self.logical_resource_id(),
                    self.request_type(),
                ],
                Source::CloudFormation,
            ),
            (&[self.code_pipeline_job()], Source::CodePipeline),
            (&[self.config_rule_name()], Source::Config),
            (&[self.contact_details()], Source::Connect),
            (&[self.bot(), self.session_state()], Source::Lex),
            (&[self.bot()], Source::Lex),
            (&[self.agent(), self.action_group()], Source::BedrockAgent),
            (
                &[self.secret_id(), self.client_request_token()],
                Source::SecretsManager,
            ),
            (&[self.device_event()], Source::IotButton),
            (
                &[self.serial_number(), self.click_type()],
                Source::IotButton,
            ),
            (&[self.protocol_data()], Source::Iot),
            (
                &[self.connection_id(), self.endpoint_id()],
                Source::ClientVpn,
            ),
            (
                &[self.invocation_schema(), self.task_token()],
                Source::S3Batch,
            ),
            (&[self.rmq_messages()], Source::RabbitMq),
            (&[self.http_method(), self.resource()], Source::ApiGatewayV1),
            (&[self.raw_path(), self.route_key()], Source::ApiGatewayV2),
            (&[self.authorization_token()], Source::ApiGatewayAuthorizer),
        ];
        let found = known
            .iter()
            .find(|(members, _)| members.iter().all(Option::is_some));
        found.map_or(Source::Unknown, |(_, source)| *source)
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
            // What is behind these two is of interest only where they are missing.
            let is_http = context.http().is_some() && context.domain_name().is_some();
            if is_http && event.route_key().is_some() {
                break;
            }
        }
        context
    }
}

impl<'a> RecordMembers<'a> {
    /// Reads the members of one record, all of them: their order differs between services.
    pub(super) fn read(record: Value<'a>) -> Self {
        Self::read_until(record, |_| false)
    }

    /// Reads the members of one more record from the same source, up to where nothing of interest
    /// can follow.
    pub(super) fn read_next(record: Value<'a>, source: Source) -> Self {
        Self::read_until(record, |seen| {
            let wanted: &[Place] = match source {
                Source::Sqs if seen.message_attributes.is_none() => return false,
                Source::Sqs => &[seen.attributes, seen.body, seen.message_id],
                Source::Sns => &[seen.sns],
                Source::Kinesis => &[seen.event_id, seen.data],
                Source::DynamoDb => &[seen.dynamodb, seen.event_id, seen.event_name],
                _ => return false,
            };
            !wanted.iter().any(|place| place.is_nowhere())
        })
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
            // What is looked into anyway is gone over once.
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

    /// Looks for data and number of a Kinesis record. Returns where the object ends.
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

    /// Looks for the number of a change. Returns where the object ends.
    #[inline(never)]
    fn read_dynamodb(&mut self, object: Value<'a>) -> Option<usize> {
        let mut members = object.members();
        let (_, number) = members.find(|(key, _)| key.is("SequenceNumber"))?;
        self.number_at = Place::of(&number);
        members.end()
    }

    /// Where the names of the record are, and what they are beside.
    pub(super) fn message_id_at(&self) -> Place {
        self.message_id
    }

    pub(super) fn event_id_at(&self) -> Place {
        self.event_id
    }

    pub(super) fn document(&self) -> Option<&Value<'a>> {
        self.of.as_ref()
    }

    /// How many records as long as this one there can be from here to the end of the document.
    pub(super) fn and_alike(&self) -> usize {
        let length = |record: Value<'_>| self.end?.checked_sub(record.start());
        self.of.map_or(0, |record| match length(record) {
            Some(length) if length > 0 => record.rest() / length,
            _ => 0,
        })
    }

    /// The service the record comes from.
    pub(super) fn origin(&self) -> Source {
        if self.cf().is_some() {
            return Source::CloudFront;
        }
        let name = self
            .event_source()
            .or(self.event_source_sns())
            .and_then(|value| value.text());
        let known = [
            ("aws:sqs", Source::Sqs),
            ("aws:sns", Source::Sns),
            ("aws:kinesis", Source::Kinesis),
            ("aws:dynamodb", Source::DynamoDb),
            ("aws:s3", Source::S3),
            ("aws:ses", Source::Ses),
            ("aws:codecommit", Source::CodeCommit),
        ];
        let found = known
            .iter()
            .find(|(text, _)| name.is_some_and(|name| name.is(text)));
        found.map_or(Source::Unknown, |(_, source)| *source)
    }
}

/// Whether a value is the context object of a state machine.
fn is_step(value: Value<'_>) -> bool {
    let [execution, state] = value.get_all(["Execution", "State"]);
    execution.is_some() && state.is_some()
}
