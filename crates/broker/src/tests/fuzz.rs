//! Damaged requests and record batches: whatever comes, a connection ends in order and nothing else is
//! harmed. `FUZZ_SECONDS` makes each test go on for so long, `FUZZ_SEED` begin elsewhere; a failure
//! names the seed of its round.

use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use commitlog::{Append, Commit, Log as _, TopicConfig};
use kafka_protocol::messages::ApiVersionsRequest;
use records::{Batches, Builder, Compression};
use testkit::random::SeededRandom;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use types::TopicPartition;
use types::seams::Clock as _;
use types::seams::system::SystemClock;

use super::batches::batch;
use super::harness::{Harness, START_MS};
use crate::wire::{SUPPORTED, compose};

/// Rounds of one test in the suite.
const ROUNDS: u64 = 300;
/// Rounds after which a broker makes way for a new one, or its topics and groups would pile up.
const ROUNDS_PER_BROKER: u64 = 100;
/// What records of a damaged batch may unpack to.
const UNPACKED_BYTES_MAX: usize = 1 << 20;

/// The seeds of all rounds.
fn seeds() -> impl Iterator<Item = u64> {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let first = number("FUZZ_SEED").unwrap_or(1);
    let time = number("FUZZ_SECONDS").map(Duration::from_secs);
    let clock = SystemClock::new();
    let end = time.map(|time| clock.monotonic() + time);
    (first..).take_while(move |seed| match end {
        Some(end) => clock.monotonic() < end,
        None => *seed < first + ROUNDS,
    })
}

/// Damages `bytes` in some way; now and then in none.
fn damage(random: &SeededRandom, bytes: &mut BytesMut) {
    const EXTREMES: [&[u8]; 6] = [
        &[0xff],
        &[0x7f, 0xff],
        &[0x7f, 0xff, 0xff, 0xff],
        &[0xff, 0xff, 0xff, 0xfe],
        &[0xff, 0xff, 0xff, 0xff, 0x0f],
        &[0, 0, 0, 0],
    ];
    for _ in 0..random.below(4) {
        let at = random.below(bytes.len() as u64 + 1) as usize;
        let length = random.below(9) as usize;
        match random.below(5) {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            2 => {
                let extreme = EXTREMES[random.below(EXTREMES.len() as u64) as usize];
                bytes.iter_mut().skip(at).zip(extreme).for_each(|(byte, new)| *byte = *new);
            }
            3 => {
                let rest = bytes.split_off(at);
                bytes.put_bytes(random.below(256) as u8, length);
                bytes.unsplit(rest);
            }
            _ => {
                let rest = bytes.split_off(at.min(bytes.len()));
                bytes.extend_from_slice(rest.get(length..).unwrap_or_default());
            }
        }
    }
}

/// Some request in some version, damaged or not, as a frame.
fn frame(random: &SeededRandom) -> BytesMut {
    let known = SUPPORTED[random.below(SUPPORTED.len() as u64) as usize];
    let versions = (known.version_max - known.version_min + 1) as u64;
    let version = known.version_min + random.below(versions) as i16;
    let mut bytes = BytesMut::new();
    bytes.put_i16(known.key as i16);
    bytes.put_i16(version);
    bytes.put_i32(1);
    bytes.put_i16(4);
    bytes.put_slice(b"fuzz");
    if known.key.request_header_version(version) >= 2 {
        bytes.put_u8(0);
    }
    bytes.put_slice(&compose(random, known.key, version));
    damage(random, &mut bytes);
    let mut frame = BytesMut::new();
    frame.put_u32(bytes.len() as u32);
    frame.put_slice(&bytes);
    frame
}

#[tokio::test(start_paused = true)]
async fn damaged_requests_harm_nobody_else() {
    let mut harness = Harness::new();
    for seed in seeds() {
        if seed % ROUNDS_PER_BROKER == 0 {
            harness = Harness::new();
        }
        let random = SeededRandom::new(seed);
        let client = harness.client();
        let (mut reading, mut writing) = tokio::io::split(client.stream);
        let frames: Vec<BytesMut> = (0..=random.below(4)).map(|_| frame(&random)).collect();
        let sending = async move {
            for frame in frames {
                if writing.write_all(&frame).await.is_err() {
                    break;
                }
            }
            // The broker may have closed the connection before.
            drop(writing.shutdown().await);
        };
        let mut answers = Vec::new();
        let (_, read) = tokio::join!(sending, reading.read_to_end(&mut answers));
        read.unwrap_or_else(|error| panic!("FUZZ_SEED={seed}: {error}"));
        client.connection.await.unwrap_or_else(|error| panic!("FUZZ_SEED={seed}: {error}"));
        harness.client().ask(0, ApiVersionsRequest::default()).await;
    }
}

/// Some batch, damaged or not; half of the damaged ones have a checksum that says they are sound.
fn damaged_batch(random: &SeededRandom) -> Bytes {
    let compressions = [
        Compression::None,
        Compression::Gzip,
        Compression::Snappy,
        Compression::Lz4,
        Compression::Zstd,
    ];
    let mut builder = Builder::new(compressions[random.below(5) as usize]);
    if random.one_in(3) {
        builder = builder.producer(random.below(3) as i64, random.below(3) as i16, 0);
    }
    for number in 0..=random.below(5) {
        let header = records::Header { key: "h", value: Some(b"v") };
        let value = vec![b'x'; random.below(200) as usize];
        builder.append(START_MS + number as i64, Some(b"key"), Some(&value), &[header]);
    }
    let mut bytes = BytesMut::from(&builder.build()[..]);
    damage(random, &mut bytes);
    if bytes.len() >= records::HEADER_BYTES && random.one_in(2) {
        let number = |at: usize| i32::from_be_bytes([0, 1, 2, 3].map(|byte| bytes[at + byte]));
        // The last offset stays what it is, and the checksum is renewed.
        let last_offset = i64::from(number(4)).wrapping_add(i64::from(number(23)));
        let has_small_base = bytes[..4] == [0; 4];
        if has_small_base {
            records::widen(&mut bytes, last_offset);
        }
    }
    bytes.freeze()
}

#[tokio::test(start_paused = true)]
async fn damaged_batches_break_neither_readers_nor_the_log() {
    let harness = Harness::new();
    let at = TopicPartition::new("t", 0);
    harness.broker.log.create_topic("t", &TopicConfig::with_partitions(1)).unwrap();
    for seed in seeds() {
        let random = SeededRandom::new(seed);
        let bytes = damaged_batch(&random);
        for parsed in Batches::new(&bytes).chain(Batches::unverified(&bytes)).take(8).flatten() {
            if let Ok(records) = parsed.records_limited(UNPACKED_BYTES_MAX) {
                assert_eq!(records.iter().count(), records.len(), "FUZZ_SEED={seed}");
            }
        }
        let append = Append { partition: at.clone(), batch: bytes };
        let appended =
            harness.broker.log.commit(Commit { appends: vec![append], ..Commit::default() });
        if appended.is_ok() && random.one_in(50) {
            harness.broker.log.sync().unwrap();
        }
    }
    let mut client = harness.client();
    let response = super::batches::produce(&mut client, "t", 0, batch(&["sound"])).await;
    assert_eq!(response.error_code, 0);
    let found = super::batches::fetch(&mut client, "t", 0, response.base_offset).await;
    assert_eq!(found, [(response.base_offset, "sound".to_owned())]);
}
