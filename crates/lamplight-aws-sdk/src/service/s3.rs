//! S3: the bucket and the object.

use aws_sdk_s3::{operation::delete_objects::DeleteObjectsOutput, types::Delete};
use aws_smithy_runtime_api::client::interceptors::context::Output;
use lamplight_semconv::aws::s3;
use opentelemetry::KeyValue;

use super::{batch::record_refused, definition::Service, macros::describing};
use crate::{LamplightInterceptor, call::Call, error::Failure};

pub(super) const SERVICE: Service = Service {
    describe,
    response,
    ..Service::new("S3")
};

/// The maximum length of a recorded list of objects, in bytes; a request may have a thousand keys.
const MAX_DELETE: usize = 2048;

/// Operations on a bucket, and on an object in a bucket.
macro_rules! operations {
    (
        bucket: $($bucket_name:literal $bucket_module:ident::$bucket_input:ident;)+
        object: $($name:literal $module:ident::$input:ident;)+
        with: $($rest:tt)*
    ) => {
        describing! {
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
        "CreateBucketMetadataConfiguration"
            create_bucket_metadata_configuration::CreateBucketMetadataConfigurationInput;
        "CreateBucketMetadataTableConfiguration"
            create_bucket_metadata_table_configuration::CreateBucketMetadataTableConfigurationInput;
        "CreateSession" create_session::CreateSessionInput;
        "DeleteBucket" delete_bucket::DeleteBucketInput;
        "DeleteBucketAnalyticsConfiguration"
            delete_bucket_analytics_configuration::DeleteBucketAnalyticsConfigurationInput;
        "DeleteBucketCors" delete_bucket_cors::DeleteBucketCorsInput;
        "DeleteBucketEncryption" delete_bucket_encryption::DeleteBucketEncryptionInput;
        "DeleteBucketIntelligentTieringConfiguration"
            delete_bucket_intelligent_tiering_configuration::DeleteBucketIntelligentTieringConfigurationInput;
        "DeleteBucketInventoryConfiguration"
            delete_bucket_inventory_configuration::DeleteBucketInventoryConfigurationInput;
        "DeleteBucketLifecycle" delete_bucket_lifecycle::DeleteBucketLifecycleInput;
        "DeleteBucketMetadataConfiguration"
            delete_bucket_metadata_configuration::DeleteBucketMetadataConfigurationInput;
        "DeleteBucketMetadataTableConfiguration"
            delete_bucket_metadata_table_configuration::DeleteBucketMetadataTableConfigurationInput;
        "DeleteBucketMetricsConfiguration"
            delete_bucket_metrics_configuration::DeleteBucketMetricsConfigurationInput;
        "DeleteBucketOwnershipControls"
            delete_bucket_ownership_controls::DeleteBucketOwnershipControlsInput;
        "DeleteBucketPolicy" delete_bucket_policy::DeleteBucketPolicyInput;
        "DeleteBucketReplication" delete_bucket_replication::DeleteBucketReplicationInput;
        "DeleteBucketTagging" delete_bucket_tagging::DeleteBucketTaggingInput;
        "DeleteBucketWebsite" delete_bucket_website::DeleteBucketWebsiteInput;
        "DeletePublicAccessBlock" delete_public_access_block::DeletePublicAccessBlockInput;
        "GetBucketAbac" get_bucket_abac::GetBucketAbacInput;
        "GetBucketAccelerateConfiguration"
            get_bucket_accelerate_configuration::GetBucketAccelerateConfigurationInput;
        "GetBucketAcl" get_bucket_acl::GetBucketAclInput;
        "GetBucketAnalyticsConfiguration"
            get_bucket_analytics_configuration::GetBucketAnalyticsConfigurationInput;
        "GetBucketCors" get_bucket_cors::GetBucketCorsInput;
        "GetBucketEncryption" get_bucket_encryption::GetBucketEncryptionInput;
        "GetBucketIntelligentTieringConfiguration"
            get_bucket_intelligent_tiering_configuration::GetBucketIntelligentTieringConfigurationInput;
        "GetBucketInventoryConfiguration"
            get_bucket_inventory_configuration::GetBucketInventoryConfigurationInput;
        "GetBucketLifecycleConfiguration"
            get_bucket_lifecycle_configuration::GetBucketLifecycleConfigurationInput;
        "GetBucketLocation" get_bucket_location::GetBucketLocationInput;
        "GetBucketLogging" get_bucket_logging::GetBucketLoggingInput;
        "GetBucketMetadataConfiguration"
            get_bucket_metadata_configuration::GetBucketMetadataConfigurationInput;
        "GetBucketMetadataTableConfiguration"
            get_bucket_metadata_table_configuration::GetBucketMetadataTableConfigurationInput;
        "GetBucketMetricsConfiguration"
            get_bucket_metrics_configuration::GetBucketMetricsConfigurationInput;
        "GetBucketNotificationConfiguration"
            get_bucket_notification_configuration::GetBucketNotificationConfigurationInput;
        "GetBucketOwnershipControls" get_bucket_ownership_controls::GetBucketOwnershipControlsInput;
        "GetBucketPolicy" get_bucket_policy::GetBucketPolicyInput;
        "GetBucketPolicyStatus" get_bucket_policy_status::GetBucketPolicyStatusInput;
        "GetBucketReplication" get_bucket_replication::GetBucketReplicationInput;
        "GetBucketRequestPayment" get_bucket_request_payment::GetBucketRequestPaymentInput;
        "GetBucketTagging" get_bucket_tagging::GetBucketTaggingInput;
        "GetBucketVersioning" get_bucket_versioning::GetBucketVersioningInput;
        "GetBucketWebsite" get_bucket_website::GetBucketWebsiteInput;
        "GetObjectLockConfiguration" get_object_lock_configuration::GetObjectLockConfigurationInput;
        "GetPublicAccessBlock" get_public_access_block::GetPublicAccessBlockInput;
        "HeadBucket" head_bucket::HeadBucketInput;
        "ListBucketAnalyticsConfigurations"
            list_bucket_analytics_configurations::ListBucketAnalyticsConfigurationsInput;
        "ListBucketIntelligentTieringConfigurations"
            list_bucket_intelligent_tiering_configurations::ListBucketIntelligentTieringConfigurationsInput;
        "ListBucketInventoryConfigurations"
            list_bucket_inventory_configurations::ListBucketInventoryConfigurationsInput;
        "ListBucketMetricsConfigurations"
            list_bucket_metrics_configurations::ListBucketMetricsConfigurationsInput;
        "ListMultipartUploads" list_multipart_uploads::ListMultipartUploadsInput;
        "ListObjectVersions" list_object_versions::ListObjectVersionsInput;
        "ListObjects" list_objects::ListObjectsInput;
        "ListObjectsV2" list_objects_v2::ListObjectsV2Input;
        "PutBucketAbac" put_bucket_abac::PutBucketAbacInput;
        "PutBucketAccelerateConfiguration"
            put_bucket_accelerate_configuration::PutBucketAccelerateConfigurationInput;
        "PutBucketAcl" put_bucket_acl::PutBucketAclInput;
        "PutBucketAnalyticsConfiguration"
            put_bucket_analytics_configuration::PutBucketAnalyticsConfigurationInput;
        "PutBucketCors" put_bucket_cors::PutBucketCorsInput;
        "PutBucketEncryption" put_bucket_encryption::PutBucketEncryptionInput;
        "PutBucketIntelligentTieringConfiguration"
            put_bucket_intelligent_tiering_configuration::PutBucketIntelligentTieringConfigurationInput;
        "PutBucketInventoryConfiguration"
            put_bucket_inventory_configuration::PutBucketInventoryConfigurationInput;
        "PutBucketLifecycleConfiguration"
            put_bucket_lifecycle_configuration::PutBucketLifecycleConfigurationInput;
        "PutBucketLogging" put_bucket_logging::PutBucketLoggingInput;
        "PutBucketMetricsConfiguration"
            put_bucket_metrics_configuration::PutBucketMetricsConfigurationInput;
        "PutBucketNotificationConfiguration"
            put_bucket_notification_configuration::PutBucketNotificationConfigurationInput;
        "PutBucketOwnershipControls" put_bucket_ownership_controls::PutBucketOwnershipControlsInput;
        "PutBucketPolicy" put_bucket_policy::PutBucketPolicyInput;
        "PutBucketReplication" put_bucket_replication::PutBucketReplicationInput;
        "PutBucketRequestPayment" put_bucket_request_payment::PutBucketRequestPaymentInput;
        "PutBucketTagging" put_bucket_tagging::PutBucketTaggingInput;
        "PutBucketVersioning" put_bucket_versioning::PutBucketVersioningInput;
        "PutBucketWebsite" put_bucket_website::PutBucketWebsiteInput;
        "PutObjectLockConfiguration" put_object_lock_configuration::PutObjectLockConfigurationInput;
        "PutPublicAccessBlock" put_public_access_block::PutPublicAccessBlockInput;
        "UpdateBucketMetadataAnnotationTableConfiguration"
            update_bucket_metadata_annotation_table_configuration::UpdateBucketMetadataAnnotationTableConfigurationInput;
        "UpdateBucketMetadataInventoryTableConfiguration"
            update_bucket_metadata_inventory_table_configuration::UpdateBucketMetadataInventoryTableConfigurationInput;
        "UpdateBucketMetadataJournalTableConfiguration"
            update_bucket_metadata_journal_table_configuration::UpdateBucketMetadataJournalTableConfigurationInput;
    object:
        "CreateMultipartUpload" create_multipart_upload::CreateMultipartUploadInput;
        "DeleteObject" delete_object::DeleteObjectInput;
        "DeleteObjectAnnotation" delete_object_annotation::DeleteObjectAnnotationInput;
        "DeleteObjectTagging" delete_object_tagging::DeleteObjectTaggingInput;
        "GetObject" get_object::GetObjectInput;
        "GetObjectAcl" get_object_acl::GetObjectAclInput;
        "GetObjectAnnotation" get_object_annotation::GetObjectAnnotationInput;
        "GetObjectAttributes" get_object_attributes::GetObjectAttributesInput;
        "GetObjectLegalHold" get_object_legal_hold::GetObjectLegalHoldInput;
        "GetObjectRetention" get_object_retention::GetObjectRetentionInput;
        "GetObjectTagging" get_object_tagging::GetObjectTaggingInput;
        "GetObjectTorrent" get_object_torrent::GetObjectTorrentInput;
        "HeadObject" head_object::HeadObjectInput;
        "ListObjectAnnotations" list_object_annotations::ListObjectAnnotationsInput;
        "PutObject" put_object::PutObjectInput;
        "PutObjectAcl" put_object_acl::PutObjectAclInput;
        "PutObjectAnnotation" put_object_annotation::PutObjectAnnotationInput;
        "PutObjectLegalHold" put_object_legal_hold::PutObjectLegalHoldInput;
        "PutObjectRetention" put_object_retention::PutObjectRetentionInput;
        "PutObjectTagging" put_object_tagging::PutObjectTaggingInput;
        "RenameObject" rename_object::RenameObjectInput;
        "RestoreObject" restore_object::RestoreObjectInput;
        "SelectObjectContent" select_object_content::SelectObjectContentInput;
        "UpdateObjectEncryption" update_object_encryption::UpdateObjectEncryptionInput;
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

/// Records the objects that a request for several deletions could not delete.
fn response(
    _operation: &str,
    output: &Output,
    _lamplight: &LamplightInterceptor,
    call: &mut Call,
) -> Option<Failure> {
    let errors = output.downcast_ref::<DeleteObjectsOutput>()?.errors();
    let refused = errors.iter().map(|error| {
        let which = error.key().map(|key| s3::key(key.to_owned()));
        (error.code(), which)
    });
    record_refused(refused, call);
    None
}

/// Returns the objects in the syntax of the command line: `Objects=[{Key=a},{Key=b}],Quiet=false`. The part
/// beyond [`MAX_DELETE`] is replaced by `...`.
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
