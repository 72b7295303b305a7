//! One message of a batch.

use serde_json::{Map, Value, json};

/// A message, whatever carries it.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    pub(super) body: String,
    pub(super) id: Option<String>,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) receive_count: Option<u32>,
    pub(super) traceparent: Option<String>,
}

impl Message {
    pub(super) fn new(body: String) -> Self {
        Self {
            body,
            ..Self::default()
        }
    }

    /// Returns attributes and context, for carriers that have both in one place.
    pub(super) fn carried(&self) -> impl Iterator<Item = (&str, &str)> {
        let attributes = self.attributes.iter();
        let attributes = attributes.map(|(name, value)| (name.as_str(), value.as_str()));
        let context = self.traceparent.as_deref();
        attributes.chain(context.map(|value| ("traceparent", value)))
    }

    /// Returns the message's id, or one made of its place in the batch.
    pub(super) fn id(&self, index: usize) -> String {
        let made = || format!("059f36b4-87a3-44ab-83d2-{index:012x}");
        self.id.clone().unwrap_or_else(made)
    }

    /// Returns attributes and context as SQS sends them.
    pub(super) fn sqs_attributes(&self) -> Value {
        let attribute = |value: &str| {
            json!({
                "stringValue": value,
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "String",
            })
        };
        self.mapped(attribute)
    }

    /// Returns attributes and context as SNS sends them.
    pub(super) fn sns_attributes(&self) -> Value {
        self.mapped(|value| json!({"Type": "String", "Value": value}))
    }

    fn mapped(&self, attribute: impl Fn(&str) -> Value) -> Value {
        let pairs = self.carried();
        let pairs = pairs.map(|(name, value)| (name.to_owned(), attribute(value)));
        Value::Object(pairs.collect::<Map<_, _>>())
    }
}
