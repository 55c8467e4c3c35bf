//! Handshakes over real sockets. The certificates in `fixtures` are for nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use broker::ListenerProperties;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

use super::{Identity, Tls};
use crate::Result;

const AUTHORITY: &str = include_str!("fixtures/ca.pem");
const SERVER: &str = include_str!("fixtures/server.pem");
const CLIENT: &str = include_str!("fixtures/client.pem");

async fn open(properties: &[(&str, &str)]) -> Result<Tls> {
    let owned: BTreeMap<String, String> =
        properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Tls::open(&ListenerProperties::new(&owned, "SECURE"), false).await
}

/// A server that asks for certificates as `client_auth` says.
async fn asking(client_auth: &str, rules: &str) -> Tls {
    let properties = [
        ("ssl.keystore.type", "PEM"),
        ("ssl.keystore.key", SERVER),
        ("listener.name.secure.ssl.client.auth", client_auth),
        ("ssl.truststore.certificates", AUTHORITY),
        ("ssl.principal.mapping.rules", rules),
    ];
    open(&properties).await.expect("right")
}

fn connector(shows_certificate: bool) -> TlsConnector {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(AUTHORITY.as_bytes()).expect("PEM");
    roots.add(authority).expect("a certificate");
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_root_certificates(roots);
    let config = if shows_certificate {
        let certificate = CertificateDer::from_pem_slice(CLIENT.as_bytes()).expect("PEM");
        let key = PrivateKeyDer::from_pem_slice(CLIENT.as_bytes()).expect("PEM");
        builder.with_client_auth_cert(vec![certificate], key).expect("they fit")
    } else {
        builder.with_no_client_auth()
    };
    TlsConnector::from(Arc::new(config))
}

/// What the server knows of a client after the handshake.
async fn meet(tls: &Tls, shows_certificate: bool) -> std::result::Result<Identity, String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let client = async {
        let socket = TcpStream::connect(address).await.expect("it listens");
        let name = ServerName::try_from("localhost").expect("a name");
        if let Ok(mut stream) = connector(shows_certificate).connect(name, socket).await {
            // Until the server closes: it refuses after the client is content.
            let _end = stream.read(&mut [0]).await;
        }
    };
    let server = async {
        let (socket, _) = listener.accept().await.expect("a client comes");
        tls.accept(socket).await.map(|(_stream, identity)| identity)
    };
    tokio::join!(client, server).1
}

#[tokio::test]
async fn a_client_is_who_its_certificate_says() {
    let tls = asking("required", "").await;
    let name = "CN=alice,OU=clients,O=Tidemill\\, tests,C=DE".to_owned();
    assert_eq!(meet(&tls, true).await, Ok(Identity::User(name)));
    assert!(meet(&tls, false).await.is_err());

    let tls = asking("requested", "RULE:^CN=(.*?),OU=(.*?),.*$/$1@$2/U").await;
    assert_eq!(meet(&tls, true).await, Ok(Identity::User("ALICE@CLIENTS".to_owned())));
    assert_eq!(meet(&tls, false).await, Ok(Identity::Unknown));

    let tls = asking("requested", "RULE:^CN=bob$/bob/").await;
    assert!(meet(&tls, true).await.is_err());

    let tls = asking("none", "").await;
    assert_eq!(meet(&tls, true).await, Ok(Identity::Unknown));
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_remedy() {
    let pem = ("ssl.keystore.type", "PEM");
    let keys = ("ssl.keystore.key", SERVER);
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----";
    for (properties, words) in [
        (&[][..], "ssl.keystore.location is missing"),
        (&[("ssl.keystore.type", "JKS"), ("ssl.keystore.location", "a.jks")], "-in a.jks -nodes"),
        (&[pem, ("ssl.keystore.location", "/does/not/exist")], "No such file"),
        (&[pem, ("ssl.keystore.key", AUTHORITY)], "no private key"),
        (
            &[pem, ("ssl.keystore.key", encrypted), ("ssl.keystore.certificate.chain", AUTHORITY)],
            "openssl pkey",
        ),
        (&[pem, keys, ("ssl.client.auth", "required")], "ssl.truststore.location is missing"),
        (&[pem, keys, ("ssl.client.auth", "maybe")], "'maybe' is not"),
        (&[pem, keys, ("ssl.enabled.protocols", "TLSv1.1")], "'TLSv1.1' is not"),
        (&[pem, keys, ("ssl.principal.mapping.rules", "x")], "kafka.ssl.principal.mapping.rules: "),
    ] {
        let error = open(properties).await.expect_err("wrong").to_string();
        assert!(error.contains(words), "{error}");
        assert!(!error.contains("BEGIN"), "{error}");
    }
}

#[tokio::test]
async fn changed_files_are_read_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("server.pem");
    tokio::fs::write(&path, SERVER).await.expect("written");
    let location = path.to_str().expect("UTF-8");
    let tls = open(&[("ssl.keystore.location", location)]).await.expect("right");
    let before = tls.config().await;
    assert!(Arc::ptr_eq(&before, &tls.config().await));
    tokio::fs::remove_file(&path).await.expect("removed");
    assert!(Arc::ptr_eq(&before, &tls.config().await), "what was read stays in use");
    tokio::fs::write(&path, SERVER).await.expect("written");
    assert!(!Arc::ptr_eq(&before, &tls.config().await));
}
