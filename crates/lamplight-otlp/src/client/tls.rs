//! TLS with rustls on ring, whose first handshake is cheap.

use std::{error::Error, fmt, sync::Arc};

use hyper_rustls::ConfigBuilderExt;
use rustls::{
    ClientConfig, ConfigBuilder, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

/// The trusted authorities and the client certificate. Default: the system's authorities, and no certificate.
#[derive(Default)]
pub struct Tls {
    authorities: Option<RootCertStore>,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
}

/// The error for unusable certificates or keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsError {
    why: String,
    is_of_key: bool,
}

impl TlsError {
    fn of_certificate(why: impl fmt::Display) -> Self {
        Self {
            why: why.to_string(),
            is_of_key: false,
        }
    }

    fn of_key(why: impl fmt::Display) -> Self {
        Self {
            why: why.to_string(),
            is_of_key: true,
        }
    }

    /// Returns whether the private key is unusable.
    pub fn is_of_key(&self) -> bool {
        self.is_of_key
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl Error for TlsError {}

impl Tls {
    /// Sets the trusted authorities, instead of the system's: certificates in PEM.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no certificate of an authority.
    pub fn set_authorities(&mut self, pem: &[u8]) -> Result<(), TlsError> {
        let mut roots = RootCertStore::empty();
        match roots.add_parsable_certificates(certificates(pem)?).0 {
            0 => Err(TlsError::of_certificate(
                "it has no certificate of an authority",
            )),
            _ => {
                self.authorities = Some(roots);
                Ok(())
            }
        }
    }

    /// Sets the client certificate, with its chain, and its private key, both in PEM.
    ///
    /// # Errors
    ///
    /// Returns an error if one of them is missing, or if they do not match.
    pub fn set_identity(&mut self, certificate: &[u8], key: &[u8]) -> Result<(), TlsError> {
        let chain = certificates(certificate)?;
        if chain.is_empty() {
            return Err(TlsError::of_certificate("it has no certificate"));
        }
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|_| TlsError::of_key("it has no private key in PEM"))?;
        // Validated here, where their origin is known.
        builder()
            .map_err(TlsError::of_key)?
            .with_root_certificates(RootCertStore::empty())
            .with_client_auth_cert(chain.clone(), key.clone_key())
            .map_err(TlsError::of_key)?;
        self.identity = Some((chain, key));
        Ok(())
    }

    /// Returns the TLS configuration of connections.
    ///
    /// `is_used` is false for plain endpoints: reading the system's certificates takes time.
    pub(super) fn config(self, is_used: bool, is_http2: bool) -> Result<ClientConfig, String> {
        let builder = builder()?;
        let builder = match (self.authorities, is_used) {
            (Some(roots), true) => builder.with_root_certificates(roots),
            (_, false) => builder.with_root_certificates(RootCertStore::empty()),
            (None, true) => builder
                .with_native_roots()
                .map_err(|error| error.to_string())?,
        };
        let mut config = match self.identity {
            Some((chain, key)) => builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| error.to_string())?,
            None => builder.with_no_client_auth(),
        };
        if is_http2 {
            config.alpn_protocols = vec![b"h2".to_vec()];
        }
        Ok(config)
    }
}

/// Omits certificates and the key.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("has_authorities", &self.authorities.is_some())
            .field("has_identity", &self.identity.is_some())
            .finish()
    }
}

fn builder() -> Result<ConfigBuilder<ClientConfig, rustls::WantsVerifier>, String> {
    // By default, rustls takes the provider that its features name, and panics if other crates of the program
    // have enabled a second one.
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(TlsError::of_certificate)
}
