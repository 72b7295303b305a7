//! Requests over HTTP.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{ACCOUNT, REGION, stamp::Stamp};

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The client of every request.
const CLIENT: &str = "192.0.2.10";

const USER_AGENT: &str = "curl/8.9.1";

/// A request over HTTP, by whatever leads to a function.
///
/// ```
/// use lamplight_testing::events;
/// use serde_json::json;
///
/// let request = events::api_gateway_v2()
///     .post("/orders/7")
///     .with_route("/orders/{id}")
///     .with_query("verbose", "1")
///     .json(&json!({"product": "tea"}));
/// assert_eq!(request.to_json()["rawQueryString"], "verbose=1");
/// ```
#[derive(Debug, Clone)]
#[must_use = "it is given to `Lambda::invoke`"]
pub struct HttpEvent {
    door: Door,
    method: String,
    path: String,
    route: Option<String>,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    cookies: Vec<String>,
    body: Option<Body>,
    received: Stamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    ApiGatewayV1,
    ApiGatewayV2,
    Alb,
    FunctionUrl,
    VpcLattice,
    AppSync,
}

#[derive(Debug, Clone)]
enum Body {
    Text(String),
    Bytes(Vec<u8>),
}

/// Returns a request to an HTTP API of API Gateway, payload format 2.0.
pub fn api_gateway_v2() -> HttpEvent {
    HttpEvent::new(Door::ApiGatewayV2)
}

/// Returns a request to a REST API of API Gateway, payload format 1.0.
pub fn api_gateway_v1() -> HttpEvent {
    HttpEvent::new(Door::ApiGatewayV1)
}

/// Returns a request to an application load balancer.
pub fn alb() -> HttpEvent {
    HttpEvent::new(Door::Alb)
}

/// Returns a request to a function URL.
pub fn function_url() -> HttpEvent {
    HttpEvent::new(Door::FunctionUrl)
}

/// Returns a request through VPC Lattice, version 2.0.
pub fn vpc_lattice() -> HttpEvent {
    HttpEvent::new(Door::VpcLattice)
}

/// Returns a query that AppSync resolves with a function. Its path is the name of the field, its body the
/// arguments.
pub fn appsync() -> HttpEvent {
    HttpEvent::new(Door::AppSync)
}

impl HttpEvent {
    fn new(door: Door) -> Self {
        Self {
            door,
            method: "GET".to_owned(),
            path: "/".to_owned(),
            route: None,
            query: Vec::new(),
            headers: Vec::new(),
            cookies: Vec::new(),
            body: None,
            received: Stamp::now(),
        }
    }

    /// Sets method and path. Default: `GET /`.
    pub fn request(mut self, method: impl Into<String>, path: impl Into<String>) -> Self {
        self.method = method.into();
        self.path = path.into();
        self
    }

    /// Makes it a `GET` of this path.
    pub fn get(self, path: impl Into<String>) -> Self {
        self.request("GET", path)
    }

    /// Makes it a `POST` to this path.
    pub fn post(self, path: impl Into<String>) -> Self {
        self.request("POST", path)
    }

    /// Makes it a `PUT` to this path.
    pub fn put(self, path: impl Into<String>) -> Self {
        self.request("PUT", path)
    }

    /// Makes it a `PATCH` of this path.
    pub fn patch(self, path: impl Into<String>) -> Self {
        self.request("PATCH", path)
    }

    /// Makes it a `DELETE` of this path.
    pub fn delete(self, path: impl Into<String>) -> Self {
        self.request("DELETE", path)
    }

    /// Sets the route of API Gateway, such as `/orders/{id}`; path parameters follow from it. Default: the
    /// path.
    pub fn with_route(mut self, route: impl Into<String>) -> Self {
        self.route = Some(route.into());
        self
    }

    /// Adds a parameter of the query, not encoded yet.
    pub fn with_query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Adds a header.
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a cookie, such as `session=1`.
    pub fn with_cookie(mut self, cookie: impl Into<String>) -> Self {
        self.cookies.push(cookie.into());
        self
    }

    /// Sets the header `traceparent`.
    pub fn with_trace(self, traceparent: impl Into<String>) -> Self {
        self.with_header("traceparent", traceparent)
    }

