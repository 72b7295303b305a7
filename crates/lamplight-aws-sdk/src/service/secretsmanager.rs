//! Secrets Manager: the ARN of the secret.

use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;
use aws_smithy_runtime_api::client::interceptors::context::Output;
use lamplight_semconv::aws::secretsmanager::secret;
use opentelemetry::KeyValue;

use super::{definition::Service, macros::describing};
use crate::{LamplightInterceptor, call::Call, error::Failure};

pub(super) const SERVICE: Service = Service {
    describe,
    response,
    ..Service::new("Secrets Manager")
};

macro_rules! operations {
    ($($name:literal $module:ident::$input:ident;)+) => {
        describing! {
            $($name aws_sdk_secretsmanager::operation::$module::$input: |input, to| {
                arn(input.secret_id(), to);
            })+
        }
    };
}

operations! {
    "CancelRotateSecret" cancel_rotate_secret::CancelRotateSecretInput;
    "DeleteSecret" delete_secret::DeleteSecretInput;
    "DescribeSecret" describe_secret::DescribeSecretInput;
    "GetSecretValue" get_secret_value::GetSecretValueInput;
    "ListSecretVersionIds" list_secret_version_ids::ListSecretVersionIdsInput;
    "PutSecretValue" put_secret_value::PutSecretValueInput;
    "RestoreSecret" restore_secret::RestoreSecretInput;
    "RotateSecret" rotate_secret::RotateSecretInput;
    "UpdateSecret" update_secret::UpdateSecretInput;
    "UpdateSecretVersionStage" update_secret_version_stage::UpdateSecretVersionStageInput;
}

/// Records the ARN of a secret that was requested by name.
fn response(
    _operation: &str,
    output: &Output,
    _lamplight: &LamplightInterceptor,
    call: &mut Call,
) -> Option<Failure> {
    let found = output.downcast_ref::<GetSecretValueOutput>()?.arn()?;
    call.set(secret::arn(found.to_owned()));
    None
}

/// Adds the ARN, if the request contains it.
fn arn(id: Option<&str>, to: &mut Vec<KeyValue>) {
    to.extend(
        id.filter(|id| id.starts_with("arn:"))
            .map(|arn| secret::arn(arn.to_owned())),
    );
}
