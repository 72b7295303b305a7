//! Functions: `faas/aws-lambda.md`, `faas/faas-spans.md`.

use aws_lambda_events::dynamodb::{Event as DynamoDbEvent, EventRecord};
use lambda_runtime::{Error, LambdaEvent};
use lamplight_lambda::records;
use lamplight_propagation::{
    Propagators,
    inbound::{EventExtractor, RawInvocation},
};
use opentelemetry::trace::{SpanKind, TraceContextExt};
use serde_json::{Value as Json, json};
use tower::service_fn;

use crate::conformance::{
    function::Function,
    recorded::{invocation, told},
    statement::statements,
};

const CALLER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const XRAY: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

fn request() -> Json {
    json!({
        "resource": "/orders/{id}", "path": "/orders/7", "httpMethod": "GET",
        "headers": {"X-Forwarded-Proto": "https", "Host": "api.example.com"},
        "requestContext": {"resourcePath": "/orders/{id}", "httpMethod": "GET", "apiId": "a1"},
    })
}

fn object(name: &str, key: &str) -> Json {
    json!({
        "eventSource": "aws:s3", "eventTime": "2026-03-10T05:16:23.000Z", "eventName": name,
        "responseElements": {"x-amz-request-id": "R1"},
        "s3": {"bucket": {"name": "pictures"}, "object": {"key": key}},
    })
}

fn s3(name: &str, key: &str) -> Json {
    json!({"Records": [object(name, key)]})
}

fn change() -> Json {
    json!({
        "eventID": "7de3", "eventName": "INSERT", "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1", "eventVersion": "1.1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1773119783, "Keys": {"id": {"S": "1"}},
            "NewImage": {"id": {"S": "1"}}, "SequenceNumber": "111", "SizeBytes": 26,
            "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:1:table/pets/stream/2026",
    })
}

fn document_db(operation: &str) -> Json {
    json!({"event": {"ns": {"db": "shop", "coll": "pets"}, "operationType": operation}})
}

/// Returns the parent in these formats, for an event with both a `traceparent` and the runtime's header, or
/// with the latter only.
fn parent(formats: &str, with_traceparent: bool) -> String {
    let headers = match with_traceparent {
        true => json!({"traceparent": CALLER}),
        false => json!({}),
    };
    let mut event = request();
    event["headers"] = headers;
    let body = event.to_string();
    let invocation = RawInvocation::new(body.as_bytes(), "orders").with_xray_trace_id(Some(XRAY));
    let (propagators, _) = Propagators::parse(formats);
    let incoming = EventExtractor::new()
        .with_propagators(propagators)
        .extract(&invocation);
    let span = incoming.parent.span().span_context().clone();
    match span.is_valid() {
        true => span.span_id().to_string(),
        false => "none".to_owned(),
    }
}

