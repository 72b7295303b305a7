//! A DynamoDB table with the operations that a checkpoint store needs: queries of a partition, and
//! conditional writes, single and transactional.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use lamplight_test_rig::{Message, response};
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};

use crate::receiver::PATIENCE;

type Item = Map<String, Value>;
type Items = BTreeMap<(String, String), Item>;

/// A table that is served over HTTP.
pub(crate) struct Table {
    pub(crate) url: String,
    state: Arc<watch::Sender<Items>>,
}

/// The written data of a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) owner: Option<String>,
    pub(crate) token: u64,
    pub(crate) checkpoint: String,
}

impl Table {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(watch::Sender::new(Items::new()));
        let served = state.clone();
        tokio::spawn(async move {
            // One at a time: checking a condition and making its change is atomic.
            let one_at_a_time = Arc::new(Mutex::new(()));
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(connection(stream, served.clone(), one_at_a_time.clone()));
            }
        });
        Self { url, state }
    }

    /// Returns the row of the only shard, if there is one.
    pub(crate) fn row(&self) -> Option<Row> {
        row(&self.state.borrow())
    }

    /// Waits until the row of the only shard meets a condition.
    pub(crate) async fn wait_for(&self, wanted: impl Fn(&Row) -> bool) -> Row {
        let mut state = self.state.subscribe();
        let found = state.wait_for(|items| row(items).is_some_and(|row| wanted(&row)));
        let found = timeout(PATIENCE, found).await.expect("a row in time");
        row(&found.unwrap()).unwrap()
    }
}

fn row(items: &Items) -> Option<Row> {
    let mut rows = items
        .iter()
        .filter(|((pk, _), _)| pk.starts_with("shards#"));
    let (_, item) = rows.next()?;
    assert!(rows.next().is_none(), "a test has one shard");
    let text = |name: &str, kind: &str| Some(item.get(name)?[kind].as_str()?.to_owned());
    Some(Row {
        owner: text("lease_owner", "S"),
        token: text("lease_token", "N")?.parse().unwrap(),
        checkpoint: text("checkpoint", "S")?,
    })
}

async fn connection(
    mut stream: TcpStream,
    state: Arc<watch::Sender<Items>>,
    one_at_a_time: Arc<Mutex<()>>,
) {
    let mut buffer = Vec::new();
    loop {
        let Some(request) = Message::take(&mut buffer).unwrap() else {
            match stream.read_buf(&mut buffer).await {
                // The client may have been killed.
                Ok(0) | Err(_) => return,
                Ok(_) => continue,
            }
        };
        let target = request.header("x-amz-target").unwrap();
        let operation = target.rsplit('.').next().unwrap();
        let input: Value = serde_json::from_slice(&request.body).unwrap();
        let answer = {
            let _one = one_at_a_time.lock().unwrap();
            let mut items = state.borrow().clone();
            let answer = call(operation, &input, &mut items);
            if answer.is_ok() && operation != "Query" {
                state.send_replace(items);
            }
            answer
        };
        let (status, body) = match answer {
            Ok(body) => (200, body),
            Err(body) => (400, body),
        };
        let headers = [("content-type", "application/x-amz-json-1.0")];
        let bytes = response(status, &headers, body.to_string().as_bytes());
        if stream.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

/// Responds to a call, and changes the items if all its conditions hold.
fn call(operation: &str, input: &Value, items: &mut Items) -> Result<Value, Value> {
    match operation {
        "Query" => {
            assert_eq!(input["KeyConditionExpression"], "pk = :pk");
            assert_eq!(input["ConsistentRead"], true);
            let wanted = input["ExpressionAttributeValues"][":pk"]["S"].as_str();
            let found = items.iter().filter(|((pk, _), _)| Some(&**pk) == wanted);
            let found: Vec<_> = found.map(|(_, item)| item).collect();
            Ok(json!({ "Items": found, "Count": found.len(), "ScannedCount": found.len() }))
        }
        "PutItem" | "UpdateItem" => match write(operation, input, items) {
            true => Ok(json!({})),
            false => Err(json!({
                "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
                "message": "The conditional request failed",
            })),
        },
        "TransactWriteItems" => {
            let writes = input["TransactItems"].as_array().unwrap().iter();
            let writes = writes.flat_map(|it| it.as_object().unwrap());
            let held: Vec<_> = writes
                .map(|(kind, write)| self::write(&format!("{kind}Item"), write, items))
                .collect();
            if held.iter().all(|held| *held) {
                return Ok(json!({}));
            }
            let code = |held| {
                if held {
                    "None"
                } else {
                    "ConditionalCheckFailed"
                }
            };
            let reasons: Vec<_> = held
                .into_iter()
                .map(|it| json!({ "Code": code(it) }))
                .collect();
            Err(json!({
                "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
                "message": "Transaction cancelled",
                "CancellationReasons": reasons,
            }))
        }
        other => panic!("the role of the function does not allow {other}"),
    }
}

/// Writes an item, and returns whether its condition held.
fn write(operation: &str, input: &Value, items: &mut Items) -> bool {
    let (key, values) = match operation {
        "PutItem" => (&input["Item"], &Value::Null),
        _ => (&input["Key"], &input["ExpressionAttributeValues"]),
    };
    let part = |name: &str| key[name]["S"].as_str().unwrap().to_owned();
    let place = (part("pk"), part("sk"));
    let condition = input["ConditionExpression"].as_str().unwrap_or_default();
    if !holds(condition, items.get(&place), values) {
        return false;
    }
    let key = key.as_object().unwrap();
    match operation {
        "PutItem" => drop(items.insert(place, key.clone())),
        _ => {
            let item = items.entry(place).or_insert_with(|| key.clone());
            change(input["UpdateExpression"].as_str().unwrap(), item, values);
        }
    }
    true
}

fn holds(condition: &str, item: Option<&Item>, values: &Value) -> bool {
    let mut parts = condition.split(" AND ").filter(|part| !part.is_empty());
    parts.all(|part| match part.split_once(" = ") {
        Some((name, value)) => item.and_then(|item| item.get(name)) == Some(&values[value]),
        None => {
            assert_eq!(part, "attribute_not_exists(pk)");
            item.is_none()
        }
    })
}

fn change(expression: &str, item: &mut Item, values: &Value) {
    let mut words = expression
        .split([' ', ',', '='])
        .filter(|word| !word.is_empty());
    let mut clause = "";
    while let Some(word) = words.next() {
        match (word, clause) {
            ("SET" | "ADD" | "REMOVE", _) => clause = word,
            (name, "REMOVE") => drop(item.remove(name)),
            (name, "SET") => {
                let value = values[words.next().unwrap()].clone();
                item.insert(name.to_owned(), value);
            }
            (name, "ADD") => {
                let number = |value: &Value| value["N"].as_str().map_or(0, |n| n.parse().unwrap());
                let by: u64 = number(&values[words.next().unwrap()]);
                let sum = by + item.get(name).map_or(0, number);
                item.insert(name.to_owned(), json!({ "N": sum.to_string() }));
            }
            other => panic!("{other:?} in {expression}"),
        }
    }
}
