//! Certificates of one's own, on both sides.

use std::{net::SocketAddr, path::PathBuf};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tonic::transport::{Certificate, Identity, ServerTlsConfig, server::TcpIncoming};

use super::{
    over_grpc::Collector,
    server::{Server, ok},
    *,
};

/// An authority, and what it vouches for, as files.
pub(super) struct Authority {
    directory: PathBuf,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { directory, issuer }
    }

    pub(super) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// Returns a certificate and a key for this name.
    fn vouch(&self, name: &str) -> (String, String) {
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// Returns the path of a file with this content.
    pub(super) fn file(&self, name: &str, content: &str) -> String {
        let path = self.directory.join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Returns how a server by this name secures its connections, and whom it lets in.
    pub(super) fn server(&self, name: &str, clients: Option<&Self>) -> Arc<ServerConfig> {
        let (certificate, key) = self.vouch(name);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(clients) => {
                let mut roots = RootCertStore::empty();
                roots.add(clients.issuer.der().clone()).unwrap();
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        Arc::new(builder.with_single_cert(vec![certificate], key).unwrap())
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Starts a server with TLS, and returns its URL.
fn secure(config: Arc<ServerConfig>) -> (Server, String) {
    let server = Server::on(
        |_, _| ok(),
        move |stream| StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream),
    );
    let url = format!("https://localhost:{}", server.address.port());
    (server, url)
}

async fn one_flush(url: &str, variables: Variables<'_>) -> (u64, u64, usize) {
    let queue = queue(url, variables);
    record(&queue, ["a"]);
    flush(&queue).await;
    counts(&queue)
}

const ARRIVED: (u64, u64, usize) = (1, 0, 0);
const WAITS: (u64, u64, usize) = (0, 0, 1);

#[tokio::test(flavor = "current_thread")]
async fn an_authority_of_ones_own_is_trusted_and_no_other() {
    let (ours, other) = (Authority::new("ca-ours"), Authority::new("ca-other"));
    let (_server, url) = secure(ours.server("localhost", None));
    let (ours, other) = (
        ours.file("ca.pem", &ours.pem()),
        other.file("ca.pem", &other.pem()),
    );
    for (variables, expected) in [
        (&[("OTEL_EXPORTER_OTLP_CERTIFICATE", &*ours)][..], ARRIVED),
        (&[("OTEL_EXPORTER_OTLP_CERTIFICATE", &other)], WAITS),
        (
            &[
                ("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", &ours),
                ("OTEL_EXPORTER_OTLP_CERTIFICATE", &other),
            ],
            ARRIVED,
        ),
        (
            &[
                ("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", ""),
                ("OTEL_EXPORTER_OTLP_CERTIFICATE", &ours),
            ],
            ARRIVED,
        ),
    ] {
        assert_eq!(one_flush(&url, variables).await, expected, "{variables:?}");
    }
    let certificate = [("OTEL_EXPORTER_OTLP_CERTIFICATE", &*other)];
    let failure = failure(&url, &certificate).await;
    assert!(
        failure.contains("OTEL_EXPORTER_OTLP_CERTIFICATE"),
        "{failure}"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn a_client_shows_its_certificate_where_it_has_one() {
    let authority = Authority::new("mtls-http");
    let (_server, url) = secure(authority.server("localhost", Some(&authority)));
    let (certificate, key) = authority.vouch("function");
    let (ca, certificate, key) = (
        authority.file("ca.pem", &authority.pem()),
        authority.file("client.pem", &certificate),
        authority.file("client.key", &key),
    );
    let missing = format!("{key}.not");
    let ca = ("OTEL_EXPORTER_OTLP_CERTIFICATE", &*ca);
    let certificate = ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", &*certificate);
    for (variables, expected) in [
        (
            &[ca, certificate, ("OTEL_EXPORTER_OTLP_CLIENT_KEY", &*key)][..],
            ARRIVED,
        ),
        (
            &[
                ca,
                (
                    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
                    certificate.1,
                ),
                ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", &key),
            ],
            ARRIVED,
        ),
        (&[ca], WAITS),
        (&[ca, certificate], WAITS),
        (
            &[ca, certificate, ("OTEL_EXPORTER_OTLP_CLIENT_KEY", &missing)],
            WAITS,
        ),
        (
            // A certificate is no key.
            &[
                ca,
                certificate,
                ("OTEL_EXPORTER_OTLP_CLIENT_KEY", certificate.1),
            ],
            WAITS,
        ),
    ] {
        assert_eq!(one_flush(&url, variables).await, expected, "{variables:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn grpc_has_both_too() {
    let authority = Authority::new("mtls-grpc");
    let collector = Collector::new(100, |_, _| Ok(ExportTraceServiceResponse::default()));
    let (certificate, key) = authority.vouch("localhost");
    let tls = ServerTlsConfig::new()
        .identity(Identity::from_pem(certificate, key))
        .client_ca_root(Certificate::from_pem(authority.pem()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let server = tonic::transport::Server::builder()
        .tls_config(tls)
        .unwrap()
        .add_service(collector.service());
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));

    let (certificate, key) = authority.vouch("function");
    let (ca, certificate, key) = (
        authority.file("ca.pem", &authority.pem()),
        authority.file("client.pem", &certificate),
        authority.file("client.key", &key),
    );
    let variables = [
        GRPC,
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", &ca),
        ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", &certificate),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", &key),
    ];
    let url = format!("https://localhost:{}", address.port());
    assert_eq!(one_flush(&url, &variables).await, ARRIVED);
    assert_eq!(one_flush(&url, &variables[..2]).await, WAITS);
    assert_eq!(collector.spans(), [["a"]]);
}
