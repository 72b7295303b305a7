use aws_sdk_s3::operation::delete_objects::DeleteObjectsOutput;
use aws_sdk_s3::types::Delete;
use aws_smithy_runtime_api::client::interceptors::context::Output;
use lamplight_semconv::aws::s3;
use opentelemetry::KeyValue;

use super::describe;
use crate::call::Call;

/// Longest list of objects recorded, in bytes; a request may have a thousand keys.
const MAX_DELETE: usize = 2048;

/// Operations on a bucket, and on an object of one.
macro_rules! operations {
    (
        bucket: $($bucket_name:literal $bucket_module:ident::$bucket_input:ident;)+
        object: $($name:literal $module:ident::$input:ident;)+
        with: $($rest:tt)*
    ) => {
        describe! {
            $($bucket_name aws_sdk_s3::operation::$bucket_module::$bucket_input: |input, to| {
                bucket(input.bucket(), to);
            })+
            $($name aws_sdk_s3::operation::$module::$input: |input, to| {
                bucket(input.bucket(), to);
                key(input.key(), to);
            })+
            $($rest)*
        }
    };
}

operations! {
    bucket:
        "CreateBucket" create_bucket::CreateBucketInput;
        "DeleteBucket" delete_bucket::DeleteBucketInput;
        "GetBucketLocation" get_bucket_location::GetBucketLocationInput;
        "GetBucketNotificationConfiguration"
            get_bucket_notification_configuration::GetBucketNotificationConfigurationInput;
        "GetBucketPolicy" get_bucket_policy::GetBucketPolicyInput;
        "GetBucketTagging" get_bucket_tagging::GetBucketTaggingInput;
        "HeadBucket" head_bucket::HeadBucketInput;
        "ListMultipartUploads" list_multipart_uploads::ListMultipartUploadsInput;
        "ListObjects" list_objects::ListObjectsInput;
        "ListObjectsV2" list_objects_v2::ListObjectsV2Input;
        "ListObjectVersions" list_object_versions::ListObjectVersionsInput;
        "PutBucketNotificationConfiguration"
            put_bucket_notification_configuration::PutBucketNotificationConfigurationInput;
        "PutBucketTagging" put_bucket_tagging::PutBucketTaggingInput;
    object:
        "CreateMultipartUpload" create_multipart_upload::CreateMultipartUploadInput;
        "DeleteObject" delete_object::DeleteObjectInput;
        "DeleteObjectTagging" delete_object_tagging::DeleteObjectTaggingInput;
        "GetObject" get_object::GetObjectInput;
        "GetObjectAcl" get_object_acl::GetObjectAclInput;
        "GetObjectAttributes" get_object_attributes::GetObjectAttributesInput;
        "GetObjectTagging" get_object_tagging::GetObjectTaggingInput;
        "HeadObject" head_object::HeadObjectInput;
        "PutObject" put_object::PutObjectInput;
        "PutObjectAcl" put_object_acl::PutObjectAclInput;
        "PutObjectTagging" put_object_tagging::PutObjectTaggingInput;
        "RestoreObject" restore_object::RestoreObjectInput;
        "SelectObjectContent" select_object_content::SelectObjectContentInput;
    with:
        "AbortMultipartUpload"
            aws_sdk_s3::operation::abort_multipart_upload::AbortMultipartUploadInput: |input, to| {
            bucket(input.bucket(), to);
            key(input.key(), to);
            upload(input.upload_id(), to);
        }
        "CompleteMultipartUpload"
            aws_sdk_s3::operation::complete_multipart_upload::CompleteMultipartUploadInput: |input, to| {
            bucket(input.bucket(), to);
            key(input.key(), to);
            upload(input.upload_id(), to);
        }
        "CopyObject" aws_sdk_s3::operation::copy_object::CopyObjectInput: |input, to| {
            bucket(input.bucket(), to);
            key(input.key(), to);
            source(input.copy_source(), to);
        }
        "DeleteObjects" aws_sdk_s3::operation::delete_objects::DeleteObjectsInput: |input, to| {
            bucket(input.bucket(), to);
            to.extend(input.delete().map(|delete| s3::delete(shorthand(delete))));
        }
        "ListParts" aws_sdk_s3::operation::list_parts::ListPartsInput: |input, to| {
            bucket(input.bucket(), to);
            key(input.key(), to);
            upload(input.upload_id(), to);
        }
        "UploadPart" aws_sdk_s3::operation::upload_part::UploadPartInput: |input, to| {
            bucket(input.bucket(), to);
            key(input.key(), to);
            upload(input.upload_id(), to);
            to.extend(input.part_number().map(|number| s3::part_number(number.into())));
        }
        "UploadPartCopy" aws_sdk_s3::operation::upload_part_copy::UploadPartCopyInput: |input, to| {
            bucket(input.bucket(), to);
            key(input.key(), to);
            source(input.copy_source(), to);
            upload(input.upload_id(), to);
            to.extend(input.part_number().map(|number| s3::part_number(number.into())));
        }
}

/// Records the objects that a request to delete several could not delete.
pub(super) fn response(output: &Output, call: &mut Call) -> Option<()> {
    let errors = output.downcast_ref::<DeleteObjectsOutput>()?.errors();
    call.failed_entries(errors.iter().map(|error| {
        let which = error.key().map(|key| s3::key(key.to_owned()));
        (error.code(), which)
    }));
    Some(())
}

/// The objects as the command line writes them: `Objects=[{Key=a},{Key=b}],Quiet=false`. What is
/// beyond [`MAX_DELETE`] is left out, and `...` stands for it.
fn shorthand(delete: &Delete) -> String {
    let mut text = String::from("Objects=[");
    for (position, object) in delete.objects().iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        let version = object.version_id().unwrap_or_default();
        if text.len() + object.key().len() + version.len() > MAX_DELETE {
            text.push_str("...");
            break;
        }
        text.push_str("{Key=");
        text.push_str(object.key());
        if !version.is_empty() {
            text.push_str(",VersionId=");
            text.push_str(version);
        }
        text.push('}');
    }
    text.push_str(if delete.quiet() == Some(true) {
        "],Quiet=true"
    } else {
        "],Quiet=false"
    });
    text
}

fn bucket(name: Option<&str>, to: &mut Vec<KeyValue>) {
    to.extend(name.map(|name| s3::bucket(name.to_owned())));
}

fn key(name: Option<&str>, to: &mut Vec<KeyValue>) {
    to.extend(name.map(|name| s3::key(name.to_owned())));
}

fn upload(id: Option<&str>, to: &mut Vec<KeyValue>) {
    to.extend(id.map(|id| s3::upload_id(id.to_owned())));
}

fn source(path: Option<&str>, to: &mut Vec<KeyValue>) {
    to.extend(path.map(|path| s3::copy_source(path.to_owned())));
}
