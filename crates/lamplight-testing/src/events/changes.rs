//! Changes of data: of items of a table, of objects in a bucket.

use std::time::Duration;

use serde_json::{Value, json};

use super::{ACCOUNT, REGION, insert, stamp::Stamp};

/// Changes of items, from a stream of DynamoDB. Items are in its own JSON: `{"id": {"S": "1"}}`.
///
/// Without a call of [`insert`](Self::insert), [`modify`](Self::modify) or [`remove`](Self::remove) the
/// event has one item that is inserted.
#[derive(Debug, Clone)]
#[must_use = "it is given to `Lambda::invoke`"]
pub struct DynamoDb {
    table: String,
    changes: Vec<Change>,
    sent: Stamp,
}

#[derive(Debug, Clone)]
struct Change {
    name: &'static str,
    old: Option<Value>,
    new: Option<Value>,
}

/// Returns changes of a table's items.
pub fn dynamodb() -> DynamoDb {
    DynamoDb {
        table: "orders".to_owned(),
        changes: Vec::new(),
        sent: Stamp::now(),
    }
}

impl DynamoDb {
    /// Sets the table. Default: `orders`.
    pub fn with_table(mut self, table: impl Into<String>) -> Self {
        self.table = table.into();
        self
    }

    /// Adds an item that was inserted.
    pub fn insert(self, item: &Value) -> Self {
        self.change("INSERT", None, Some(item))
    }

    /// Adds an item that was changed.
    pub fn modify(self, old: &Value, new: &Value) -> Self {
        self.change("MODIFY", Some(old), Some(new))
    }

    /// Adds an item that was removed.
    pub fn remove(self, item: &Value) -> Self {
        self.change("REMOVE", Some(item), None)
    }

    /// Sets how long ago the changes were made. Default: now.
    pub fn sent_ago(mut self, age: Duration) -> Self {
        self.sent = Stamp::ago(age);
        self
    }

    fn change(mut self, name: &'static str, old: Option<&Value>, new: Option<&Value>) -> Self {
        let (old, new) = (old.cloned(), new.cloned());
        self.changes.push(Change { name, old, new });
        self
    }

    pub(super) fn value(&self) -> Value {
        let default = [Change {
            name: "INSERT",
            old: None,
            new: Some(json!({"id": {"S": "1"}})),
        }];
        let changes = match self.changes.is_empty() {
            true => default.as_slice(),
            false => self.changes.as_slice(),
        };
        let records = changes.iter().enumerate();
        let records = records.map(|(index, change)| self.record(index, change));
        json!({"Records": records.collect::<Vec<_>>()})
    }

    fn record(&self, index: usize, change: &Change) -> Value {
        // The test's tables have one key.
        let item = change.new.as_ref().or(change.old.as_ref());
        let key = item.and_then(|item| item.get("id")).cloned();
        let mut changed = json!({
            "ApproximateCreationDateTime": self.sent.whole_seconds(),
            "Keys": {"id": key.unwrap_or_else(|| json!({"S": "1"}))},
            "SequenceNumber": (4_421_584_500_000_000_017_450_439_091_u128 + index as u128).to_string(),
            "SizeBytes": item.map_or(0, |item| item.to_string().len()),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        });
        for (name, image) in [("OldImage", &change.old), ("NewImage", &change.new)] {
            if let Some(image) = image {
                insert(&mut changed, name, image.clone());
            }
        }
        json!({
            "eventID": format!("{index:032x}"),
            "eventName": change.name,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": REGION,
            "dynamodb": changed,
            "eventSourceARN": format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{}/stream/2026-01-01T00:00:00.000", self.table),
        })
    }
}

/// Changes of objects in a bucket of Amazon S3.
///
/// Without a call of [`created`](Self::created) or [`removed`](Self::removed) the event has one object that
/// was created.
#[derive(Debug, Clone)]
#[must_use = "it is given to `Lambda::invoke`"]
pub struct S3 {
    bucket: String,
    objects: Vec<(&'static str, String)>,
    sent: Stamp,
}

/// Returns changes of objects in a bucket.
pub fn s3() -> S3 {
    S3 {
        bucket: "pictures".to_owned(),
        objects: Vec::new(),
        sent: Stamp::now(),
    }
}

impl S3 {
    /// Sets the bucket. Default: `pictures`.
    pub fn with_bucket(mut self, bucket: impl Into<String>) -> Self {
        self.bucket = bucket.into();
        self
    }

    /// Adds an object of this key, encoded as for a URL, that was created.
    pub fn created(mut self, key: impl Into<String>) -> Self {
        self.objects.push(("ObjectCreated:Put", key.into()));
        self
    }

    /// Adds an object of this key, encoded as for a URL, that was removed.
    pub fn removed(mut self, key: impl Into<String>) -> Self {
        self.objects.push(("ObjectRemoved:Delete", key.into()));
        self
    }

    /// Sets how long ago the objects changed. Default: now.
    pub fn sent_ago(mut self, age: Duration) -> Self {
        self.sent = Stamp::ago(age);
        self
    }

    pub(super) fn value(&self) -> Value {
        let default = [("ObjectCreated:Put", "a/b.jpg".to_owned())];
        let objects = match self.objects.is_empty() {
            true => default.as_slice(),
            false => self.objects.as_slice(),
        };
        let records = objects.iter().map(|(name, key)| self.record(name, key));
        json!({"Records": records.collect::<Vec<_>>()})
    }

    fn record(&self, name: &str, key: &str) -> Value {
        json!({
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": REGION,
            "eventTime": self.sent.iso_millis(),
            "eventName": name,
            "userIdentity": {"principalId": "EXAMPLE"},
            "requestParameters": {"sourceIPAddress": "192.0.2.10"},
            "responseElements": {
                "x-amz-request-id": "EXAMPLE123456789",
                "x-amz-id-2": "EXAMPLE123/5678abcdefghijklambdaisawesome/mnopqrstuvwxyzABCDEFGH",
            },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "function",
                "bucket": {
                    "name": self.bucket,
                    "ownerIdentity": {"principalId": "EXAMPLE"},
                    "arn": format!("arn:aws:s3:::{}", self.bucket),
                },
                "object": {
                    "key": key,
                    "size": 1_024,
                    "eTag": "0123456789abcdef0123456789abcdef",
                    "sequencer": "0A1B2C3D4E5F678901",
                },
            },
        })
    }
}
