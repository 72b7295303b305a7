//! A sink for OTLP over HTTP and gRPC, on the client of `lamplight-otlp`.

mod failure;
#[cfg(test)]
mod tests;
mod tls;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::Uri;
use lamplight_export::{Delivery, DeliveryFuture, OtlpEncoder, SpanSink};
use lamplight_internal::diagnostics::{hint_once, warn_once};
use lamplight_otlp::{
    PartialSuccess,
    client::{Answer, BuildError, Failure, OtlpClient, Protocol, Proxy, Tls, words},
};
use opentelemetry_sdk::{Resource, trace::SpanData};

use self::failure::Advice;
use crate::environment::{Endpoint, Environment, OtlpProtocol};

/// The maximum number of consecutive attempts for spans that are not accepted. An endpoint may be temporarily
/// unavailable, but spans that it never accepts must not block all others. The first attempts are made in the
/// next flush windows, the others after pauses that double, so that half a minute without the endpoint loses
/// nothing.
const ATTEMPTS: u32 = 9;

/// The number of attempts with all spans of a batch. Each further attempt has half as many spans, so that few
/// are given up in the end, and large batches that take too long get through.
const WHOLE_ATTEMPTS: u32 = 3;

/// The time spent on requests after which a delivery starts no further one.
const WINDOW: Duration = Duration::from_secs(1);

const AGENT: &str = concat!("Lamplight-OTLP-Exporter-Rust/", env!("CARGO_PKG_VERSION"));

/// Returns the sink that `OTEL_EXPORTER_OTLP_*` configure. Its connection is opened by the first delivery.
pub(crate) fn sink(environment: &Environment<'_>) -> Result<OtlpSink, String> {
    let protocol = environment.otlp_protocol();
    let (endpoint, uri) = address(environment, protocol)?;
    let proxy = environment.otlp_proxy(&endpoint);
    // Faults of the variables are reported in any case.
    let files = environment.otlp_tls_files();
    // Reading the system's certificates and files takes time, and is only useful with TLS.
    let tls = match uri.scheme_str() {
        Some("https") => tls::of_files(&files),
        _ => Tls::default(),
    };
    let by = proxy
        .as_ref()
        .map(|proxy| Proxy::new(proxy.uri.clone(), proxy.authorization.clone()));
    let client = OtlpClient::builder(wire(protocol), uri)
        .with_headers(environment.otlp_headers())
        .with_user_agent(AGENT)
        .with_timeout(environment.otlp_timeout())
        .with_compression(environment.otlp_compression())
        .with_proxy(by)
        .with_tls(tls)
        .build()
        .map_err(|error| why(&error, &endpoint))?;
    Ok(OtlpSink {
        protocol,
        encoder: OtlpEncoder::new(&Resource::builder_empty().build()),
        client,
        by_proxy: proxy.map(|proxy| (proxy.uri, proxy.variable)),
        endpoint,
        failures: AtomicU32::new(0),
        max_part: AtomicUsize::new(usize::MAX),
    })
}

fn wire(protocol: OtlpProtocol) -> Protocol {
    match protocol {
        #[cfg(feature = "exporter-otlp-http")]
        OtlpProtocol::Http => Protocol::Http,
        #[cfg(feature = "exporter-otlp-grpc")]
        OtlpProtocol::Grpc => Protocol::Grpc,
    }
}

fn why(error: &BuildError, endpoint: &Endpoint) -> String {
    match error {
        BuildError::Tls(why) => format!(
            "there are no root certificates ({why}), so that OTLP goes to `http://` endpoints \
             only: install them, or name their file in OTEL_EXPORTER_OTLP_CERTIFICATE or \
             SSL_CERT_FILE"
        ),
        _ => format!("{} is no URL", endpoint.variable()),
    }
}

/// Returns the endpoint, and the URL of requests.
fn address(
    environment: &Environment<'_>,
    protocol: OtlpProtocol,
) -> Result<(Endpoint, Uri), String> {
    match protocol {
        #[cfg(feature = "exporter-otlp-http")]
        OtlpProtocol::Http => {
            let endpoint = environment.otlp_http_endpoint()?;
            let uri = endpoint.uri().clone();
            Ok((endpoint, uri))
        }
        #[cfg(feature = "exporter-otlp-grpc")]
        OtlpProtocol::Grpc => {
            let endpoint = environment.otlp_grpc_endpoint()?;
            let method = Protocol::Grpc.url(endpoint.url(), lamplight_otlp::client::Signal::Traces);
            let uri = method.map_err(|_| format!("{} is no URL", endpoint.variable()))?;
            Ok((endpoint, uri))
        }
    }
}

