//! Resources that a request names by a name or by an ARN.

/// Returns the name in an ARN, which follows `mark`. Any other text is a name itself.
pub(super) fn name_in<'a>(text: &'a str, mark: &str) -> &'a str {
    text.strip_prefix("arn:")
        .and_then(|arn| arn.split_once(mark))
        .map_or(text, |(_, name)| name)
}
