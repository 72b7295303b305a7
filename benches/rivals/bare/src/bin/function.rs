//! `lambda_runtime` and nothing else.

#[path = "../../../shared/function.rs"]
mod function;

use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    if function::takes_sqs() {
        let handler = service_fn(|event: LambdaEvent<_>| function::sqs(event.payload));
        return Runtime::new(handler).run().await;
    }
    let handler = service_fn(|event: LambdaEvent<_>| function::http(event.payload, None));
    #[cfg(feature = "concurrency")]
    return Runtime::new(handler).run_concurrent().await;
    #[cfg(not(feature = "concurrency"))]
    Runtime::new(handler).run().await
}
