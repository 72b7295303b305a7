//! TLS by rustls on ring: the cryptography with the cheap first handshake.

use std::{error::Error, fmt, sync::Arc};

use hyper_rustls::ConfigBuilderExt;
use rustls::{
    ClientConfig, ConfigBuilder, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

/// Whom a client trusts, and who it says it is. Default: the system's authorities, and nobody.
#[derive(Default)]
pub struct Tls {
    authorities: Option<RootCertStore>,
    identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
}

/// The error for certificates or keys that are not usable.
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

    /// Returns whether it is the private key that is not usable.
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
    /// Sets the authorities that are trusted, in place of the system's: certificates in PEM.
    ///
    /// # Errors
    ///
    /// Where there is no certificate of an authority.
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

    /// Sets the certificate that is shown to endpoints, with those it is vouched for by, and its private
    /// key, both in PEM.
    ///
    /// # Errors
    ///
    /// Where one of them is missing, or they do not belong together.
    pub fn set_identity(&mut self, certificate: &[u8], key: &[u8]) -> Result<(), TlsError> {
        let chain = certificates(certificate)?;
        if chain.is_empty() {
            return Err(TlsError::of_certificate("it has no certificate"));
        }
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|_| TlsError::of_key("it has no private key in PEM"))?;
        // Now, while it is known where they come from.
        builder()
            .map_err(TlsError::of_key)?
            .with_root_certificates(RootCertStore::empty())
            .with_client_auth_cert(chain.clone(), key.clone_key())
            .map_err(TlsError::of_key)?;
        self.identity = Some((chain, key));
        Ok(())
    }

    /// Returns how connections are secured.
    ///
    /// `is_used` says whether there is anything to secure: the system's certificates take time to read.
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

/// Shows neither certificates nor key.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("has_authorities", &self.authorities.is_some())
            .field("has_identity", &self.identity.is_some())
            .finish()
    }
}

fn builder() -> Result<ConfigBuilder<ClientConfig, rustls::WantsVerifier>, String> {
    // Without a word, rustls takes the provider that its features name, and panics where other
    // crates of the program have brought in a second one.
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(TlsError::of_certificate)
}