/// A sink for an OTLP endpoint.
pub(crate) struct OtlpSink {
    protocol: OtlpProtocol,
    encoder: OtlpEncoder,
    client: OtlpClient,
    by_proxy: Option<(Uri, &'static str)>,
    endpoint: Endpoint,
    /// The number of consecutive deliveries in which nothing was accepted.
    failures: AtomicU32,
    /// The maximum number of spans in the first request of a delivery: it shrinks after requests that were
    /// too large, which may take up all the time, and doubles after each accepted one.
    max_part: AtomicUsize,
}

impl OtlpSink {
    /// Sends `batch`, in parts if it is too large as a whole.
    async fn send(&self, batch: Vec<SpanData>) -> Delivery {
        self.log_endpoint();
        let mut delivery = Delivery::default();
        let mut waited = Duration::ZERO;
        // The first part is at the end.
        let mut left = self.parts(batch);
        while let Some(mut spans) = left.pop() {
            let (answer, took) = self.export(&spans).await;
            waited += took;
            match answer {
                Answer::Accepted(partial) => {
                    self.record_accepted(&partial, spans.len(), &mut delivery);
                }
                Answer::TooLarge(_) if spans.len() > 1 => {
                    self.max_part.store(spans.len() / 2, Ordering::Relaxed);
                    left.push(spans.split_off(spans.len() / 2));
                    left.push(spans);
                }
                Answer::TooLarge(failure) | Answer::Rejected(failure) => {
                    self.failures.store(0, Ordering::Relaxed);
                    self.give_up(&failure, spans.len(), &mut delivery);
                }
                Answer::Retryable(failure, after) => {
                    delivery.unreachable = delivery.delivered == 0;
                    delivery.retry_after = after;
                    if self.may_retry() {
                        self.warn(
                            failure.cause(),
                            &failure,
                            "spans could not be exported, and wait",
                        );
                        left.push(spans);
                    } else {
                        let what = "spans were offered in vain several times, and are given up and \
                                    counted as failed";
                        self.warn("export-given-up", &failure, what);
                        delivery.failed += spans.len();
                    }
                    break;
                }
            }
            if waited >= WINDOW {
                break;
            }
        }
        delivery.returned = left.into_iter().rev().flatten().collect();
        delivery
    }

    /// Returns the parts of a batch; the last one is to be sent first.
    fn parts(&self, mut batch: Vec<SpanData>) -> Vec<Vec<SpanData>> {
        let failures = self.failures.load(Ordering::Relaxed);
        let halvings = (failures + 1).saturating_sub(WHOLE_ATTEMPTS).min(16);
        let max = self.max_part.load(Ordering::Relaxed);
        let first = (batch.len() >> halvings).clamp(1, max.max(1));
        if first >= batch.len() {
            return vec![batch];
        }
        vec![batch.split_off(first), batch]
    }

    async fn export(&self, spans: &[SpanData]) -> (Answer, Duration) {
        self.client.send(self.encoder.encode(spans).into()).await
    }

    /// Records an accepted request. Spans rejected by a partial success are never offered again.
    fn record_accepted(&self, partial: &PartialSuccess, spans: usize, delivery: &mut Delivery) {
        self.failures.store(0, Ordering::Relaxed);
        let max = self.max_part.load(Ordering::Relaxed);
        self.max_part
            .store(max.saturating_mul(2), Ordering::Relaxed);
        let PartialSuccess {
            rejected,
            error_message,
            ..
        } = partial;
        let rejected = usize::try_from(*rejected).unwrap_or(usize::MAX).min(spans);
        delivery.delivered += spans - rejected;
        delivery.failed += rejected;
        let endpoint = &self.endpoint;
        let said = || words(&self.client.without_secrets(error_message));
        if rejected > 0 {
            warn_once("export-rejected", || {
                format!(
                    "{endpoint} took a request and rejected {rejected} of its {spans} spans, which are \
                     counted as failed: {:?}; they are not offered again, so that its reason has to be \
                     removed",
                    said()
                )
            });
        } else if !error_message.is_empty() {
            warn_once("export-warning", || {
                format!("{endpoint} took all spans and says: {:?}", said())
            });
        }
    }

    fn give_up(&self, failure: &Failure, spans: usize, delivery: &mut Delivery) {
        delivery.failed += spans;
        let what = "spans could not be exported, and are counted as failed";
        self.warn(failure.cause(), failure, what);
    }

    fn warn(&self, cause: &'static str, failure: &Failure, what: &str) {
        warn_once(cause, || {
            let by = self.by_proxy.as_ref();
            let by = by.map(|(uri, variable)| format!(" (by the proxy {uri} of {variable})"));
            let text = failure.text(&self.endpoint);
            format!("{what}: {text}{}", by.unwrap_or_default())
        });
    }

    /// Counts a failure, and returns whether the spans may be offered once more.
    fn may_retry(&self) -> bool {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
        if failures < ATTEMPTS {
            return true;
        }
        self.failures.store(0, Ordering::Relaxed);
        false
    }

    /// Logs the endpoint as a debugging hint.
    fn log_endpoint(&self) {
        hint_once("otlp-endpoint", || {
            let by = self.by_proxy.as_ref();
            let by = by.map(|(uri, variable)| format!(", by the proxy {uri} of {variable}"));
            format!(
                "spans go to {} ({}), over {}{}",
                self.client.shown_url(),
                self.endpoint.variable(),
                self.protocol.describe(),
                by.unwrap_or_default()
            )
        });
    }
}

impl SpanSink for OtlpSink {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        Box::pin(async move { self.send(batch).await })
    }

    fn component_type(&self) -> &'static str {
        match self.protocol {
            #[cfg(feature = "exporter-otlp-http")]
            OtlpProtocol::Http => "otlp_http_span_exporter",
            #[cfg(feature = "exporter-otlp-grpc")]
            OtlpProtocol::Grpc => "otlp_grpc_span_exporter",
        }
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.encoder = OtlpEncoder::new(resource);
    }

    fn disconnect(&self) {
        self.client.disconnect();
    }
}

/// Shows the endpoint, but no headers.
impl fmt::Debug for OtlpSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtlpSink")
            .field("client", &self.client)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}
