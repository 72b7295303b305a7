//! HTTP clients: `http/http-spans.md`. The tests are those of the crate with the clients.

use crate::conformance::statement::statements;

statements! {
    "http/http-spans.md, Name" {
        elsewhere a_template_is_part_of_the_name("The target of a client SHOULD be `url.template` where that is available";
            "crates/lamplight-http-client/tests/it/describe.rs") {}
    }
    "http/http-spans.md, Status" {
        elsewhere a_status_of_400_and_above_is_an_error_without_a_description("SHOULD be `Error` for 4xx on a client";
            "crates/lamplight-http-client/tests/it/end.rs") {}
        elsewhere a_request_that_is_dropped_was_cancelled("SHOULD be `Error`, with an `error.type`, where the request was cancelled";
            "crates/lamplight-http-client/tests/it/end.rs") {}
    }
    "http/http-spans.md, HTTP client span" {
        elsewhere a_request_is_a_client_span_by_the_convention("MUST be of kind `CLIENT`; method, server, port and `url.full` are Required";
            "crates/lamplight-http-client/tests/it/describe.rs") {}
        elsewhere a_method_that_is_not_known_is_recorded_apart("MUST be `_OTHER` for a method that is not known, and the known ones can be replaced";
            "crates/lamplight-http-client/tests/it/describe.rs") {}
        elsewhere the_url_is_recorded_without_its_secrets("`url.full` MUST NOT contain credentials, and signatures in the query SHOULD be `REDACTED`";
            "crates/lamplight-http-client/tests/it/describe.rs") {}
        deviates a_fragment_is_not_recorded("`url.full` SHOULD include the fragment where it is known";
            does "No fragment";
            because "It is not sent, clients other than `reqwest` do not know it, and it is where tokens are put so that no server sees them";
            setting "none";
            "crates/lamplight-http-client/tests/it/reqwest.rs") {}
        elsewhere a_request_without_a_host_has_that_of_the_origin_or_of_its_header("`server.address` SHOULD be that of the header `Host` where the URI has none";
            "crates/lamplight-http-client/tests/it/describe.rs") {}
        elsewhere an_error_has_its_type_and_none_of_its_text("`error.type` SHOULD be the type of the error where there was no response";
            "crates/lamplight-http-client/tests/it/end.rs") {}
        elsewhere headers_are_recorded_that_are_asked_for("Headers of requests SHOULD be recorded only where they are named";
            "crates/lamplight-http-client/tests/it/describe.rs") {}
        elsewhere headers_and_version_of_a_response_are_recorded("`network.protocol.version` SHOULD be the negotiated one; headers of responses only where they are named";
            "crates/lamplight-http-client/tests/it/end.rs") {}
        elsewhere redirects_are_within_one_span("`url.full` MUST be the URL before redirects where one span stands for all that is sent";
            "crates/lamplight-http-client/tests/it/reqwest.rs") {}
    }
    "http/http-spans.md, HTTP client span duration" {
        elsewhere a_request_arrives_with_context_and_its_answer_comes_back_whole("SHOULD end after the headers of the response are read, and not where the body is cleaned up";
            "crates/lamplight-http-client/tests/it/hyper.rs") {}
    }
    "http/http-spans.md, HTTP request retries and redirects" {
        elsewhere each_time_after_the_first_is_counted_through_a_retry_above("`http.request.resend_count` SHOULD be on the span of each resend, its ordinal";
            "crates/lamplight-http-client/tests/it/resend.rs") {}
    }
}
