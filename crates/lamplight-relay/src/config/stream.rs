//! Names and ARNs of streams.

use crate::config::item::Item;

/// Returns the region of a stream: that of its ARN, or else the configured one. Reports a fault if
/// the ARN is invalid, or if the two differ.
pub(super) fn region(item: &Item<'_>, stream: &str, set: Option<String>) -> Option<String> {
    let is_arn = stream.starts_with("arn:");
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    match (parts(stream), set) {
        (Some((of_arn, _)), Some(set)) if of_arn != set => {
            item.fault(
                &format!("is in {of_arn} according to its ARN, but `region` is {set:?}"),
                "remove `region`",
            );
            None
        }
        (Some((of_arn, _)), _) => Some(of_arn.to_owned()),
        (None, set) if !is_arn && stream.chars().all(is_name) => set,
        _ => {
            item.fault(
                "is neither a name nor an ARN of a stream",
                "write `\"spans\"`, or `\"arn:aws:kinesis:eu-west-1:123456789012:stream/spans\"`",
            );
            None
        }
    }
}

/// Returns the region and name in the ARN of a stream.
pub(crate) fn parts(stream: &str) -> Option<(&str, &str)> {
    let mut parts = stream.splitn(6, ':');
    let (arn, _, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, _, resource) = (parts.next()?, parts.next()?, parts.next()?);
    let name = resource.strip_prefix("stream/")?;
    let is_one = arn == "arn" && service == "kinesis" && !region.is_empty();
    (is_one && !name.is_empty() && !name.contains('/')).then_some((region, name))
}
