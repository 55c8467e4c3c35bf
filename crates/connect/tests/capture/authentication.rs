//! Logging in: passwords of `caching_sha2_password`, with TLS and without.

use testkit::database::{Flavour, Server};
use testkit::on_each_database;

use crate::node::{Node, json_config};

on_each_database!(
    a_server_without_tls_is_refused_only_where_tls_is_required,
    certificates_of_a_known_authority_are_accepted
);

/// The user, `database.ssl.mode`, and how the server then sees the connection.
const LOGINS: [(&str, &str, &str); 5] = [
    ("plain", "disabled", "TCP/IP"),
    ("plain", "preferred", "SSL/TLS"),
    ("plain", "required", "SSL/TLS"),
    ("sealed", "preferred", "SSL/TLS"),
    ("sealed", "required", "SSL/TLS"),
];

#[test]
fn full_logins_of_mysql_with_and_without_tls() {
    let Some(server) = Server::shared(Flavour::MySql) else { return };
    server.run(&[
        "CREATE DATABASE safe",
        "CREATE TABLE safe.t (a int primary key)",
        "CREATE USER plain IDENTIFIED WITH caching_sha2_password BY 'a pass phrase: größer'",
        "CREATE USER sealed IDENTIFIED WITH caching_sha2_password BY 'a pass phrase: größer' \
         REQUIRE SSL",
        "GRANT ALL ON *.* TO plain, sealed",
    ]);
    for (at, (user, mode, seen)) in LOGINS.into_iter().enumerate() {
        // The server forgets who has logged in before: the password itself has to travel, under TLS
        // or under the server's RSA key.
        server.run(&["FLUSH PRIVILEGES", "DELETE FROM safe.t"]);
        let node = Node::new();
        node.runtime().create("safe", login(&server, user, mode)).unwrap();
        node.wait_until("the stream", || {
            node.runtime().describe("safe").unwrap().progress.phase == "streaming"
        });
        assert_eq!(connections(&server, user), [[seen]], "{user} {mode}");
        server.run(&[&format!("INSERT INTO safe.t VALUES ({at})")]);
        node.wait_for("p.safe.t", 1);
        assert_eq!(node.json("p.safe.t")[0].1.as_ref().unwrap()["after"]["a"], at);
    }
    let node = Node::new();
    let refused = node.runtime().create("safe", login(&server, "sealed", "disabled"));
    let text = refused.unwrap_err().to_string();
    assert!(text.contains("'sealed' was refused"), "{text}");
    let mut wrong = login(&server, "plain", "preferred");
    wrong.insert("database.password".to_owned(), "a pass phrase: großer".to_owned());
    let text = node.runtime().create("safe", wrong).unwrap_err().to_string();
    assert!(text.contains("'plain' was refused"), "{text}");
    server.run(&["DROP DATABASE safe", "DROP USER plain, sealed"]);
}

fn login(server: &Server, user: &str, mode: &str) -> std::collections::BTreeMap<String, String> {
    json_config(
        server,
        &[
            ("database.include.list", "safe"),
            ("database.user", user),
            ("database.password", "a pass phrase: größer"),
            ("database.ssl.mode", mode),
        ],
    )
}

/// The kinds of connections that a user has.
fn connections(server: &Server, user: &str) -> Vec<Vec<String>> {
    server.rows(&format!(
        "SELECT DISTINCT connection_type FROM performance_schema.threads \
         WHERE processlist_user = '{user}'"
    ))
}

fn a_server_without_tls_is_refused_only_where_tls_is_required(flavour: Flavour) {
    let off: &[&str] = match flavour {
        Flavour::MariaDb => &["--skip-ssl"],
        Flavour::MySql => &["--tls-version="],
    };
    let Some(server) = Server::start(flavour, off) else { return };
    server.run(&["CREATE DATABASE bare", "CREATE TABLE bare.t (a int primary key)"]);
    server.run(&["CREATE USER u IDENTIFIED BY 'secret'", "GRANT ALL ON *.* TO u"]);
    let login = |mode| {
        let user = [("database.user", "u"), ("database.password", "secret")];
        json_config(&server, &[&user[..], &[("database.ssl.mode", mode)]].concat())
    };
    let node = Node::new();
    let text = node.runtime().create("bare", login("required")).unwrap_err().to_string();
    assert!(text.contains("TLS") && text.contains("database.ssl.mode"), "{text}");
    node.runtime().create("bare", login("preferred")).unwrap();
    server.run(&["INSERT INTO bare.t VALUES (1)"]);
    node.wait_for("p.bare.t", 1);
}

/// The certificate that MySQL makes for itself bears no host's name, and nobody knows its authority.
#[test]
fn certificates_of_strangers_are_refused_where_they_are_looked_at() {
    let Some(server) = Server::shared(Flavour::MySql) else { return };
    let node = Node::new();
    let authority = server.data_directory().join("ca.pem").display().to_string();
    for known in [&[][..], &[("database.ssl.ca", authority.as_str())][..]] {
        let config =
            json_config(&server, &[&[("database.ssl.mode", "verify_identity")], known].concat());
        let text = node.runtime().create("strange", config).unwrap_err().to_string();
        let reason = if known.is_empty() { "UnknownIssuer" } else { "not valid for name" };
        assert!(text.contains("cannot agree on TLS") && text.contains(reason), "{text}");
        assert!(text.contains("database.ssl.ca"), "{text}");
    }
}

fn certificates_of_a_known_authority_are_accepted(flavour: Flavour) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (authority, authority_key) = (path("ca.pem"), path("ca-key.pem"));
    let (certificate, key) = (path("server.pem"), path("server-key.pem"));
    let own = ["-subj", "/CN=authority", "-out", &authority, "-keyout", &authority_key];
    let signed = ["-subj", "/CN=server", "-out", &certificate, "-keyout", &key, "-CA", &authority];
    let named = ["-CAkey", &authority_key, "-addext", "subjectAltName=IP:127.0.0.1"];
    let leaf = ["-addext", "basicConstraints=critical,CA:FALSE"];
    if !make_certificate(&own) || !make_certificate(&[&signed[..], &named, &leaf].concat()) {
        return testkit::skip("openssl, which makes its certificates, is not installed");
    }
    let tls = [("ca", &authority), ("cert", &certificate), ("key", &key)];
    let tls = tls.map(|(name, path)| format!("--ssl-{name}={path}"));
    let Some(server) = Server::start(flavour, &tls.each_ref().map(String::as_str)) else { return };
    server.run(&["CREATE DATABASE known", "CREATE TABLE known.t (a int primary key)"]);
    server.run(&["CREATE USER u IDENTIFIED BY 'secret' REQUIRE SSL", "GRANT ALL ON *.* TO u"]);
    for mode in ["verify_ca", "verify_identity"] {
        let user = [("database.user", "u"), ("database.password", "secret")];
        let verified = [("database.ssl.mode", mode), ("database.ssl.ca", authority.as_str())];
        let node = Node::new();
        let config = json_config(&server, &[user, verified].concat());
        node.runtime().create("known", config).unwrap();
        server.run(&["DELETE FROM known.t", "INSERT INTO known.t VALUES (1)"]);
        node.wait_for("p.known.t", 1);
    }
}

/// Whether a certificate could be made.
fn make_certificate(arguments: &[&str]) -> bool {
    let mut openssl = std::process::Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]).args(arguments);
    openssl.output().is_ok_and(|output| output.status.success())
}
