//! A warehouse that subscribes to orders, and has lamps only.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(receive)).await
}

async fn receive(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let field = |pointer| event.payload.pointer(pointer).and_then(Value::as_str);
    match field("/data/article") {
        Some("lamp") => Ok(json!({ "shipped": field("/data/id") })),
        Some(article) => Err(format!("{article} is not in stock").into()),
        None => Err("the order names no article".into()),
    }
}
