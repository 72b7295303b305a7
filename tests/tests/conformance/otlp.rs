//! OTLP: `otlp:`.

use crate::statement::statements;

statements! {
    "otlp:Failures" {
        elsewhere each_code_is_tried_again_or_not_as_the_specification_says(
            "What is not retryable MUST NOT be sent again; what is, SHOULD be";
            "crates/lamplight/src/otlp/tests/codes.rs"
        ) {}
    }
}
