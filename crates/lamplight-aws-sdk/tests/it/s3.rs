//! S3: buckets, keys and other data of objects in requests.

use aws_sdk_s3::{
    Client,
    primitives::ByteStream,
    types::{Delete, ObjectIdentifier},
};
use aws_smithy_http_client::test_util::StaticReplayClient;
use opentelemetry::trace::Status;

use crate::common::*;

fn client(spans: &Spans, http: &StaticReplayClient) -> Client {
    let config = aws_sdk_s3::config::Builder::from(&config(http.clone()));
    Client::from_conf(config.interceptor(spans.lamplight()).build())
}

/// A request to delete objects with these keys, and a version of one more.
async fn delete(spans: &Spans, answer: &str, keys: impl IntoIterator<Item = String>) {
    let object = |key| ObjectIdentifier::builder().key(key).build().unwrap();
    let last = ObjectIdentifier::builder().key("last").version_id("v1");
    let objects = Delete::builder()
        .set_objects(Some(keys.into_iter().map(object).collect()))
        .objects(last.build().unwrap());
    let http = replay([reply(200, answer)]);
    client(spans, &http)
        .delete_objects()
        .bucket("photos")
        .delete(objects.build().unwrap())
        .send()
        .await
        .unwrap();
}

const DELETED: &str = "<DeleteResult/>";

#[tokio::test]
async fn objects_and_the_keys_that_join_their_events() {
    let spans = Spans::new();
    let ids = [("x-amz-request-id", "R1"), ("x-amz-id-2", "X2")];
    let http = replay([reply_with(200, &ids, "")]);
    client(&spans, &http)
        .put_object()
        .bucket("photos")
        .key("a/b.jpg")
        .body(ByteStream::from_static(b"secret"))
        .send()
        .await
        .unwrap();
    let span = spans.one();
    let attributes = attributes(&span);
    assert_eq!(attributes["aws.s3.bucket"], "photos");
    assert_eq!(attributes["aws.s3.key"], "a/b.jpg");
    assert_eq!(attributes["aws.request_id"], "R1");
    assert_eq!(attributes["aws.extended_request_id"], "X2");
    assert_eq!(
        attributes["server.address"],
        "photos.s3.eu-west-1.amazonaws.com"
    );
}

#[tokio::test]
async fn an_error_without_a_body_is_named_by_the_sdk() {
    let spans = Spans::new();
    let http = replay([reply(404, "")]);
    client(&spans, &http)
        .head_object()
        .bucket("photos")
        .key("missing")
        .send()
        .await
        .unwrap_err();
    let told = &attributes(&spans.one())["lamplight.aws.expected_error"];
    assert_eq!(told, "NotFound");
}

#[tokio::test]
async fn several_objects_deleted_at_once() {
    let spans = Spans::new();
    delete(&spans, DELETED, ["a.jpg".to_owned(), "b c.jpg".to_owned()]).await;
    let attributes = attributes(&spans.one());
    assert_eq!(attributes["aws.s3.bucket"], "photos");
    assert_eq!(
        attributes["aws.s3.delete"],
        "Objects=[{Key=a.jpg},{Key=b c.jpg},{Key=last,VersionId=v1}],Quiet=false"
    );
}

#[tokio::test]
async fn a_thousand_keys_are_not_all_told() {
    let spans = Spans::new();
    delete(&spans, DELETED, (0..999).map(|n| format!("{n:0>100}"))).await;
    let text = attributes(&spans.one())["aws.s3.delete"].clone();
    assert!(text.len() < 2100, "{} bytes", text.len());
    assert!(text.ends_with(",...],Quiet=false"), "{text}");
}

#[tokio::test]
async fn objects_that_could_not_be_deleted_are_told() {
    let spans = Spans::new();
    let answer = "<DeleteResult><Error><Key>b.jpg</Key><Code>AccessDenied</Code>\
                  <Message>no</Message></Error></DeleteResult>";
    delete(&spans, answer, ["a.jpg".to_owned(), "b.jpg".to_owned()]).await;
    let span = spans.one();
    assert_eq!(span.status, Status::Unset);
    assert_eq!(attributes(&span)["lamplight.aws.failed_entries"], "1");
    let (name, event) = events(&span).remove(0);
    assert_eq!(name, "aws.failed_entry");
    assert_eq!(event["error.type"], "AccessDenied");
    assert_eq!(event["aws.s3.key"], "b.jpg");
}

#[tokio::test]
async fn a_part_copied_from_another_object() {
    let spans = Spans::new();
    let http = replay([reply(
        200,
        "<CopyPartResult><ETag>e</ETag></CopyPartResult>",
    )]);
    client(&spans, &http)
        .upload_part_copy()
        .bucket("photos")
        .key("a.jpg")
        .copy_source("drafts/a.jpg")
        .upload_id("u1")
        .part_number(2)
        .send()
        .await
        .unwrap();
    let attributes = attributes(&spans.one());
    assert_eq!(attributes["aws.s3.copy_source"], "drafts/a.jpg");
    assert_eq!(attributes["aws.s3.upload_id"], "u1");
    assert_eq!(attributes["aws.s3.part_number"], "2");
    assert_eq!(attributes["aws.s3.key"], "a.jpg");
}

/// "The `bucket` attribute is applicable to all S3 operations that reference a bucket"; "The `key`
/// attribute is applicable to all object-related S3 operations" (s3.md).
#[tokio::test]
async fn every_operation_names_its_bucket_and_its_object() {
    let spans = Spans::new();
    let http = replay(std::iter::repeat_with(|| reply(200, "<Answer/>")).take(4));
    let client = client(&spans, &http);
    let versioning = client.get_bucket_versioning().bucket("photos");
    let _ = versioning.send().await;
    let lifecycle = client.delete_bucket_lifecycle().bucket("photos");
    let _ = lifecycle.send().await;
    let hold = client.put_object_legal_hold().bucket("photos").key("a");
    let _ = hold.send().await;
    let torrent = client.get_object_torrent().bucket("photos").key("a");
    let _ = torrent.send().await;
    for (name, key) in [
        ("S3.GetBucketVersioning", None),
        ("S3.DeleteBucketLifecycle", None),
        ("S3.PutObjectLegalHold", Some("a")),
        ("S3.GetObjectTorrent", Some("a")),
    ] {
        let attributes = attributes(&spans.named(name));
        assert_eq!(attributes["aws.s3.bucket"], "photos", "{name}");
        assert_eq!(
            attributes.get("aws.s3.key").map(String::as_str),
            key,
            "{name}"
        );
    }
}
