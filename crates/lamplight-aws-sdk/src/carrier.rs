//! The places for context in requests, and the choice among them.

/// A place for context in a request to AWS.
///
/// [`LamplightInterceptor::with_carrier`](crate::LamplightInterceptor::with_carrier) and
/// [`without_carrier`](crate::LamplightInterceptor::without_carrier) choose which are used, or the
/// environment variable `LAMPLIGHT_INJECT`: names from the table, separated by commas, that replace the
/// default choice. `default` stands for the default choice, `none` for nothing, and a name behind a `-` is
/// left out: `LAMPLIGHT_INJECT=default,lambda-payload`, `LAMPLIGHT_INJECT=-sqs`. Case does not matter. A
/// name that is not in the table is ignored and logged once; if none is, the default choice stands.
///
/// | carrier | name | by default | largest request, in bytes |
/// |---|---|---|---|
/// | [`SqsAttributes`](Self::SqsAttributes) | `sqs` | yes | 262 144 |
/// | [`SnsAttributes`](Self::SnsAttributes) | `sns` | yes | 262 144 |
/// | [`EventBridgeDetail`](Self::EventBridgeDetail) | `eventbridge` | yes | 262 144 |
/// | [`LambdaClientContext`](Self::LambdaClientContext) | `lambda` | yes | 3 583 |
/// | [`LambdaPayload`](Self::LambdaPayload) | `lambda-payload` | no | 262 144 |
/// | [`LambdaHeaders`](Self::LambdaHeaders) | `lambda-headers` | no | 262 144 |
/// | [`KinesisData`](Self::KinesisData) | `kinesis` | no | 1 048 576 |
/// | [`StepFunctionsInput`](Self::StepFunctionsInput) | `step-functions` | no | 262 144 |
/// | [`HttpHeaders`](Self::HttpHeaders) | `http` | no | - |
///
/// # Limits
///
/// If the context would make a message larger than its limit, less or nothing of it is written. By
/// default the limits are the smaller figures that AWS had before it raised them, since what is behind a
/// bus or a topic may still be set to them. A payload of a synchronous invocation may have 6 291 456 bytes.
/// The limit of `kinesis` is on one record; the records of a request together may have 5 242 880 bytes, or
/// as much as one record if that is more.
///
/// **A queue, a topic or a stream may be set to take less**, which no request shows: a queue whose
/// `MaximumMessageSize` is 1 KiB refuses a message of 1000 bytes with 100 bytes of context. Set a limit for
/// a destination that takes less than the default and whose messages come close to it. A recorded call that
/// is refused for that is logged once with the remedy; a refused entry of a batch is not.
///
/// * [`LamplightInterceptor::with_size_limit`](crate::LamplightInterceptor::with_size_limit) sets the limit
///   of a carrier,
///   [`with_destination_limit`](crate::LamplightInterceptor::with_destination_limit) that of single
///   destinations.
/// * The variable `LAMPLIGHT_INJECT_LIMITS` has `carrier=bytes` and `carrier:destination=bytes`, separated
///   by commas, for example `sqs=1048576,sqs:small-queue=1024`. A destination is named as in the request
///   (queue URL, topic ARN), or by what follows the last `/` or `:` in that. An item that is not
///   understood, or is beyond what AWS takes, is ignored and logged once.
///
/// A function comes before the variable, a destination before its carrier, and
/// [`with_size_limit`](crate::LamplightInterceptor::with_size_limit) replaces the variable's limit of the
/// carrier.
///
/// In a batch, the `traceparent` of every message comes first; the room that is left is shared among
/// them for `tracestate`, and then for baggage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Carrier {
    /// Message attributes of SQS `SendMessage` and `SendMessageBatch`.
    SqsAttributes,
    /// Message attributes of SNS `Publish` and `PublishBatch`, to topics. A message with a text for
    /// each protocol (`MessageStructure` is `json`) gets none, since SNS delivers no attributes with it.
    /// Members of a `tracestate` that contain a `"` or a `\` are left out, since subscriptions with a
    /// filter policy would not get the message.
    SnsAttributes,
    /// The detail of every entry of EventBridge `PutEvents`, which is a JSON object.
    EventBridgeDetail,
    /// The client context of a synchronous Lambda `Invoke` or `InvokeWithResponseStream`. Lambda
    /// drops it from others.
    LambdaClientContext,
    /// The payload of any Lambda `Invoke` or `InvokeWithResponseStream`, if it is a JSON object.
    LambdaPayload,
    /// The member `headers` of the same payload, which is where functions in JavaScript and Python
    /// look for context without any setting. Functions with Lamplight read it too.
    LambdaHeaders,
    /// The data of Kinesis `PutRecord` and `PutRecords`, if it is a JSON object.
    KinesisData,
    /// The input of Step Functions `StartExecution` and `StartSyncExecution`, a JSON object.
    StepFunctionsInput,
    /// W3C headers on the HTTP request of every operation, unsigned. AWS itself does not read
    /// them; a proxy, an emulator or a service that forwards headers does.
    HttpHeaders,
}

