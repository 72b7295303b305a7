//! The registry of the page on conventions, as its reader would build it.

fn main() -> Result<(), lamplight_codegen::Error> {
    lamplight_codegen::build("semconv")
}
