//! Requests over HTTP.

mod shapes;

use std::time::Duration;

use serde::Serialize;

use super::stamp::Stamp;

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
}
