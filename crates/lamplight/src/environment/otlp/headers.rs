//! Headers of OTLP requests.

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TE, TRANSFER_ENCODING, UPGRADE,
    },
};
use lamplight_internal::diagnostics::warn_once;
use percent_encoding::percent_decode_str;

use super::{say_quotes, unquoted};
use crate::environment::Environment;

/// Headers that only the exporter may set.
const RESERVED: [HeaderName; 7] = [
    CONNECTION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// The maximum length of an invalid name that is shown, in bytes.
const LONGEST_NAME: usize = 24;

impl Environment<'_> {
    /// Returns the headers that requests carry in addition to the exporter's own. No debug output shows their
    /// values. Invalid ones are reported in one line, without values, and the others are used.
    ///
    /// The format is that of W3C baggage without properties: pairs `name=value` separated by commas, with
    /// values percent-encoded where necessary,
    /// <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables>.
    pub(crate) fn otlp_headers(&self) -> HeaderMap {
        let set = self.otlp([
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
            "OTEL_EXPORTER_OTLP_HEADERS",
        ]);
        let mut headers = HeaderMap::new();
        let Some((variable, list)) = set else {
            return headers;
        };
        let mut faults = Vec::new();
        for (index, member) in list.split(',').enumerate() {
            let pair = unquoted(member.trim());
            if pair.len() < member.trim().len() {
                say_quotes(variable);
            }
            if pair.trim().is_empty() {
                continue;
            }
            match parse(pair, variable) {
                Ok((name, value)) => {
                    headers.insert(name, value);
                }
                Err(fault) => faults.push(format!("member {}: {fault}", index + 1)),
            }
        }
        if !faults.is_empty() {
            warn_once(variable, || {
                format!(
                    "{variable} is not understood in part, and that part is not sent ({}); allowed is \
                     a list `name=value,name=value`, with a comma in a value as %2C; using the others",
                    faults.join("; ")
                )
            });
        }
        headers
    }
}

/// Returns the header, or a description of the fault.
fn parse(pair: &str, variable: &'static str) -> Result<(HeaderName, HeaderValue), String> {
    let no_pair = || "no pair `name=value`".to_owned();
    let (name, value) = pair.split_once('=').ok_or_else(no_pair)?;
    let (name, value) = (name.trim(), value.trim());
    let Ok(header) = HeaderName::from_bytes(name.as_bytes()) else {
        // An empty value after `=` is the padding of base64.
        return match value.trim_matches('=') {
            "" => Err(no_pair()),
            _ => Err(format!("{} is no name of a header", shown(name))),
        };
    };
    if RESERVED.contains(&header) || header.as_str().starts_with("grpc-") {
        return Err(format!("`{header}` is the exporter's own"));
    }
    let plain = unquoted(value);
    if plain.len() < value.len() {
        say_quotes(variable);
    }
    let decoded: Vec<u8> = percent_decode_str(plain).collect();
    let mut value = HeaderValue::from_bytes(&decoded)
        .map_err(|_| format!("the value of `{header}` has characters that no header can have"))?;
    value.set_sensitive(true);
    Ok((header, value))
}

/// Returns the part of an invalid name that may be shown: if it continues as in `authorization: Bearer ..`,
/// the part before that. Anything else may be a value, such as the text after a comma that is not encoded.
fn shown(name: &str) -> String {
    let is_of_name = |c: char| c.is_alphanumeric() || "-_".contains(c);
    match name.split_once(':') {
        Some((begin, _)) if begin.len() <= LONGEST_NAME && begin.chars().all(is_of_name) => {
            format!("`{begin}..`")
        }
        _ => "what stands before its `=`".to_owned(),
    }
}
