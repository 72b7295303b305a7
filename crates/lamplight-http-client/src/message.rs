//! The types of requests and responses that the layer works with.

use http::{Request, Response};

/// A request that [`HttpClientLayer`](crate::HttpClientLayer) can describe: `http::Request`, and
/// `reqwest::Request` with the feature `reqwest`. No other type implements it.
pub trait HttpRequest: sealed::Request {}

/// A response that [`HttpClientLayer`](crate::HttpClientLayer) can describe: `http::Response`, and
/// `reqwest::Response` with the feature `reqwest`. No other type implements it.
pub trait HttpResponse: sealed::Response {}

impl<B> HttpRequest for Request<B> {}

impl<B> HttpResponse for Response<B> {}

pub(crate) mod sealed {
    use std::borrow::Cow;

    use http::{HeaderMap, Method, StatusCode, Uri, Version};

    use crate::extensions::Hints;

    pub trait Request {
        fn method(&self) -> &Method;

        fn uri(&self) -> Cow<'_, Uri>;

        fn headers(&self) -> &HeaderMap;

        fn headers_mut(&mut self) -> &mut HeaderMap;

        #[allow(private_interfaces, reason = "nothing outside this crate can call it")]
        fn hints(&self) -> Hints;
    }

    impl<B> Request for http::Request<B> {
        fn method(&self) -> &Method {
            self.method()
        }

        fn uri(&self) -> Cow<'_, Uri> {
            Cow::Borrowed(self.uri())
        }

        fn headers(&self) -> &HeaderMap {
            self.headers()
        }

        fn headers_mut(&mut self) -> &mut HeaderMap {
            self.headers_mut()
        }

        #[allow(private_interfaces, reason = "nothing outside this crate can call it")]
        fn hints(&self) -> Hints {
            Hints::of(self.extensions())
        }
    }

    pub trait Response {
        fn status(&self) -> StatusCode;

        fn version(&self) -> Version;

        fn headers(&self) -> &HeaderMap;
    }

    impl<B> Response for http::Response<B> {
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
}
