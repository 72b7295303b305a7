//! A warehouse that subscribes to orders, and has lamps only.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lamplight::init().run(service_fn(receive)).await
}

async fn receive(event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let order = |name| {
        event
            .payload
            .pointer(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    match order("/data/article") {
        "lamp" => Ok(json!({ "shipped": order("/data/id") })),
        article => Err(Diagnostic {
            error_type: "OutOfStock".to_owned(),
            error_message: format!("{article} is not in stock"),
        }),
    }
}
