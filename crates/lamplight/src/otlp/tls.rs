//! TLS by rustls on ring: the cryptography with the cheap first handshake.

use std::sync::Arc;

use hyper_rustls::ConfigBuilderExt;
use lamplight_internal::diagnostics::warn_once;
use rustls::{
    ClientConfig, ConfigBuilder, RootCertStore,
    client::WantsClientCert,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use crate::environment::{File, TlsFiles};

/// Returns how connections are secured. A file that cannot be used is said, and the default is used.
///
/// `is_used` says whether there is anything to secure: the system's certificates take time to read.
pub(super) fn config(
    files: &TlsFiles,
    is_used: bool,
    is_http2: bool,
) -> Result<ClientConfig, String> {
    let builder = match authorities(files, is_used) {
        Some(roots) => builder()?.with_root_certificates(roots),
        None => builder()?.with_native_roots().map_err(|error| {
            format!(
                "there are no root certificates ({error}), so that OTLP goes to `http://` endpoints \
                 only: install them, or name their file in OTEL_EXPORTER_OTLP_CERTIFICATE or \
                 SSL_CERT_FILE"
            )
        })?,
    };
    let mut config = identified(builder, files, is_used)?;
    if is_http2 {
        config.alpn_protocols = vec![b"h2".to_vec()];
    }
    Ok(config)
}

fn builder() -> Result<ConfigBuilder<ClientConfig, rustls::WantsVerifier>, String> {
    // Without a word, rustls takes the provider that its features name, and panics where other
    // crates of the function have brought in a second one.
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())
}

/// Returns the certificates of the file, in place of the system's; none where there is nothing to
/// secure.
fn authorities(files: &TlsFiles, is_used: bool) -> Option<RootCertStore> {
    let mut roots = RootCertStore::empty();
    if !is_used {
        return Some(roots);
    }
    let file = files.authorities.as_ref()?;
    let added = certificates(file).map(|found| roots.add_parsable_certificates(found).0);
    let why = match added {
        Ok(1..) => return Some(roots),
        Ok(0) => "it has no certificate of an authority".to_owned(),
        Err(why) => why,
    };
    warn_once(file.variable, || {
        format!(
            "{}={:?} is not used, and the system's certificates are: {why}; it has to be a file with \
             certificates in PEM",
            file.variable, file.path
        )
    });
    None
}

/// Adds who the function is.
fn identified(
    builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    files: &TlsFiles,
    is_used: bool,
) -> Result<ClientConfig, String> {
    let Some((certificate, key)) = files.client.as_ref().filter(|_| is_used) else {
        return Ok(builder.with_no_client_auth());
    };
    let identity = match (certificates(certificate), read(key)) {
        (Ok(chain), _) if chain.is_empty() => {
            Err((certificate, "it has no certificate".to_owned()))
        }
        (Ok(chain), Ok(pem)) => PrivateKeyDer::from_pem_slice(&pem)
            .map(|key| (chain, key))
            .map_err(|_| (key, "it has no private key in PEM".to_owned())),
        (Err(why), _) => Err((certificate, why)),
        (_, Err(why)) => Err((key, why)),
    };
    let unused = match identity {
        Ok((chain, private)) => match builder.clone().with_client_auth_cert(chain, private) {
            Ok(config) => return Ok(config),
            Err(error) => (key, error.to_string()),
        },
        Err(unused) => unused,
    };
    let (File { variable, path }, why) = unused;
    warn_once(variable, || {
        format!(
            "{variable}={path:?} is not used, and neither is the client certificate: {why}; the \
             certificate and its key have to be files in PEM that belong together"
        )
    });
    Ok(builder.with_no_client_auth())
}

/// Returns the certificates in a file.
fn certificates(file: &File) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = read(file)?;
    CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())
}

fn read(file: &File) -> Result<Vec<u8>, String> {
    std::fs::read(&file.path).map_err(|error| error.to_string())
}
