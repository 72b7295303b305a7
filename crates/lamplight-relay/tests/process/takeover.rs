//! Two processes share a stream by a table, and one is paused for longer than its lease.

use lamplight_test_kinesis::Kinesis;
use nix::sys::signal::Signal;

use crate::{
    Ends, Folder, config,
    dynamo::{Table, What, Write},
    receiver::{Copies, Receiver},
    relay,
    traffic::{Producer, RULES, STREAM, Verdict},
};

/// Starts a process with its own receiver, so that its deliveries can be identified.
fn process(
    folder: &Folder,
    owner: &str,
    kinesis: &str,
    table: &Table,
    receiver: &Receiver,
) -> Ends {
    let path = config(folder, kinesis, &receiver.url);
    let text = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = text.split_once("checkpoints = ").unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    let url = &table.url;
    let text = format!(
        "{head}checkpoints = {{ type = \"dynamodb\", table = \"t\", endpoint = {url:?}, interval = \"1 s\" }}
owner = {owner:?}
lease = \"2 s\"
{rest}"
    );
    let text = text.replace("[[sink]]", &format!("{RULES}\n[[sink]]"));
    let path = folder.write(&format!("{owner}.toml"), &text);
    Ends::new(relay(&["--config", path.to_str().unwrap()]))
}

fn both(receivers: [&Receiver; 2]) -> Copies {
    let [mut all, other] = receivers.map(Receiver::copies);
    for (id, copies) in other {
        all.entry(id).or_default().extend(copies);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_stood_still_for_longer_than_its_lease_saves_nothing_and_spoils_nothing() {
    let (folder, kinesis, table) = (
        Folder::new("takeover"),
        Kinesis::new(),
        Table::start().await,
    );
    kinesis.create_stream(STREAM, 2);
    let endpoint = kinesis.serve().await;
    let (first, second) = (Receiver::start().await, Receiver::start().await);
    let arrived = || both([&first, &second]);
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut producer = Producer::new(&kinesis, seed);

    let one = process(&folder, "one", &endpoint.url(), &table, &first);
    let is = |what: What, owner: &'static str| {
        move |write: &Write| write.what == what && write.owner == owner && !write.is_refused
    };
    let taken = table.until(0, is(What::Take, "one")).await;
    let other = |write: &Write| is(What::Take, "one")(write) && write.shard != taken.shard;
    table.until(0, other).await;
    // The second gets its share, and both deliver and save.
    let two = process(&folder, "two", &endpoint.url(), &table, &second);
    let given = table.until(0, is(What::Take, "two")).await;
    for _ in 0..4 {
        producer.step();
    }
    producer.drain(arrived).await;
    for owner in ["one", "two"] {
        let written = table.writes().len();
        table.until(written, is(What::Save, owner)).await;
    }

    // The first is paused with undecided traces and others on their way.
    first.refuse(usize::MAX);
    for _ in 0..8 {
        producer.step();
    }
    producer.pass_time();
    first.refused().await;
    producer.step();
    let before = table.writes().len();
    one.signal(Signal::SIGSTOP);
    let again = |write: &Write| is(What::Take, "two")(write) && write.shard != given.shard;
    let takeover = table.until(before, again).await;
    producer.step();
    producer.drain(arrived).await;
    let saved = |write: &Write| is(What::Save, "two")(write) && write.shard == takeover.shard;
    table.until(before, saved).await;

    // It continues, and its receiver would accept its data.
    first.heal();
    let before = table.writes().len();
    one.signal(Signal::SIGCONT);
    let old = |write: &Write| {
        let is_old = write.shard == takeover.shard && write.token < takeover.token;
        is_old && write.owner == "one" && write.what != What::Take
    };
    assert!(table.until(before, old).await.is_refused);
    // It gets a share again, like any new instance.
    table.until(before, is(What::Take, "one")).await;
    for _ in 0..4 {
        producer.step();
    }
    producer.drain(arrived).await;
    producer.mark();
    producer.drain(arrived).await;
    one.terminated().await;
    two.terminated().await;

    let writes = table.writes();
    let accepted = |write: &&Write| old(write) && !write.is_refused;
    assert_eq!(writes[before..].iter().find(accepted), None);
    let verdict = Verdict::new(&producer.truth, &arrived());
    println!(
        "{} kept, {} delivered, {} of them again",
        verdict.kept, verdict.delivered, verdict.again
    );
    verdict.check();
}
