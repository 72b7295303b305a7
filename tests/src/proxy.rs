//! A faulty network between a function and its destination.

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_test_rig::{Closing, Fault, Message, Script};
use serde_json::Value;

use crate::{decode, expect};

/// Kinesis throttles all requests.
pub const THROTTLED: Fault = Fault::Answered(
    400,
    r#"{"__type":"ProvisionedThroughputExceededException","message":"x"}"#,
);

/// The service has an internal error.
pub const SERVER_ERROR: Fault =
    Fault::Answered(500, r#"{"__type":"InternalFailure","message":"x"}"#);

/// Returns every fault, with `late` as the delay of late answers.
pub const fn all_faults(late: Duration) -> [Fault; 7] {
    [
        THROTTLED,
        SERVER_ERROR,
        Fault::Hang,
        Fault::Reset,
        Fault::AnswerReset,
        Fault::AnswerCut,
        Fault::AnswerLate(late),
    ]
}

/// A proxy on a free port of this machine, which ends with the test's runtime.
#[derive(Debug, Clone)]
pub struct Proxy(lamplight_test_rig::Proxy<Disturbances>);

#[derive(Debug, Default)]
struct Disturbances {
    faults: Vec<Fault>,
    /// The percentage of disturbed requests.
    share: u8,
    /// The number of next requests that are disturbed in any case.
    storm: u8,
    random: fastrand::Rng,
    happened: HashMap<Fault, usize>,
    requests: usize,
    /// Spans of requests that were processed and whose answer may not have been received.
    unanswered: HashSet<String>,
}

impl Disturbances {
    fn draw(&mut self) -> Option<Fault> {
        let fault = self.random.choice(&self.faults).copied();
        if self.storm > 0 {
            self.storm -= 1;
            return fault;
        }
        let disturbed = self.random.u8(..100) < self.share;
        if disturbed && self.random.u8(..100) < 5 {
            self.storm = 10;
        }
        fault.filter(|_| disturbed)
    }
}

impl Script for Disturbances {
    fn next(&mut self, request: &Message) -> Option<Fault> {
        // The function's warm-up calls carry no spans, so they are not disturbed.
        if spans(request).is_empty() {
            return None;
        }
        self.requests += 1;
        let fault = self.draw()?;
        *self.happened.entry(fault).or_default() += 1;
        Some(fault)
    }

    fn unconfirmed(&mut self, request: &Message) {
        self.unanswered.extend(spans(request));
    }
}

impl Proxy {
    /// Starts a proxy in front of `upstream`, without faults at first.
    pub async fn to(upstream: SocketAddr) -> Self {
        let script = Disturbances::default();
        let proxy = lamplight_test_rig::Proxy::start(upstream, script).await;
        Self(proxy.unwrap())
    }

    /// Returns its URL.
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// From now on, `share` percent of the requests get one of `faults`, and occasionally ten requests in a
    /// row.
    pub fn disturb(&self, faults: &[Fault], share: u8, seed: u64) {
        let mut script = self.0.script();
        faults.clone_into(&mut script.faults);
        script.share = share;
        script.random = fastrand::Rng::with_seed(seed);
    }

    /// Stops all faults.
    pub fn heal(&self) {
        let mut script = self.0.script();
        script.share = 0;
        script.storm = 0;
    }

    /// Ends the connections without a request in progress.
    pub fn close_idle(&self, closing: Closing) {
        self.0.close_idle(closing);
    }

    /// Returns the number of requests with spans, and the number of occurrences of each fault.
    pub fn happened(&self) -> (usize, HashMap<Fault, usize>) {
        let script = self.0.script();
        (script.requests, script.happened.clone())
    }

    /// Returns the spans of requests that were processed and whose answer the function may not have received,
    /// once all connections have ended.
    pub async fn unanswered(&self) -> HashSet<String> {
        expect("all connections end", self.0.ended()).await;
        self.0.script().unanswered.clone()
    }
}

/// Returns the spans in a request to Kinesis or to an OTLP endpoint.
fn spans(request: &Message) -> Vec<String> {
    let records = if request.path == "/v1/traces" {
        vec![request.body.clone()]
    } else {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let records = body.get("Records").and_then(Value::as_array);
        let data = |record: &Value| BASE64.decode(record.get("Data")?.as_str()?).ok();
        records.into_iter().flatten().filter_map(data).collect()
    };
    let spans = records.iter().flat_map(|record| decode(record));
    spans.map(|span| span.span_id).collect()
}
