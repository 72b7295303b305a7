//! Reading of the TLS files.

use lamplight_internal::diagnostics::warn_once;
use lamplight_otlp::client::Tls;

use crate::environment::{File, TlsFiles};

/// Returns the trusted authorities and the client certificate. An unusable file is reported, and the default
/// is used.
pub(super) fn of_files(files: &TlsFiles) -> Tls {
    let mut tls = Tls::default();
    if let Some(file) = &files.authorities {
        let set =
            read(file).and_then(|pem| tls.set_authorities(&pem).map_err(|error| error.to_string()));
        if let Err(why) = set {
            warn_once(file.variable, || {
                format!(
                    "{}={:?} is not used, and the system's certificates are: {why}; it has to be a file \
                     with certificates in PEM",
                    file.variable, file.path
                )
            });
        }
    }
    if let Some((certificate, key)) = &files.client
        && let Err((File { variable, path }, why)) = identify(&mut tls, certificate, key)
    {
        warn_once(variable, || {
            format!(
                "{variable}={path:?} is not used, and neither is the client certificate: {why}; the \
                 certificate and its key have to be files in PEM that belong together"
            )
        });
    }
    tls
}

/// Adds the client certificate.
fn identify<'a>(
    tls: &mut Tls,
    certificate: &'a File,
    key: &'a File,
) -> Result<(), (&'a File, String)> {
    let chain = read(certificate).map_err(|why| (certificate, why))?;
    let private = read(key).map_err(|why| (key, why))?;
    tls.set_identity(&chain, &private).map_err(|error| {
        let of = if error.is_of_key() { key } else { certificate };
        (of, error.to_string())
    })
}

fn read(file: &File) -> Result<Vec<u8>, String> {
    std::fs::read(&file.path).map_err(|error| error.to_string())
}
