//! A crate with three lines of build script gets typed names, and mistakes do not compile.
//!
//! A real crate is made and compiled, which takes some seconds the first time.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const REGISTRY: &str = "\
file_format: definition/2
attributes:
  - {key: com.acme.basket.size, type: int, stability: stable, brief: Things in the basket.}
  - key: com.acme.basket.kind
    stability: stable
    brief: Kind of basket.
    type: {members: [{id: gift, value: gift, stability: stable}]}
  - key: com.acme.basket_size
    type: int
    stability: stable
    brief: Former name.
    deprecated: {reason: renamed, renamed_to: com.acme.basket.size}
";

const MAIN: &str = r#"
#![deny(warnings)]
mod semconv {
    include!(concat!(env!("OUT_DIR"), "/semconv.rs"));
}
use semconv::com::acme::basket;

fn main() {
    let size = basket::size(3);
    println!("{}={}", size.key, size.value);
    #[cfg(wrong_type)]
    basket::size("three");
    #[cfg(unknown_key)]
    println!("{}", basket::SIZES);
    #[cfg(unknown_member)]
    basket::kind(basket::ComAcmeBasketKind::Present);
    #[cfg(deprecated_key)]
    println!("{}", semconv::com::acme::BASKET_SIZE);
}
"#;

struct Crate(PathBuf);

impl Crate {
    fn new() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("user-crate");
        let codegen = env!("CARGO_MANIFEST_DIR");
        let own = Self(folder);
        own.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"user\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\
                 [workspace]\n\
                 [dependencies]\nopentelemetry = {{ version = \"0.33\", default-features = false }}\n\
                 [build-dependencies]\nlamplight-codegen = {{ path = {codegen:?} }}\n\
                 [lints.rust]\nunexpected_cfgs = \"allow\"\n"
            ),
        );
        own.write(
            "build.rs",
            "fn main() -> Result<(), lamplight_codegen::Error> {\n    \
             lamplight_codegen::build(\"semconv\")\n}\n",
        );
        own.write("src/main.rs", MAIN);
        own.write("semconv/shop.yaml", REGISTRY);
        // The versions this workspace has been tested with, which are also at hand offline.
        let lock = Path::new(codegen).join("../../Cargo.lock");
        fs::copy(lock, own.0.join("Cargo.lock")).unwrap();
        own
    }

    /// Writes a file with the times of its content: unchanged files are not touched.
    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if fs::read_to_string(&path).unwrap_or_default() != text {
            fs::write(path, text).unwrap();
        }
    }

    fn cargo(&self, arguments: &[&str]) -> (bool, String) {
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(&self.0)
            .env("CARGO_TARGET_DIR", self.0.join("target"))
            .env_remove("RUSTFLAGS")
            .output()
            .unwrap();
        let told = format!(
            "{}{}",
            String::from_utf8_lossy(&stdout),
            String::from_utf8_lossy(&stderr)
        );
        (status.success(), told)
    }

    /// Returns the compiler's errors with `cfg` set.
    fn fails_with(&self, cfg: &str) -> String {
        let (done, told) = self.cargo(&["rustc", "-q", "--", "--cfg", cfg]);
        assert!(!done, "{cfg} compiled");
        told
    }
}

#[test]
fn three_lines_of_build_script_are_enough() {
    let user = Crate::new();
    let (done, told) = user.cargo(&["run", "-q"]);
    assert!(done, "{told}");
    assert_eq!(told.trim(), "com.acme.basket.size=3");

    let wrong_type = user.fails_with("wrong_type");
    assert!(
        wrong_type.contains("error[E0308]: mismatched types"),
        "{wrong_type}"
    );
    let unknown_key = user.fails_with("unknown_key");
    assert!(
        unknown_key.contains("error[E0425]: cannot find value `SIZES`"),
        "{unknown_key}"
    );
    let unknown_member = user.fails_with("unknown_member");
    assert!(unknown_member.contains("no variant"), "{unknown_member}");
    assert!(unknown_member.contains("`Present`"), "{unknown_member}");
    let deprecated = user.fails_with("deprecated_key");
    assert!(
        deprecated.contains("use `com.acme.basket.size` instead"),
        "{deprecated}"
    );

    // A changed registry is generated anew, a broken one fails the build where it is broken.
    user.write(
        "semconv/shop.yaml",
        &REGISTRY.replace("Things in the basket.", "Its things."),
    );
    assert!(user.cargo(&["build", "-q"]).0);
    user.write(
        "semconv/shop.yaml",
        &REGISTRY.replace(
            "type: int, stability: stable, brief: T",
            "type: intt, brief: T",
        ),
    );
    let (done, told) = user.cargo(&["build", "-q"]);
    assert!(!done);
    assert!(
        told.contains(
            "semconv/shop.yaml:3:39: `com.acme.basket.size`: unknown type `intt`; use one of string"
        ),
        "{told}"
    );
    user.write("semconv/shop.yaml", REGISTRY);
    let (done, told) = user.cargo(&["run", "-q"]);
    assert!(done, "{told}");
}
