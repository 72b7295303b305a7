//! Commands of the guide, as its reader types them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use lamplight_guide::{
    commands::{COMMANDS, Proof},
    markdown::Page,
    page,
};

/// A line of the `console` exporter, between lines of a log.
const LOG: &str = r#"INFO starting
{"resourceSpans":[{"resource":{},"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"hello","kind":2,"startTimeUnixNano":"1000000","endTimeUnixNano":"2000000","attributes":[{"key":"com.acme.basket.size","value":{"intValue":"3"}}]}]}]}]}
"#;

/// A folder that is removed with the value.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Makes what the pages say is there: a function's folder, its log beside it, an event, a registry.
fn prepare(folder: &Path) {
    let function = folder.join("hello");
    let registry = page("tests/guide/semconv/shop.yaml").unwrap();
    for semconv in ["semconv", "released/semconv"] {
        fs::create_dir_all(function.join(semconv)).unwrap();
        fs::write(function.join(semconv).join("shop.yaml"), &registry).unwrap();
    }
    fs::create_dir_all(function.join("src")).unwrap();
    fs::write(folder.join("hello.log"), LOG).unwrap();
    fs::write(function.join("spans.json"), LOG.lines().nth(1).unwrap()).unwrap();
    let broken = Page::of(&page("docs/guide/broken.md").unwrap());
    let event = broken.code_in("json").next().unwrap();
    fs::write(function.join("event.json"), event).unwrap();
}

#[cfg(unix)]
#[test]
fn commands_of_the_guide_do_what_it_says() {
    let name = format!("lamplight-cli-guide-{}", std::process::id());
    let scratch = Scratch(std::env::temp_dir().join(name));
    prepare(&scratch.0);
    let program = Path::new(env!("CARGO_BIN_EXE_lamplight")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let run = |command: &str| {
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(scratch.0.join("hello"))
            .env("PATH", format!("{}:{path}", program.display()))
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{command}: {error}");
        String::from_utf8(output.stdout).unwrap()
    };
    let mut ran = 0;
    for (command, _) in COMMANDS
        .iter()
        .filter(|(_, proof)| *proof == Proof::RunByCli)
    {
        let told = run(command);
        ran += 1;
        if command.ends_with("event.json") {
            let broken = Page::of(&page("docs/guide/broken.md").unwrap());
            assert_eq!(told, broken.code_in("text").next().unwrap());
        }
        if command.ends_with("traces ../hello.log") {
            assert!(
                told.contains("1 traces") || told.contains("1 trace"),
                "{told}"
            );
        }
    }
    assert!(ran > 5, "{ran}");
    for made in ["page.html", "CONVENTIONS.md", "src/conventions"] {
        assert!(scratch.0.join("hello").join(made).exists(), "{made}");
    }
}
