//! The comparison of spans with registries.

use std::{fs, path::PathBuf};

use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight_testing::{Lambda, LambdaBuilder};
use opentelemetry::KeyValue;
use serde_json::{Value, json};

use crate::message;

async fn handler(_: LambdaEvent<Value>) -> Result<(), Error> {
    let current = lamplight::current();
    current.set_attribute(KeyValue::new("com.acme.basket.size", 3_i64));
    Ok(())
}

/// A registry of the function's own, in a folder that is gone when this is dropped.
struct OwnRegistry(PathBuf);

impl OwnRegistry {
    fn new(r#type: &str, example: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("lamplight-testing-{type}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let manifest = "name: acme\ndescription: Acme's.\nschema_url: https://acme.example/schemas/1.0.0\nstability: stable\n";
        fs::write(folder.join("manifest.yaml"), manifest).unwrap();
        let registry = format!(
            "file_format: definition/2\nattributes:\n  - key: com.acme.basket.size\n    type: {type}\n    stability: stable\n    brief: Things in the basket.\n    examples: [{example}]\n",
        );
        fs::write(folder.join("acme.yaml"), registry).unwrap();
        Self(folder)
    }
}

impl Drop for OwnRegistry {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn complaint(builder: LambdaBuilder) -> Option<String> {
    let invocation = builder.build(service_fn(handler)).invoke(json!({})).await;
    invocation.response();
    let report = invocation.conformance();
    if report.is_clean() {
        invocation.assert_conforms();
        return None;
    }
    Some(message(|| invocation.assert_conforms().request_id()))
}

#[tokio::test]
async fn an_attribute_that_no_registry_has_is_reported() {
    let complaint = complaint(Lambda::builder()).await.unwrap();
    assert!(complaint.contains("com.acme.basket.size"), "{complaint}");
    assert!(complaint.contains("function [SERVER]"), "{complaint}");
}

#[tokio::test]
async fn an_attribute_can_be_left_out() {
    let builder = Lambda::builder().with_ignored_attributes("com.acme");
    assert_eq!(complaint(builder).await, None);
}

#[tokio::test]
async fn a_registry_of_the_functions_own_stands_beside_lamplights() {
    let registry = OwnRegistry::new("int", "3");
    let builder = Lambda::builder().with_registry(&registry.0);
    assert_eq!(complaint(builder).await, None);

    let registry = OwnRegistry::new("string", "three");
    let builder = Lambda::builder().with_registry(&registry.0);
    let complaint = complaint(builder).await.unwrap();
    assert!(complaint.contains("com.acme.basket.size"), "{complaint}");
}

#[test]
fn a_registry_that_is_not_there_is_reported() {
    let message = message(|| {
        Lambda::builder()
            .with_registry("/not/there")
            .build(service_fn(handler))
    });
    assert!(message.contains("/not/there"), "{message}");
}
