//! Makes typed names of `semconv/`.

fn main() -> Result<(), lamplight_codegen::Error> {
    lamplight_codegen::build("semconv")
}
