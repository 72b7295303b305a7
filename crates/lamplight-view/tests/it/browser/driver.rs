//! A browser, driven by W3C WebDriver.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::http;

/// Longer than any page takes on any machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The member of a response with the id of an element (WebDriver, section 12).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A window of a headless browser.
pub(super) struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
}

/// Returns a browser; `None`, with a note on the missing part, if there is none. With
/// `LAMPLIGHT_TEST_BROWSER=required`, as in CI, that is a failure.
pub(super) fn open(scripts: bool) -> Option<Browser> {
    let started = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut driver = match started {
        Ok(driver) => driver,
        Err(error) => {
            let text = format!(
                "no browser: chromedriver does not start ({error}); on Debian: apt-get install chromium \
                 chromium-driver"
            );
            let required = std::env::var("LAMPLIGHT_TEST_BROWSER");
            assert_ne!(required.as_deref(), Ok("required"), "{text}");
            eprintln!("{text}");
            return None;
        }
    };
    let output = BufReader::new(driver.stdout.take().unwrap());
    let port = output.lines().map_while(Result::ok).find_map(|line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse::<u16>().ok()
    });
    let port = port.expect("chromedriver says its port");
    let mut browser = Browser {
        driver,
        address: SocketAddr::from(([127, 0, 0, 1], port)),
        session: String::new(),
    };
    let mut options = json!({ "args": [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--disable-dev-shm-usage", "--window-size=1400,1000",
    ]});
    if !scripts {
        options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
    }
    let wanted = json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL" },
    }}});
    let session = browser.ask("POST", "/session", &wanted);
    browser.session = session["sessionId"].as_str().unwrap().to_owned();
    Some(browser)
}

impl Browser {
    pub(super) fn go(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    pub(super) fn address(&self) -> String {
        text(&self.get("/url"))
    }

    pub(super) fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Waits until a script returns a true value.
    pub(super) fn until(&self, script: &str) {
        let began = Instant::now();
        while self.run(script) != Value::Bool(true) {
            assert!(
                began.elapsed() < PATIENCE,
                "not: {script}\n{}",
                self.run("return document.body.innerText")
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Clicks on the first visible element that a selector finds.
    pub(super) fn click(&self, selector: &str) {
        let element = self.shown(selector);
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    /// Types into an element.
    pub(super) fn enter(&self, selector: &str, keys: &str) {
        let element = self.shown(selector);
        self.post(
            &format!("/element/{element}/value"),
            &json!({ "text": keys }),
        );
    }

    /// Returns the texts of all visible elements that a selector finds.
    pub(super) fn texts(&self, selector: &str) -> Vec<String> {
        let script = format!(
            "return [...document.querySelectorAll({})]\
             .filter(it => it.checkVisibility()).map(it => it.innerText)",
            json!(selector)
        );
        let texts = self.run(&script);
        texts.as_array().unwrap().iter().map(text).collect()
    }

    /// Returns the errors of the page: failing scripts, violations of its policy, missing
    /// resources.
    pub(super) fn complaints(&self) -> Vec<String> {
        let log = self.post("/se/log", &json!({ "type": "browser" }));
        let lines = log.as_array().unwrap().iter();
        lines.map(|line| text(&line["message"])).collect()
    }

    /// Saves a screenshot to the folder in `LAMPLIGHT_TEST_PICTURES`.
    pub(super) fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("LAMPLIGHT_TEST_PICTURES") else {
            return;
        };
        let picture = text(&self.get("/screenshot"));
        let picture = BASE64_STANDARD.decode(picture).unwrap();
        let file = PathBuf::from(folder).join(format!("{name}.png"));
        std::fs::write(file, picture).unwrap();
    }

    fn shown(&self, selector: &str) -> String {
        let began = Instant::now();
        loop {
            for element in self.elements(selector) {
                if self.get(&format!("/element/{element}/displayed")) == Value::Bool(true) {
                    return element;
                }
            }
            assert!(began.elapsed() < PATIENCE, "{selector} is not shown");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn elements(&self, selector: &str) -> Vec<String> {
        let wanted = json!({ "using": "css selector", "value": selector });
        let found = self.post("/elements", &wanted);
        let found = found.as_array().unwrap().iter();
        found.map(|element| text(&element[ELEMENT])).collect()
    }

    fn get(&self, path: &str) -> Value {
        self.ask("GET", &self.of_session(path), &Value::Null)
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", &self.of_session(path), body)
    }

    fn of_session(&self, path: &str) -> String {
        format!("/session/{}{path}", self.session)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = match body {
            Value::Null => Vec::new(),
            body => body.to_string().into_bytes(),
        };
        let headers = [("content-type", "application/json")];
        let answer = http::request(self.address, method, path, &headers, &body);
        let value: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(answer.status, 200, "{method} {path}: {value}");
        value["value"].clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            self.ask("DELETE", &self.of_session(""), &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
