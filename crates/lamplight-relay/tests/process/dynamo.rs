//! A simulated DynamoDB in the process of the test: a table, the expressions that the relay uses,
//! and a record of all writes.
//!
//! That DynamoDB behaves like this is tested elsewhere, by running the store with a DynamoDB
//! emulator.

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

/// A write of a shard's lease or checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Write {
    pub(crate) what: What,
    /// The id of the shard in its stream.
    pub(crate) shard: String,
    pub(crate) owner: String,
    /// The number of the lease for the write, or of the one that is taken.
    pub(crate) token: u64,
    pub(crate) is_refused: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Take,
    Save,
    Other,
}

/// A table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) url: String,
    items: Arc<Mutex<BTreeMap<(String, String), Item>>>,
    writes: Arc<watch::Sender<Vec<Write>>>,
}

impl Table {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let table = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            items: Arc::default(),
            writes: Arc::default(),
        };
        let serving = table.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        table
    }

    /// Returns all writes so far.
    pub(crate) fn writes(&self) -> Vec<Write> {
        self.writes.borrow().clone()
    }

    /// Waits for a matching write after a number of writes, and returns it.
    pub(crate) async fn until(&self, from: usize, is_meant: impl Fn(&Write) -> bool) -> Write {
        let mut writes = self.writes.subscribe();
        let find = |writes: &Vec<Write>| {
            let mut writes = writes.iter().skip(from);
            writes.find(|write| is_meant(write)).cloned()
        };
        let found = writes.wait_for(|writes| find(writes).is_some());
        let found = timeout(PATIENCE, found).await;
        find(&found.expect("a write in time").unwrap()).unwrap()
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut buffer = Vec::new();
        loop {
            let request = match Message::take(&mut buffer).unwrap() {
                Some(request) => request,
                None => match stream.read_buf(&mut buffer).await {
                    // The client may have been killed.
                    Ok(0) | Err(_) => return,
                    Ok(_) => continue,
                },
            };
            let target = request.header("x-amz-target").unwrap();
            let operation = target.rsplit('.').next().unwrap();
            let input: Value = serde_json::from_slice(&request.body).unwrap();
            let (status, body) = match self.answer(operation, &input) {
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

    fn answer(&self, operation: &str, input: &Value) -> Result<Value, Value> {
        let mut items = self.items.lock().unwrap();
        match operation {
            "Query" => {
                let partition = text(&input["ExpressionAttributeValues"][":pk"]);
                let found = items.iter().filter(|((pk, _), _)| pk == partition);
                let found: Vec<_> = found.map(|(_, item)| item.clone()).collect();
                Ok(json!({"Count": found.len(), "ScannedCount": found.len(), "Items": found}))
            }
            "PutItem" | "UpdateItem" => {
                let change = Change::new(operation, input);
                let is_met = change.is_met(&items);
                self.note(&[&change], !is_met);
                if !is_met {
                    return Err(error("ConditionalCheckFailedException", &json!({})));
                }
                change.make(&mut items);
                Ok(json!({}))
            }
            "TransactWriteItems" => {
                let all = input["TransactItems"].as_array().unwrap();
                let changes = all.iter().map(|one| match &one["Put"] {
                    Value::Null => Change::new("UpdateItem", &one["Update"]),
                    put => Change::new("PutItem", put),
                });
                let changes: Vec<_> = changes.collect();
                let are_met = changes.iter().map(|change| change.is_met(&items));
                let are_met: Vec<_> = are_met.collect();
                let is_refused = are_met.contains(&false);
                self.note(&changes.iter().collect::<Vec<_>>(), is_refused);
                if is_refused {
                    let codes = ["ConditionalCheckFailed", "None"];
                    let reason = |is_met: bool| json!({"Code": codes[usize::from(is_met)]});
                    let reasons: Vec<_> = are_met.into_iter().map(reason).collect();
                    let more = json!({"CancellationReasons": reasons});
                    return Err(error("TransactionCanceledException", &more));
                }
                for change in changes {
                    change.make(&mut items);
                }
                Ok(json!({}))
            }
            other => panic!("{other} is not asked for"),
        }
    }

    fn note(&self, changes: &[&Change<'_>], is_refused: bool) {
        let writes = changes.iter().filter_map(|change| change.write(is_refused));
        let writes: Vec<_> = writes.collect();
        self.writes.send_modify(|all| all.extend(writes));
    }
}

/// A change of an item, under a condition.
struct Change<'a> {
    key: (String, String),
    input: &'a Value,
    is_put: bool,
}

impl<'a> Change<'a> {
    fn new(operation: &str, input: &'a Value) -> Self {
        let is_put = operation == "PutItem";
        let key = if is_put {
            &input["Item"]
        } else {
            &input["Key"]
        };
        Self {
            key: (text(&key["pk"]).to_owned(), text(&key["sk"]).to_owned()),
            input,
            is_put,
        }
    }

    fn value(&self, name: &str) -> &'a Value {
        let value = &self.input["ExpressionAttributeValues"][name];
        assert!(!value.is_null(), "{name} in {}", self.input);
        value
    }

    fn is_met(&self, items: &BTreeMap<(String, String), Item>) -> bool {
        let item = items.get(&self.key);
        let condition = self.input["ConditionExpression"].as_str().unwrap_or("");
        let mut parts = condition.split(" AND ").filter(|part| !part.is_empty());
        parts.all(|part| match part.split_once(" = ") {
            Some((name, value)) => {
                let there = item.and_then(|item| item.get(name));
                there == Some(self.value(value))
            }
            None => {
                assert_eq!(part, "attribute_not_exists(pk)");
                item.is_none()
            }
        })
    }

    fn make(&self, items: &mut BTreeMap<(String, String), Item>) {
        if self.is_put {
            let item = self.input["Item"].as_object().unwrap().clone();
            items.insert(self.key.clone(), item);
            return;
        }
        let item = items.get_mut(&self.key).expect("it has been put");
        let change = self.input["UpdateExpression"].as_str().unwrap();
        let mut clause = "";
        for word in split(change) {
            if ["SET", "ADD", "REMOVE"].contains(&word) {
                clause = word;
                continue;
            }
            match (clause, word.split_once(' ')) {
                ("SET", Some((name, value))) => {
                    let value = self.value(value.trim_start_matches("= "));
                    item.insert(name.to_owned(), value.clone());
                }
                ("ADD", Some((name, value))) => {
                    let sum = number(&item[name]) + number(self.value(value));
                    item.insert(name.to_owned(), json!({"N": sum.to_string()}));
                }
                ("REMOVE", None) => {
                    item.remove(word);
                }
                _ => panic!("{change} is not understood"),
            }
        }
    }

    /// Returns the meaning of the change for a shard, if it concerns one.
    fn write(&self, is_refused: bool) -> Option<Write> {
        let change = self.input["UpdateExpression"].as_str()?;
        let values = &self.input["ExpressionAttributeValues"];
        let (what, token) = match change {
            take if take.contains("lease_owner = ") => (What::Take, ":next"),
            save if save.contains("checkpoint = ") => (What::Save, ":token"),
            _ => (What::Other, ":token"),
        };
        Some(Write {
            what,
            shard: self.key.1.clone(),
            owner: text(&values[":owner"]).to_owned(),
            token: number(&values[token]),
            is_refused,
        })
    }
}

/// Returns the clauses of an expression, split at commas.
fn split(change: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for part in change.split(", ") {
        let mut rest = part;
        loop {
            let next = ["SET ", "ADD ", "REMOVE "].map(|clause| rest.find(clause));
            let next = next.into_iter().flatten().min();
            let Some(next) = next else {
                parts.push(rest.trim());
                break;
            };
            if next > 0 {
                parts.push(rest[..next].trim());
            }
            let end = next + rest[next..].find(' ').unwrap();
            parts.push(&rest[next..end]);
            rest = &rest[end + 1..];
        }
    }
    parts
}

fn text(value: &Value) -> &str {
    value["S"].as_str().unwrap()
}

fn number(value: &Value) -> u64 {
    value["N"].as_str().unwrap().parse().unwrap()
}

fn error(kind: &str, more: &Value) -> Value {
    let kind = format!("com.amazonaws.dynamodb.v20120810#{kind}");
    let mut body = json!({"__type": kind, "message": "as the condition says"});
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    body
}