    /// Sets a body of text. Default: none.
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(Body::Text(body.into()));
        self
    }

    /// Sets a body of bytes, which is sent in Base64.
    pub fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(Body::Bytes(body.into()));
        self
    }

    /// Sets a body of JSON, and its content type.
    ///
    /// # Panics
    ///
    /// If the value cannot be JSON.
    #[track_caller]
    pub fn json(self, body: &impl Serialize) -> Self {
        let body = super::json(body).to_string();
        self.with_header("content-type", "application/json")
            .body(body)
    }

    /// Sets how long ago the request was received. Default: now.
    pub fn sent_ago(mut self, age: Duration) -> Self {
        self.received = Stamp::ago(age);
        self
    }

    pub(super) fn value(&self) -> Value {
        match self.door {
            Door::ApiGatewayV1 => self.v1(),
            Door::ApiGatewayV2 | Door::FunctionUrl => self.v2(),
            Door::Alb => self.alb(),
            Door::VpcLattice => self.vpc_lattice(),
            Door::AppSync => self.appsync(),
        }
    }

    fn host(&self) -> &'static str {
        match self.door {
            Door::FunctionUrl => "abcdefghij.lambda-url.us-east-1.on.aws",
            Door::Alb => "shop-1234567890.us-east-1.elb.amazonaws.com",
            Door::VpcLattice => "shop.7d67968.vpc-lattice-svcs.us-east-1.on.aws",
            Door::AppSync => "abcdefghij.appsync-api.us-east-1.amazonaws.com",
            Door::ApiGatewayV1 | Door::ApiGatewayV2 => {
                "abcdefghij.execute-api.us-east-1.amazonaws.com"
            }
        }
    }

    /// Returns all headers, each name once with all its values, in the order of their names.
    fn all_headers(&self) -> Vec<(String, Vec<String>)> {
        let own = [
            ("accept", "*/*"),
            ("host", self.host()),
            ("user-agent", USER_AGENT),
            ("x-forwarded-for", CLIENT),
            ("x-forwarded-port", "443"),
            ("x-forwarded-proto", "https"),
        ];
        let mut all: Vec<(String, Vec<String>)> = Vec::new();
        for (name, value) in &self.headers {
            let is_same = |(known, _): &&mut (String, _)| known.eq_ignore_ascii_case(name);
            match all.iter_mut().find(is_same) {
                Some((_, values)) => values.push(value.clone()),
                None => all.push((name.clone(), vec![value.clone()])),
            }
        }
        for (name, value) in own {
            // What the test sets takes its place.
            if !all
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(name))
            {
                all.push((name.to_owned(), vec![value.to_owned()]));
            }
        }
        let in_a_header = self.door != Door::ApiGatewayV2 && self.door != Door::FunctionUrl;
        if in_a_header && !self.cookies.is_empty() {
            all.push(("cookie".to_owned(), vec![self.cookies.join("; ")]));
        }
        all.sort();
        all
    }

    /// Returns the query, each name once with all its values.
    fn all_query(&self) -> Vec<(String, Vec<String>)> {
        let mut all: Vec<(String, Vec<String>)> = Vec::new();
        for (name, value) in &self.query {
            match all.iter_mut().find(|(known, _)| known == name) {
                Some((_, values)) => values.push(value.clone()),
                None => all.push((name.clone(), vec![value.clone()])),
            }
        }
        all
    }

    fn raw_query(&self) -> String {
        let pairs = self.query.iter();
        let pairs = pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// Returns the body as it is sent, and whether it is in Base64.
    fn sent_body(&self) -> (Option<String>, bool) {
        match &self.body {
            None => (None, false),
            Some(Body::Text(text)) => (Some(text.clone()), false),
            Some(Body::Bytes(bytes)) => (Some(BASE64_STANDARD.encode(bytes)), true),
        }
    }

    /// Returns what the route's names in braces stand for in the path.
    fn path_parameters(&self) -> Value {
        let route = self.route.as_deref().unwrap_or_default();
        let mut rest = self.path.split('/');
        let mut parameters = Map::new();
        for part in route.split('/') {
            let value = rest.next().unwrap_or_default();
            let Some(name) = part.strip_prefix('{').and_then(|it| it.strip_suffix('}')) else {
                continue;
            };
            match name.strip_suffix('+') {
                Some(name) => {
                    let all = std::iter::once(value).chain(rest.by_ref());
                    let all = all.collect::<Vec<_>>().join("/");
                    parameters.insert(name.to_owned(), all.into());
                }
                None => {
                    parameters.insert(name.to_owned(), value.into());
                }
            }
        }
        if parameters.is_empty() {
            return Value::Null;
        }
        Value::Object(parameters)
    }

    fn v2(&self) -> Value {
        let route = match self.door {
            Door::FunctionUrl => "$default".to_owned(),
            _ => format!(
                "{} {}",
                self.method,
                self.route.as_deref().unwrap_or(&self.path)
            ),
        };
        let host = self.host();
        let (id, _) = host.split_once('.').unwrap_or((host, ""));
        let (body, is_base64) = self.sent_body();
        let mut event = json!({
            "version": "2.0",
            "routeKey": route,
            "rawPath": self.path,
            "rawQueryString": self.raw_query(),
            "headers": joined(self.all_headers(), ","),
            "requestContext": {
                "accountId": match self.door {
                    Door::FunctionUrl => "anonymous",
                    _ => ACCOUNT,
                },
                "apiId": id,
                "domainName": host,
                "domainPrefix": id,
                "http": {
                    "method": self.method,
                    "path": self.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": CLIENT,
                    "userAgent": USER_AGENT,
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": route,
                "stage": "$default",
                "time": self.received.log(),
                "timeEpoch": self.received.millis(),
            },
            "isBase64Encoded": is_base64,
        });
        // These are left out where there is nothing to say.
        let query = self.all_query();
        let parameters = self.path_parameters();
        let optional = [
            (
                "queryStringParameters",
                (!query.is_empty()).then(|| joined(query, ",")),
            ),
            (
                "pathParameters",
                (!parameters.is_null()).then_some(parameters),
            ),
            (
                "cookies",
                (!self.cookies.is_empty()).then(|| json!(self.cookies)),
            ),
            ("body", body.map(Value::from)),
        ];
        if let Some(members) = event.as_object_mut() {
            let optional = optional.into_iter();
            members.extend(optional.filter_map(|(name, value)| Some((name.to_owned(), value?))));
        }
        event
    }

    fn v1(&self) -> Value {
        let resource = self.route.as_deref().unwrap_or(&self.path);
        let host = self.host();
        let (id, _) = host.split_once('.').unwrap_or((host, ""));
        let (body, is_base64) = self.sent_body();
        let query = self.all_query();
        json!({
            "resource": resource,
            "path": self.path,
            "httpMethod": self.method,
            "headers": last(&self.all_headers()),
            "multiValueHeaders": lists(self.all_headers()),
            "queryStringParameters": or_null(last(&query)),
            "multiValueQueryStringParameters": or_null(lists(query)),
            "pathParameters": self.path_parameters(),
            "stageVariables": null,
            "requestContext": {
                "resourceId": "0g9i6w",
                "resourcePath": resource,
                "httpMethod": self.method,
                "extendedRequestId": "JKJaXmPLvHcESHA=",
                "requestTime": self.received.log(),
                "path": format!("/prod{}", self.path),
                "accountId": ACCOUNT,
                "protocol": "HTTP/1.1",
                "stage": "prod",
                "domainPrefix": id,
                "requestTimeEpoch": self.received.millis(),
                "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
                "identity": {
                    "sourceIp": CLIENT,
                    "userAgent": USER_AGENT,
                },
                "domainName": host,
                "apiId": id,
            },
            "body": body,
            "isBase64Encoded": is_base64,
        })
    }

    fn alb(&self) -> Value {
        let (body, is_base64) = self.sent_body();
        // A load balancer does not decode what the client encoded.
        let query = self.query.iter();
        let query = query.map(|(name, value)| (encoded(name), json!(encoded(value))));
        json!({
            "requestContext": {
                "elb": {
                    "targetGroupArn": format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/shop/6d0ecf831eec9f09"),
                },
            },
            "httpMethod": self.method,
            "path": self.path,
            "queryStringParameters": query.collect::<Map<_, _>>(),
            "headers": last(&self.all_headers()),
            "body": body.unwrap_or_default(),
            "isBase64Encoded": is_base64,
        })
    }

    fn vpc_lattice(&self) -> Value {
        let (body, is_base64) = self.sent_body();
        let lattice = format!("arn:aws:vpc-lattice:{REGION}:{ACCOUNT}");
        json!({
            "version": "2.0",
            "path": self.path,
            "method": self.method,
            "headers": lists(self.all_headers()),
            "queryStringParameters": lists(self.all_query()),
            "body": body,
            "isBase64Encoded": is_base64,
            "requestContext": {
                "serviceNetworkArn": format!("{lattice}:servicenetwork/sn-0bf3f2882e9cc805a"),
                "serviceArn": format!("{lattice}:service/svc-0a40eebed65f8d69c"),
                "targetGroupArn": format!("{lattice}:targetgroup/tg-6d0ecf831eec9f09"),
                "identity": {"sourceVpcArn": format!("arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/vpc-0b8276c84697e7339")},
                "region": REGION,
                "timeEpoch": (self.received.millis() * 1_000).to_string(),
            },
        })
    }

    fn appsync(&self) -> Value {
        let arguments = match &self.body {
            Some(Body::Text(text)) => serde_json::from_str(text).unwrap_or_default(),
            _ => json!({}),
        };
        json!({
            "arguments": arguments,
            "identity": null,
            "source": null,
            "request": {
                "headers": joined(self.all_headers(), ","),
                "domainName": null,
            },
            "prev": null,
            "info": {
                "selectionSetList": ["id"],
                "selectionSetGraphQL": "{\n  id\n}",
                "fieldName": self.path.trim_start_matches('/'),
                "parentTypeName": "Query",
                "variables": {},
            },
            "stash": {},
        })
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

fn or_null(value: Value) -> Value {
    match value.as_object() {
        Some(members) if members.is_empty() => Value::Null,
        _ => value,
    }
}

/// Returns each name with its values in one text.
fn joined(pairs: Vec<(String, Vec<String>)>, separator: &str) -> Value {
    let pairs = pairs.into_iter();
    let pairs = pairs.map(|(name, values)| (name, json!(values.join(separator))));
    Value::Object(pairs.collect())
}

/// Returns each name with its last value.
fn last(pairs: &[(String, Vec<String>)]) -> Value {
    let pairs = pairs.iter();
    let pairs = pairs.map(|(name, values)| (name.clone(), json!(values.last())));
    Value::Object(pairs.collect())
}

/// Returns each name with the list of its values.
fn lists(pairs: Vec<(String, Vec<String>)>) -> Value {
    let pairs = pairs.into_iter();
    Value::Object(pairs.map(|(name, values)| (name, json!(values))).collect())
}
