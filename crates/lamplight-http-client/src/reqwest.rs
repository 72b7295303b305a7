//! Requests of `reqwest`.

use std::{
    borrow::Cow,
    future::Future,
    sync::{Arc, LazyLock},
};

use http::{HeaderMap, Method, StatusCode, Uri, Version};
use reqwest::{Error, Request, RequestBuilder, Response};
use tower_service::Service as _;

use crate::{
    HttpClientLayer, HttpRequest, HttpResponse, ResendCount, UrlTemplate, extensions::Hints,
    message::sealed, service::send, settings::Settings,
};

/// The layer of requests that have none of their own, made of the environment for the first of them.
static DEFAULT: LazyLock<HttpClientLayer> = LazyLock::new(HttpClientLayer::new);

/// Adds [`lamplight`](Self::lamplight) to `reqwest`'s builder of requests.
pub trait LamplightExt {
    /// Returns the request as one that is sent in a client span and carries its context.
    ///
    /// ```no_run
    /// use lamplight_http_client::LamplightExt;
    ///
    /// # async fn get(client: reqwest::Client) -> Result<(), reqwest::Error> {
    /// let response = client.get("https://shop.example/orders/42").lamplight().send().await?;
    /// # Ok(())
    /// # }
    /// ```
    fn lamplight(self) -> InstrumentedRequest;
}

impl LamplightExt for RequestBuilder {
    fn lamplight(self) -> InstrumentedRequest {
        InstrumentedRequest {
            builder: self,
            hints: Hints::default(),
            settings: None,
        }
    }
}

/// A request of `reqwest` that is sent in a client span and carries its context. Made by
/// [`LamplightExt::lamplight`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct InstrumentedRequest {
    builder: RequestBuilder,
    hints: Hints,
    settings: Option<Arc<Settings>>,
}

impl InstrumentedRequest {
    /// Sets the layer whose settings hold. Default: those of the environment, as they were when the first
    /// request was made.
    pub fn with_layer(mut self, layer: &HttpClientLayer) -> Self {
        self.settings = Some(layer.settings().clone());
        self
    }

    /// Sets the path with placeholders, such as `/orders/{id}`, which becomes part of the span's name.
    /// Default: none.
    pub fn with_url_template(mut self, template: impl Into<Cow<'static, str>>) -> Self {
        self.hints.template = Some(UrlTemplate::new(template));
        self
    }

    /// Counts this request among those that are sent with the same count. Default: it is the first.
    ///
    /// ```no_run
    /// use lamplight_http_client::{LamplightExt, ResendCount};
    ///
    /// # async fn get(client: reqwest::Client) -> Result<reqwest::Response, reqwest::Error> {
    /// let count = ResendCount::new();
    /// loop {
    ///     let request = client.get("https://shop.example/orders/42").lamplight();
    ///     match request.with_resend_count(&count).send().await {
    ///         Err(error) if error.is_connect() => continue,
    ///         result => return result,
    ///     }
    /// }
    /// # }
    /// ```
    pub fn with_resend_count(mut self, count: &ResendCount) -> Self {
        self.hints.resends = Some(count.clone());
        self
    }

    /// Sends the request. The span begins here, below the span that is current here, and ends when the
    /// head of the response is there.
    ///
    /// # Errors
    ///
    /// Those of `reqwest`. A request that cannot be built has no span, since nothing is sent.
    pub fn send(self) -> impl Future<Output = Result<Response, Error>> + Send + use<> {
        let (client, request) = self.builder.build_split();
        let settings = self.settings.unwrap_or_else(|| DEFAULT.settings().clone());
        let sent = request.map(|request| {
            send(&settings, request, self.hints, |request| {
                (&client).call(request)
            })
        });
        async move { sent?.await }
    }
}

impl HttpRequest for Request {}

impl HttpResponse for Response {}

impl sealed::Request for Request {
    fn method(&self) -> &Method {
        self.method()
    }

    fn uri(&self) -> Cow<'_, Uri> {
        // `reqwest` makes the same of it, and fails where it is none.
        Cow::Owned(self.url().as_str().parse().unwrap_or_default())
    }

    fn headers(&self) -> &HeaderMap {
        self.headers()
    }

    fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }

    #[allow(private_interfaces, reason = "nothing outside this crate can call it")]
    fn hints(&self) -> Hints {
        Hints::default()
    }
}

impl sealed::Response for Response {
    fn status(&self) -> StatusCode {
        self.status()
    }

    fn version(&self) -> Version {
        self.version()
    }

    fn headers(&self) -> &HeaderMap {
        self.headers()
    }
}
