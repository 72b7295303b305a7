//! The relay with a receiver of a few lines: core, queue and sink are the library's.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::{Buf as _, Bytes, BytesMut};
use lamplight_otlp::Fields;
use lamplight_relay::{
    clean::{Cleaner, EventPolicy, ValueSet},
    engine::{RecordNumber, Settings},
    record::{Record, SequenceNumber, ShardId, StreamTime},
    relay::{Core, Delivery, Lane, LogLetters},
    sink::{
        Compression, Content, OtlpSink, Parcel, Protocol, Settlements, SinkQueue, SinkSettings,
        Tickets, tickets,
    },
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Sender, channel},
    time::interval,
};

use crate::rules;

/// Listens and delivers, on one thread, until the process ends.
pub(crate) fn run(listens: &str, sink: &str, mode: &str) -> ! {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind(listens).await.unwrap();
        let (send, mut receive) = channel(4);
        let mut relay = Driver::new(sink, mode);
        let mut ticks = interval(Duration::from_millis(200));
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    tokio::spawn(read(accepted.unwrap().0, send.clone()));
                }
                Some(body) = receive.recv() => relay.take(&body).await,
                _ = ticks.tick() => relay.pass().await,
            }
        }
    })
}

/// Reads requests, and responds to each once its spans are accepted.
async fn read(mut stream: TcpStream, send: Sender<Bytes>) {
    stream.set_nodelay(true).unwrap();
    let mut buffer = BytesMut::new();
    loop {
        let head = loop {
            if let Some(at) = memchr::memmem::find(&buffer, b"\r\n\r\n") {
                break buffer.split_to(at + 4);
            }
            if stream.read_buf(&mut buffer).await.unwrap_or(0) == 0 {
                return;
            }
        };
        let head = String::from_utf8(head.to_vec()).unwrap();
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let length = lines.find(|line| line.0 == "content-length").unwrap().1;
        let length: usize = length.parse().unwrap();
        buffer.reserve(length.saturating_sub(buffer.len()));
        while buffer.len() < length {
            if stream.read_buf(&mut buffer).await.unwrap() == 0 {
                return;
            }
        }
        send.send(buffer.split_to(length).freeze()).await.unwrap();
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
    }
}

struct Driver {
    core: Core,
    shard: ShardId,
    next: u64,
    queue: SinkQueue,
    tickets: Tickets,
    settlements: Settlements,
}

impl Driver {
    fn new(sink: &str, mode: &str) -> Self {
        let compression = match mode {
            "plain" => Compression::None,
            _ => Compression::Gzip,
        };
        let mut settings = Settings::default();
        settings.decision_wait = Duration::from_secs(1);
        settings.max_wait = Duration::from_secs(1);
        settings.max_bytes = 512 << 20;
        let mut cleaner = Cleaner::builder();
        if mode == "redact" {
            cleaner = cleaner
                .events(EventPolicy::Exceptions)
                .values(ValueSet::CardNumbers)
                .values(ValueSet::Emails)
                .values(ValueSet::Tokens)
                .max_value_bytes(4096);
        }
        let rules = Arc::new(rules::all_kept());
        let cleaner = cleaner.build().unwrap();
        let mut core = Core::new(settings, rules, None, cleaner, vec![Lane::all()]);
        let shard = ShardId::new("shardId-000000000000");
        core.open(shard.clone(), None, &[] as &[&[u8]]).unwrap();
        let sink = OtlpSink::builder("sink", Protocol::Http, &format!("http://{sink}"))
            .with_compression(compression)
            .build()
            .unwrap();
        let (tickets, settlements) = tickets();
        Self {
            core,
            shard,
            next: 0,
            queue: SinkQueue::start(
                Arc::new(sink),
                SinkSettings::default(),
                Arc::new(LogLetters),
            ),
            tickets,
            settlements,
        }
    }

    /// Processes a request: one record for each resource in it.
    async fn take(&mut self, body: &Bytes) {
        let mut rest = body.clone();
        let mut fields = Fields::new(body);
        let mut left = body.len();
        while let Some(field) = fields.next() {
            field.unwrap();
            let length = left - fields.rest().len();
            left -= length;
            let data = rest.slice(..length);
            rest.advance(length);
            self.next += 1;
            let sequence = SequenceNumber::new(&format!("{:056}", self.next));
            let record = Record::new(sequence, "key", now(), data);
            self.core.push(&self.shard, record);
        }
        self.deliver().await;
    }

    /// Advances stream time.
    async fn pass(&mut self) {
        self.core.advance(&self.shard, now());
        while !self.core.decisions(&self.shard).is_empty() {}
        self.deliver().await;
    }

    async fn deliver(&mut self) {
        while let Some(delivery) = self.core.next() {
            let Delivery::Trace(trace) = delivery else {
                panic!("{delivery:?}");
            };
            let numbers: Vec<u64> = trace.numbers.iter().map(|it| it.as_u64()).collect();
            let ticket = self.tickets.issue(numbers);
            for (_, chunks) in trace.parts {
                let parcel = Parcel::new(trace.trace_id, Content::Traces(chunks))
                    .with_records(trace.records.clone())
                    .with_ticket(ticket.clone());
                self.queue.push(parcel).await;
            }
            ticket.settle();
        }
        while let Some(number) = self.settlements.try_next() {
            self.core.settle(RecordNumber::from_u64(number));
        }
    }
}

fn now() -> StreamTime {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    StreamTime::from_millis(now.as_millis() as u64)
}
