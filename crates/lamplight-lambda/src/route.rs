//! The route of an HTTP request, from the router in the function.

use std::task::{Context, Poll};

use axum::extract::MatchedPath;
use http::Request;
use lamplight_semconv as semconv;
use tower_layer::Layer;
use tower_service::Service;

use crate::current::Invocation;

/// A layer that names the invocation's span after the route that `axum` matched: `GET /orders/{id}`.
///
/// API Gateway knows a route only if it is configured there. With one route for everything (`$default`,
/// `{proxy+}`), a function URL or a load balancer, only the router in the function does. Add the layer with
/// `Router::layer`, after the routes. A request without a matching route keeps its name, because its path
/// could be anything. In the name, an unknown method (see [`EventExtractor::with_known_methods`]) is `HTTP`.
///
/// The route is that of the router. It includes neither the stage nor the base path of an API, which depend
/// on the deployment: all stages have the same routes.
///
/// [`EventExtractor::with_known_methods`]: lamplight_propagation::inbound::EventExtractor::with_known_methods
///
/// ```
/// use axum::{Router, routing::get};
/// use lamplight_lambda::RouteLayer;
///
/// let router: Router = Router::new()
///     .route("/orders/{id}", get(async || "an order"))
///     .layer(RouteLayer::new());
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct RouteLayer {
    _private: (),
}

impl RouteLayer {
    /// Returns the layer.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<S> Layer<S> for RouteLayer {
    type Service = RouteService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RouteService { inner }
    }
}

/// The service of a [`RouteLayer`].
#[derive(Debug, Clone)]
pub struct RouteService<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for RouteService<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        if let Some(path) = request.extensions().get::<MatchedPath>() {
            let route = path.as_str().to_owned();
            let invocation = Invocation::of_context();
            let method = invocation.method_in_name(request.method().as_str());
            if let Some(span) = invocation.span() {
                span.update_name([method, " ", &route].concat());
                span.set_attribute(semconv::http::route(route));
            }
        }
        self.inner.call(request)
    }
}