impl Carrier {
    /// All carriers, ordered by discriminant, each with its name in `LAMPLIGHT_INJECT`, whether it is used by
    /// default, and its default limit in bytes.
    pub(crate) const ALL: [(Self, &'static str, bool, usize); 9] = [
        (Self::SqsAttributes, "sqs", true, 256 * 1024),
        (Self::SnsAttributes, "sns", true, 256 * 1024),
        (Self::EventBridgeDetail, "eventbridge", true, 256 * 1024),
        (Self::LambdaClientContext, "lambda", true, 3583),
        (Self::LambdaPayload, "lambda-payload", false, 256 * 1024),
        (Self::LambdaHeaders, "lambda-headers", false, 256 * 1024),
        (Self::KinesisData, "kinesis", false, 1024 * 1024),
        (
            Self::StepFunctionsInput,
            "step-functions",
            false,
            256 * 1024,
        ),
        (Self::HttpHeaders, "http", false, usize::MAX),
    ];

    /// Returns the carrier with this name in `LAMPLIGHT_INJECT`, in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter();
        all.find(|(_, known, ..)| known.eq_ignore_ascii_case(name))
            .map(|(carrier, ..)| *carrier)
    }

    /// Returns the default choice.
    fn defaults() -> Vec<Self> {
        let all = Self::ALL.iter();
        all.filter(|(_, _, default, _)| *default)
            .map(|(carrier, ..)| *carrier)
            .collect()
    }

    /// Returns the limit without any setting, in bytes.
    #[cfg(feature = "_messages")]
    pub(crate) fn default_limit(self) -> usize {
        Self::ALL.get(self as usize).map_or(0, |(.., limit)| *limit)
    }

    /// Returns the name of this carrier in `LAMPLIGHT_INJECT`.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL
            .get(self as usize)
            .map_or("", |(_, name, ..)| name)
    }
}

/// The carriers in use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Carriers {
    used: [bool; Carrier::ALL.len()],
}

impl Carriers {
    /// Returns the choice that a value of `LAMPLIGHT_INJECT` makes (the default choice for an empty one), and
    /// a description of its faults.
    pub(crate) fn parse(value: &str) -> (Self, Option<String>) {
        let default = Self {
            used: Carrier::ALL.map(|(_, _, default, _)| default),
        };
        let (mut added, mut left_out) = (None, Vec::new());
        let mut unknown = Vec::new();
        for name in value.split(',').map(str::trim) {
            let mut add = |carriers: &[Carrier]| {
                added.get_or_insert_with(Vec::new).extend(carriers);
            };
            match (Carrier::named(name), name.strip_prefix('-').map(str::trim)) {
                _ if name.is_empty() => {}
                (Some(carrier), _) => add(&[carrier]),
                _ if name.eq_ignore_ascii_case("none") => add(&[]),
                _ if name.eq_ignore_ascii_case("default") => add(&Carrier::defaults()),
                (None, Some(name)) if Carrier::named(name).is_some() => {
                    left_out.extend(Carrier::named(name));
                }
                _ => unknown.push(name),
            }
        }
        let mut chosen = default;
        if let Some(added) = added {
            chosen.used = Carrier::ALL.map(|(carrier, ..)| added.contains(&carrier));
        }
        for carrier in left_out {
            chosen.set(carrier, false);
        }
        let used = if chosen == default {
            "the default choice"
        } else {
            "the others"
        };
        (
            chosen,
            (!unknown.is_empty()).then(|| complaint(&unknown, used)),
        )
    }

