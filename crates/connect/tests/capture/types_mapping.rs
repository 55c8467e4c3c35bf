//! Every type from snapshot and stream: the same row must look the same.

use serde_json::{Value, json};
use testkit::database::{Flavour, Server};
use testkit::on_each_database;

use crate::node::{Node, json_config};

on_each_database!(
    a_row_looks_the_same_from_snapshot_and_stream,
    columns_of_one_database_look_the_same
);

const TABLE: &str = "CREATE TABLE kinds.t (
    id int primary key auto_increment,
    ti tinyint, tu tinyint unsigned, si smallint, su smallint unsigned, mi mediumint,
    mu mediumint unsigned, i int, iu int unsigned, bi bigint, bu bigint unsigned,
    d decimal(10,3), dl decimal(65,2), f float, fd double, b1 bit(1), b9 bit(9),
    c char(5), ch char(250), v varchar(300), vl varchar(20) character set latin1, t text, bin binary(4),
    vb varbinary(10), bl blob, e enum('x','y'), s set('a','b','c'), j json,
    da date, ti0 time, ti6 time(6), dt datetime, dt6 datetime(6), ts timestamp null,
    ts3 timestamp(3) null, y year, p point, g geometry) CHARACTER SET utf8mb4";

const ROWS: [&str; 3] = [
    "(NULL, -1, 255, -2, 65535, -3, 16777215, -4, 4294967295, -5, 18446744073709551615,
      -1234567.891, 99999999999999999999999999999999999999.01, 1.1, 2.2, b'1', b'101010101',
      'ab', REPEAT('é', 250), 'vé', 'café', 'größe', 'ab', x'00ff', x'010203', 'y', 'a,c',
      '{\"k\": [1, null, \"v\"]}', '2024-02-29', '-838:59:59', '12:34:56.654321',
      '1000-01-01 00:00:00', '2024-12-31 23:59:59.123456', '2024-06-01 12:00:00',
      '2024-06-01 12:00:00.120', 2024, ST_GeomFromText('POINT(1 2)'),
      ST_GeomFromText('LINESTRING(0 0, 1 1)', 4326))",
    "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
      NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
      NULL, NULL, NULL, NULL, NULL, NULL)",
    "(NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.005, -0.10, -0.5, 1e300, b'0', b'0', '', '', '', '', '',
      '', '', '', 'x', '', 'null', '1969-12-31', '-00:00:00', '-00:00:00.500000',
      '1969-12-31 23:59:59', '1969-12-31 23:59:59.999999', '1971-01-01 00:00:01',
      '2038-01-19 03:14:07.999', 1901, NULL, NULL)",
];

fn a_row_looks_the_same_from_snapshot_and_stream(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    let inserts: Vec<String> =
        ROWS.iter().map(|row| format!("INSERT INTO kinds.t VALUES {row}")).collect();
    let inserts: Vec<&str> = inserts.iter().map(String::as_str).collect();
    server.run(&["CREATE DATABASE kinds", TABLE, "SET time_zone = '+03:00'"]);
    server.run(&[&["SET time_zone = '+03:00'"], inserts.as_slice()].concat());
    let node = Node::new();
    node.runtime()
        .create("kinds", json_config(&server, &[("database.include.list", "kinds")]))
        .unwrap();
    node.wait_for("p.kinds.t", 3);
    server.run(&[&["SET time_zone = '+03:00'"], inserts.as_slice()].concat());
    node.wait_for("p.kinds.t", 6);
    let mut rows: Vec<Value> =
        node.json("p.kinds.t").into_iter().map(|(_, v)| v.unwrap()["after"].clone()).collect();
    for row in &mut rows {
        row["id"] = Value::Null;
    }
    for at in 0..3 {
        assert_eq!(rows[at], rows[at + 3], "row {at}");
    }
    let first = &rows[0];
    let expected = json!({
        "ti": -1, "tu": 255, "su": 65535, "mu": 16_777_215, "iu": 4_294_967_295_u64, "bu": -1,
        "f": 1.1, "fd": 2.2, "b1": true, "b9": "VQE=", "c": "ab", "vl": "café", "t": "größe",
        "bin": "YWIAAA==", "vb": "AP8=", "e": "y", "s": "a,c", "da": 19_782,
        "ti0": -3_020_399_000_000_i64, "ti6": 45_296_654_321_i64, "dt": -30_610_224_000_000_i64,
        "dt6": 1_735_689_599_123_456_i64, "ts": "2024-06-01T09:00:00Z",
        "ts3": "2024-06-01T09:00:00.120Z", "y": 2024, "d": "tmn9LQ==",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(first[name], *value, "{name}");
    }
    assert_eq!(first["p"]["x"], 1.0);
    assert_eq!(first["g"]["srid"], 4326);
    assert!(rows[1].as_object().unwrap().values().all(Value::is_null));
    server.run(&["DROP DATABASE kinds"]);
}

/// Types and kinds of columns that only one of the databases has, with a row each.
fn own_columns(flavour: Flavour) -> (&'static str, &'static str) {
    match flavour {
        Flavour::MariaDb => (
            "n4 inet4, n6 inet6, u1 uuid, u4 uuid, z varchar(300) COMPRESSED, zb blob COMPRESSED,
             doubled int AS (n * 2) STORED, unseen int INVISIBLE DEFAULT 5",
            "n, n4, n6, u1, u4, z, zb) VALUES (21, '10.0.0.0', '2001:db8::1',
             '6ccd780c-baba-1026-9564-5b8c65602400', 'f81d4fae-7dec-4d00-a765-00a0c91e6bf6',
             REPEAT('é', 300), x'00ff'",
        ),
        Flavour::MySql => (
            "v vector(3), gc geomcollection, doubled int AS (n * 2) STORED,
             said varchar(20) AS (CONCAT('x', n)) VIRTUAL, unseen int DEFAULT 5 INVISIBLE,
             computed int DEFAULT (6 * 7)",
            "n, v, gc) VALUES (21, TO_VECTOR('[1, -2.5, 3]'),
             ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2))')",
        ),
    }
}

fn columns_of_one_database_look_the_same(flavour: Flavour) {
    let Some(server) = Server::shared(flavour) else { return };
    let (columns, row) = own_columns(flavour);
    let create =
        format!("CREATE TABLE own.t (id int primary key auto_increment, n int, {columns})");
    let insert = format!("INSERT INTO own.t ({row})");
    server.run(&["CREATE DATABASE own", &create, &insert]);
    let node = Node::new();
    let config = json_config(&server, &[("database.include.list", "own")]);
    node.runtime().create("own", config).unwrap();
    node.wait_for("p.own.t", 1);
    server.run(&[&insert]);
    node.wait_for("p.own.t", 2);
    let mut rows: Vec<Value> =
        node.json("p.own.t").into_iter().map(|(_, v)| v.unwrap()["after"].clone()).collect();
    assert_eq!(rows[0]["doubled"], 42);
    assert_eq!(rows[0]["unseen"], 5);
    match flavour {
        Flavour::MariaDb => {
            assert_eq!(rows[0]["n4"], "10.0.0.0");
            assert_eq!(rows[0]["n6"], "2001:db8::1");
            assert_eq!(rows[0]["u1"], "6ccd780c-baba-1026-9564-5b8c65602400");
        }
        // Three single-precision numbers, little-endian.
        Flavour::MySql => assert_eq!(rows[0]["v"], "AACAPwAAIMAAAEBA"),
    }
    rows[1]["id"] = 1.into();
    assert_eq!(rows[0], rows[1]);
    server.run(&["DROP DATABASE own"]);
}