statements! {
    "faas/aws-lambda.md, Configuring the span" {
        held server_span("MUST be of kind `SERVER`, unless the type of event requires another") {
            assert_eq!(invocation(json!({})).await.span_kind, SpanKind::Server);
        }
        held named_after_the_function("MUST be named like the function, unless the type of event requires another name") {
            assert_eq!(invocation(json!({})).await.name, "orders");
        }
        held invocation_id("`faas.invocation_id` is the request id") {
            let span = invocation(json!({})).await;
            assert_eq!(told(&span, "faas.invocation_id"), "request-1");
        }
        held account("`cloud.account.id` is the fifth item of the invoked ARN") {
            assert_eq!(told(&invocation(json!({})).await, "cloud.account.id"), "123456789012");
        }
        held invoked_arn("`aws.lambda.invoked_arn` is the ARN from the runtime") {
            assert_eq!(told(&invocation(json!({})).await, "aws.lambda.invoked_arn"), crate::conformance::function::ARN);
        }
        elsewhere the_resource_id_names_the_version_that_runs(
            "`cloud.resource_id` has the version in place of an alias, and is not an attribute of the resource";
            "crates/lamplight-lambda/src/start/function.rs"
        ) {}
    }
    "faas/aws-lambda.md, Determining the parent of a span" {
        held xray_lambda_yields("the context of `xray-lambda` is used if no other propagator found one, provided it is first in the list") {
            assert_eq!(parent("xray-lambda,tracecontext", true), "b7ad6b7169203331");
            assert_eq!(parent("xray-lambda,tracecontext", false), "53995c3f42cd8ad8");
        }
        held xray_first("users MUST be able to give the context of active tracing priority") {
            assert_eq!(parent("tracecontext,xray-lambda", true), "53995c3f42cd8ad8");
        }
        held xray_alone("`xray` reads the carrier and not the runtime's header") {
            assert_eq!(parent("tracecontext,baggage,xray", false), "none");
        }
    }
    "faas/aws-lambda.md, API Gateway" {
        deviates api_gateway_name("SHOULD be named like the event's `resource`";
            does "`{method} {route}`";
            because "`http/http-spans.md`, which is stable, specifies it, and the name is then like that of every other HTTP server";
            setting "none"
        ) {
            assert_eq!(invocation(request()).await.name, "GET /orders/{id}");
        }
        held api_gateway_route("`http.route` is the `resource`") {
            assert_eq!(told(&invocation(request()).await, "http.route"), "/orders/{id}");
        }
        held api_gateway_trigger("`faas.trigger` MUST be `http`") {
            assert_eq!(told(&invocation(request()).await, "faas.trigger"), "http");
        }
        held api_gateway_scheme("`url.scheme` is the value of `x-forwarded-proto`") {
            let mut event = request();
            event["headers"]["X-Forwarded-Proto"] = json!("http");
            assert_eq!(told(&invocation(event).await, "url.scheme"), "http");
        }
    }
    "faas/faas-spans.md, General attributes" {
        held trigger("`faas.trigger` is Required, of the well-known values") {
            for (event, trigger) in [
                (request(), "http"),
                (s3("ObjectCreated:Put", "a"), "datasource"),
                (json!({"source": "aws.events", "detail-type": "Scheduled Event", "time": "2026-03-10T05:16:00Z", "id": "1", "detail": {}}), "timer"),
                (json!({"detail-type": "OrderPlaced", "source": "shop", "id": "1", "detail": {}}), "pubsub"),
                (json!({}), "other"),
            ] {
                assert_eq!(told(&invocation(event).await, "faas.trigger"), trigger);
            }
        }
        elsewhere the_first_invocation_is_cold_and_knows_how_long_it_took(
            "`faas.coldstart` is `true` when the function is executed for the first time";
            "crates/lamplight-lambda/src/start/startup.rs"
        ) {}
        deviates cold_start_in_advance("`faas.coldstart` is `true` when the function is executed for the first time, and only then";
            does "`false` in environments that were started in advance, by provisioned concurrency or proactively";
            because "no caller waited, which is the information that users need; other languages do the same";
            setting "none"
        ) {
            crate::conformance::statement::is_there(
                "crates/lamplight-lambda/src/start/startup.rs",
                "an_environment_made_in_advance_is_never_cold",
            );
        }
    }
    "faas/faas-spans.md, Datasource" {
        held document_collection("`faas.document.collection` is Required: the bucket, the table, or for databases like Cosmos DB the database") {
            assert_eq!(told(&invocation(s3("ObjectCreated:Put", "a")).await, "faas.document.collection"), "pictures");
            assert_eq!(told(&invocation(json!({"Records": [change()]})).await, "faas.document.collection"), "pets");
            let event = json!({"eventSource": "aws:docdb", "events": [document_db("update")]});
            let span = invocation(event).await;
            assert_eq!(told(&span, "faas.document.collection"), "shop");
            assert_eq!(told(&span, "faas.document.name"), "pets");
        }
        held document_operation("`faas.document.operation` is Required: insert, edit or delete") {
            for (name, operation) in [("ObjectCreated:Put", "insert"), ("ObjectRemoved:Delete", "delete"), ("ObjectTagging:Put", "edit")] {
                assert_eq!(told(&invocation(s3(name, "a")).await, "faas.document.operation"), operation);
            }
        }
        deviates document_mixed("`faas.document.collection` and `faas.document.operation` are Required";
            does "omitted for a batch whose records do not share them";
            because "the value of the first record would be wrong for the others; records have their own spans";
            setting "none"
        ) {
            let event = json!({"eventSource": "aws:docdb", "events": [document_db("insert"), document_db("delete")]});
            let span = invocation(event).await;
            assert_eq!(told(&span, "faas.document.operation"), "none");
            assert_eq!(told(&span, "faas.document.collection"), "shop");
        }
        held document_time("`faas.document.time` is ISO 8601 in UTC") {
            assert_eq!(told(&invocation(s3("ObjectCreated:Put", "a")).await, "faas.document.time"), "2026-03-10T05:16:23.000Z");
        }
        held document_name("`faas.document.name` is the name of the file, as in calls to S3") {
            let span = invocation(s3("ObjectCreated:Put", "my+file%281%29%C3%A9.pdf")).await;
            assert_eq!(told(&span, "faas.document.name"), "my file(1)é.pdf");
            assert_eq!(told(&span, "aws.s3.key"), "my file(1)é.pdf");
            // A key that cannot be decoded is recorded as it is.
            assert_eq!(told(&invocation(s3("ObjectCreated:Put", "a+%FF")).await, "aws.s3.key"), "a+%FF");
        }
        held uploaders_request("`aws.request_id` is that of the span's own request, and not of the uploader's") {
            let span = invocation(s3("ObjectCreated:Put", "a")).await;
            assert_eq!(told(&span, "aws.request_id"), "none");
            assert_eq!(told(&span, "lamplight.aws.s3.request_id"), "R1");
        }
        held changes("the span of a change is not a messaging span: `faas.trigger` is `datasource`, without `messaging.*`") {
            let function = Function::new();
            let handler = service_fn(async |event: LambdaEvent<DynamoDbEvent>| {
                let handle = async |_: EventRecord| Ok::<(), String>(());
                Ok::<_, Error>(records::dynamodb(event.payload, handle).await)
            });
            function.invoke(&json!({"Records": [change()]}), handler).await.unwrap();
            let spans = function.spans();
            let record = spans.iter().find(|span| span.span_kind == SpanKind::Consumer).unwrap();
            assert_eq!(told(record, "faas.trigger"), "datasource");
            assert_eq!(told(record, "faas.document.collection"), "pets");
            assert!(record.attributes.iter().all(|it| !it.key.as_str().starts_with("messaging.")));
        }
    }
    "faas/faas-spans.md, Timer" {
        held timer("`faas.trigger` is `timer`, `faas.time` ISO 8601 in UTC") {
            let span = invocation(json!({
                "source": "aws.events", "detail-type": "Scheduled Event", "id": "1",
                "time": "2026-03-10T05:16:00Z", "detail": {},
            })).await;
            assert_eq!(told(&span, "faas.time"), "2026-03-10T05:16:00Z");
        }
    }
    "faas/faas-spans.md, HTTP" {
        held http_only_with_a_request("an `http` trigger MUST follow the HTTP conventions: an event without a method is `other`") {
            for event in [
                json!({"type": "TOKEN", "authorizationToken": "t", "methodArn": "arn:aws:execute-api:eu-west-1:1:a/prod/GET/x"}),
                json!({"requestContext": {"connectionId": "c=", "messageDirection": "IN", "eventType": "MESSAGE", "routeKey": "$default", "domainName": "d", "stage": "s"}, "body": "{}"}),
                json!({"info": {"fieldName": "order", "parentTypeName": "Query"}, "arguments": {}, "request": {"headers": {}}}),
                json!({"getObjectContext": {"inputS3Url": "https://x"}, "userRequest": {"url": "https://x/a", "headers": {}}, "configuration": {}}),
            ] {
                let span = invocation(event.clone()).await;
                assert_eq!(told(&span, "faas.trigger"), "other", "{event}");
            }
        }
    }
    "faas/faas-spans.md, PubSub" {
        held pubsub_only_with_messages("a `pubsub` trigger MUST follow the messaging conventions: an event without a system is `other`") {
            for event in [
                json!({"awslogs": {"data": "H4sI"}}),
                json!({"Records": [{"eventSource": "aws:ses", "eventVersion": "1.0", "ses": {"mail": {}, "receipt": {}}}]}),
                json!({"version": "1.0", "requestContext": {"requestId": "1", "functionArn": "f", "condition": "Success"}, "requestPayload": {}, "responseContext": {}, "responsePayload": {}}),
            ] {
                let span = invocation(event.clone()).await;
                assert_eq!(told(&span, "faas.trigger"), "other", "{event}");
            }
        }
        deviates pubsub_root("a different root span for each message";
            does "one `SERVER` span for the invocation, and a `CONSUMER` span for each record where `records` are used";
            because "`faas/aws-lambda.md` specifies it for SQS batches";
            setting "none"
        ) {
            let span = invocation(json!({"detail-type": "OrderPlaced", "source": "shop", "id": "1", "detail": {}})).await;
            assert_eq!(span.span_kind, SpanKind::Server);
        }
    }
}