    pub(crate) fn set(&mut self, carrier: Carrier, used: bool) {
        if let Some(slot) = self.used.get_mut(carrier as usize) {
            *slot = used;
        }
    }

    pub(crate) fn uses(&self, carrier: Carrier) -> bool {
        self.used.get(carrier as usize).copied().unwrap_or_default()
    }
}

/// Returns the log line about unknown names in `LAMPLIGHT_INJECT`, with the allowed names.
fn complaint(unknown: &[&str], used: &str) -> String {
    let known: Vec<_> = Carrier::ALL.iter().map(|(_, name, ..)| *name).collect();
    format!(
        "LAMPLIGHT_INJECT: {unknown:?} is not known and ignored; allowed are `default`, `none` and, \
         each with a `-` in front to leave it out, `{}`, separated by commas; using {used}",
        known.join("`, `")
    )
}

/// The destination of a message that could carry context, passed to the functions of
/// [`with_destination_filter`](crate::LamplightInterceptor::with_destination_filter) and
/// [`with_destination_limit`](crate::LamplightInterceptor::with_destination_limit).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Destination<'a> {
    carrier: Carrier,
    name: &'a str,
}

impl<'a> Destination<'a> {
    pub(crate) fn new(carrier: Carrier, name: &'a str) -> Self {
        Self { carrier, name }
    }

    /// Returns whether `name` is this destination as named in the request, or the last part of that name.
    #[cfg(feature = "_messages")]
    pub(crate) fn is_named(&self, name: &str) -> bool {
        let own = self.name.trim_end_matches('/');
        own == name || own.rsplit(['/', ':']).next() == Some(name)
    }

    /// Returns the carrier that would be used for the context.
    #[must_use]
    pub fn carrier(&self) -> Carrier {
        self.carrier
    }

    /// Returns the destination as named in the request: queue URL, topic ARN, bus name or ARN, function name
    /// or ARN, stream name or ARN, state machine ARN, and for [`HttpHeaders`](Carrier::HttpHeaders) the URL.
    /// Empty if the request names none.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(value: Option<&str>) -> Vec<Carrier> {
        let (carriers, _) = Carriers::parse(value.unwrap_or_default());
        Carrier::ALL
            .iter()
            .map(|(c, ..)| *c)
            .filter(|c| carriers.uses(*c))
            .collect()
    }

    #[test]
    fn positions_are_discriminants() {
        for (index, (carrier, ..)) in Carrier::ALL.iter().enumerate() {
            assert_eq!(*carrier as usize, index);
        }
    }

    #[test]
    fn the_variable_replaces_or_extends_the_default() {
        use Carrier::*;
        let default = [
            SqsAttributes,
            SnsAttributes,
            EventBridgeDetail,
            LambdaClientContext,
        ];
        assert_eq!(used(None), default);
        assert_eq!(used(Some(" ")), default);
        assert_eq!(
            used(Some("default, lambda-payload")),
            [&default[..], &[LambdaPayload]].concat()
        );
        assert_eq!(used(Some("Kinesis,typo")), [KinesisData]);
        assert_eq!(used(Some("none")), []);
        let but_sqs = [SnsAttributes, EventBridgeDetail, LambdaClientContext];
        assert_eq!(used(Some("default,-sqs")), but_sqs);
        assert_eq!(used(Some(" - SQS ,")), but_sqs);
        assert_eq!(used(Some("-sqs,Default")), but_sqs);
        assert_eq!(used(Some("NONE")), []);
    }

    #[test]
    fn what_is_not_understood_is_said_and_switches_nothing_off() {
        let complaint = |value| Carriers::parse(value).1;
        for value in ["all", "true", "sqs sns", "sqs;sns", "-", "-typo", "\n1"] {
            assert_eq!(used(Some(value)), used(None), "{value}");
            let said = complaint(value).unwrap();
            assert!(said.contains(&format!("{:?}", value.trim())), "{said}");
            assert!(Carrier::ALL.iter().all(|(_, name, ..)| said.contains(name)));
            assert!(!said.contains('\n'), "{said}");
        }
        assert!(complaint("kinesis,typo").unwrap().contains("typo"));
        for value in ["", " ", "none", "SQS", "Default,-Sqs", "-sqs", "sqs,,sns,"] {
            assert_eq!(complaint(value), None, "{value}");
        }
    }
}
