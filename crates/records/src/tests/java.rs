//! Batches that Kafka's Java client wrote (kafka-clients 4.1, one per compression), read by this crate.

use super::*;

/// Compression and batch, in hexadecimal: base offset 5, producer 9 with epoch 2 and sequence 30,
/// leader epoch 4, transactional, three records.
const BATCHES: [(Compression, &str); 5] = [
    (
        Compression::None,
        "0000000000000005000000900000000402a319c28800100000000200000000000003e80000000000\
         0003ef000000000000000900020000001e000000035c0000000a616c7068613e612076616c756520\
         612076616c756520612076616c756520612076616c7565020268027846000e02013a616e6f746865\
         722076616c756520612076616c756520612076616c756500160009040a616c7068610100",
    ),
    (
        Compression::Gzip,
        "000000000000000500000077000000040211a4263700110000000200000000000003e80000000000\
         0003ef000000000000000900020000001e000000031f8b08000000000000ff8b616060e04acc29c8\
         48b44b54284bcc294d55c0413331653055b831f031315a25e6e59764a4166157c720c6c0c9023192\
         9101001d0f4b615f000000",
    ),
    (
        Compression::Snappy,
        "00000000000000050000008100000004022608392900120000000200000000000003e80000000000\
         0003ef000000000000000900020000001e0000000382534e41505059000000000100000001000000\
         3c5f485c0000000a616c7068613e612076616c7565205a080044020268027846000e02013a616e6f\
         746865725630003000160009040a616c7068610100",
    ),
    (
        Compression::Lz4,
        "00000000000000050000007d0000000402f697cbb200130000000200000000000003e80000000000\
         0003ef000000000000000900020000001e0000000304224d186040823d000000ff045c0000000a61\
         6c7068613e612076616c756520080004ff03020268027846000e02013a616e6f74686572300003d0\
         00160009040a616c706861010000000000",
    ),
    (
        Compression::Zstd,
        "000000000000000500000079000000040250fd6a6900140000000200000000000003e80000000000\
         0003ef000000000000000900020000001e0000000328b52ffd0058e4010024035c0000000a616c70\
         68613e612076616c756520020268027846000e02013a616e6f7468657200160009040a616c706861\
         010002009652c2d5c50e010000",
    ),
];

fn bytes_of(hex: &str) -> Bytes {
    let digit = |digit: u8| (digit as char).to_digit(16).expect("a hexadecimal digit") as u8;
    hex.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

#[test]
fn batches_of_the_java_client_are_read() {
    for (compression, hex) in BATCHES {
        let batch = Batch::parse(&bytes_of(hex)).expect("sound");
        assert_eq!(batch.compression(), compression);
        assert_eq!((batch.base_offset(), batch.last_offset(), batch.leader_epoch()), (5, 7, 4));
        let producer = (batch.producer_id(), batch.producer_epoch(), batch.base_sequence());
        assert_eq!((producer, batch.is_transactional()), ((9, 2, 30), true));
        let records = batch.records().expect("readable");
        let rows: Vec<_> =
            records.iter().map(|r| (r.offset, r.timestamp_ms, r.key, r.value)).collect();
        let value = &b"a value a value a value a value"[..];
        assert_eq!(rows[0], (5, 1_000, Some(&b"alpha"[..]), Some(value)));
        let value = &b"another value a value a value"[..];
        assert_eq!(rows[1], (6, 1_007, None, Some(value)));
        assert_eq!(rows[2], (7, 995, Some(&b"alpha"[..]), None));
        let headers: Vec<_> = records.iter().next().expect("three").headers().collect();
        assert_eq!(headers, [Header { key: "h", value: Some(b"x") }]);
    }
}

/// Without compression the bytes are fully determined, so ours must be the very same.
#[test]
fn plain_batches_are_the_same_byte_by_byte() {
    let mut builder = Builder::new(Compression::None)
        .base_offset(5)
        .leader_epoch(4)
        .producer(9, 2, 30)
        .transactional();
    let header = Header { key: "h", value: Some(b"x") };
    builder.append(1_000, Some(b"alpha"), Some(b"a value a value a value a value"), &[header]);
    builder.append(1_007, None, Some(b"another value a value a value"), &[]);
    builder.append(995, Some(b"alpha"), None, &[]);
    assert_eq!(builder.build(), bytes_of(BATCHES[0].1));
}
