//! The places for context in the messages of a request.

use lamplight_propagation::outbound::JsonPlace;

/// The places for context in the messages of a request. They are found before the span starts, because they
/// determine its kind.
#[derive(Debug, Default)]
pub(crate) struct Places<'a> {
    /// The user wants context in the messages' attributes.
    #[cfg_attr(
        not(any(feature = "sns", feature = "sqs")),
        expect(dead_code, reason = "no service has attributes")
    )]
    pub(crate) in_attributes: bool,
    /// The place in each message that may be a JSON text.
    #[cfg_attr(
        not(any(feature = "eventbridge", feature = "kinesis")),
        expect(dead_code, reason = "no service has a batch of texts")
    )]
    pub(crate) in_texts: Vec<Place<'a>>,
    /// True if at least one message has room for a `traceparent`, which makes the span a producer's.
    pub(crate) are_enough: bool,
}

impl Places<'_> {
    /// Returns places in attributes, if the user has enabled them.
    #[cfg(any(feature = "sns", feature = "sqs"))]
    pub(super) fn in_attributes(wanted: bool, enough: bool) -> Self {
        Self {
            in_attributes: wanted,
            in_texts: Vec::new(),
            are_enough: wanted && enough,
        }
    }
}

/// The place for context in a JSON text.
#[derive(Debug)]
#[cfg_attr(
    not(any(
        feature = "eventbridge",
        feature = "kinesis",
        feature = "lambda",
        feature = "sfn"
    )),
    expect(dead_code, reason = "no service has texts")
)]
pub(crate) enum Place<'a> {
    /// The context goes here.
    Found(JsonPlace<'a>),
    /// There is no room, and the text has not been searched: it may be large.
    NoRoom,
    /// The text cannot receive context, or must not.
    Nowhere,
}
