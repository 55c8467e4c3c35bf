//! Logging in, failing to, and logging in again.

use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{
    ApiVersionsRequest, DescribeAclsRequest, SaslAuthenticateRequest, SaslAuthenticateResponse,
    SaslHandshakeRequest, SaslHandshakeResponse,
};
use kafka_protocol::protocol::StrBytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::Instant;

use super::{harness, sasl_client, scram_client};
use crate::security::scram::Hash;
use crate::tests::harness::Client;

const PLAIN_USERS: (&str, &str) =
    ("sasl.jaas.config", "PlainLoginModule required user_alice=\"secret\" user_bob=\"b\";");
const SCRAM_USERS: (&str, &str) =
    ("sasl.scram.bootstrap.users", "SCRAM-SHA-512=[name=carol,password=pencil]");

async fn handshake(client: &mut Client, mechanism: &'static str) -> SaslHandshakeResponse {
    let mechanism = StrBytes::from_static_str(mechanism);
    client.ask(1, SaslHandshakeRequest::default().with_mechanism(mechanism)).await
}

async fn token(client: &mut Client, token: impl Into<Bytes>) -> SaslAuthenticateResponse {
    client.ask(2, SaslAuthenticateRequest::default().with_auth_bytes(token.into())).await
}

async fn log_in(client: &mut Client, credentials: &'static str) -> SaslAuthenticateResponse {
    assert_eq!(handshake(client, "PLAIN").await.error_code, 0);
    token(client, credentials).await
}

async fn is_closed(mut client: Client) {
    let mut rest = Vec::new();
    client.stream.read_to_end(&mut rest).await.expect("a stream in memory");
    assert!(rest.is_empty(), "{rest:?}");
    client.connection.await.expect("the connection ends in order");
}

#[tokio::test(start_paused = true)]
async fn plain_lets_in_who_knows_the_password() {
    let harness = harness(&[PLAIN_USERS]);
    let mut client = sasl_client(&harness);
    assert_eq!(client.ask(3, versions()).await.error_code, 0);
    let answer = log_in(&mut client, "\0alice\0secret").await;
    assert_eq!((answer.error_code, answer.session_lifetime_ms), (0, 0));
    // Served, though refused for want of an authorizer.
    let served = client.ask(1, DescribeAclsRequest::default()).await;
    assert_eq!(served.error_code, ResponseError::SecurityDisabled.code());
    let late = token(&mut client, "\0alice\0secret").await;
    assert_eq!(late.error_code, ResponseError::IllegalSaslState.code());
}

fn versions() -> ApiVersionsRequest {
    ApiVersionsRequest::default()
        .with_client_software_name(StrBytes::from_static_str("test"))
        .with_client_software_version(StrBytes::from_static_str("1"))
}

#[tokio::test(start_paused = true)]
async fn failures_come_late_and_close_the_connection() {
    let harness = harness(&[PLAIN_USERS]);
    for (credentials, reason) in [
        ("\0alice\0wrong", "Authentication failed: Invalid username or password"),
        ("\0nobody\0secret", "Authentication failed: Invalid username or password"),
        ("\0\0secret", "Authentication failed: username not specified"),
        ("\0alice\0", "Authentication failed: password not specified"),
        (
            "bob\0alice\0secret",
            "Authentication failed: Client requested an authorization id that is different from \
             username",
        ),
        ("alice", "Invalid SASL/PLAIN response: expected 3 tokens, got 1"),
    ] {
        let mut client = sasl_client(&harness);
        let began = Instant::now();
        let answer = log_in(&mut client, credentials).await;
        assert_eq!(answer.error_code, ResponseError::SaslAuthenticationFailed.code());
        assert_eq!(answer.error_message.as_deref(), Some(reason));
        assert_eq!(began.elapsed(), Duration::from_millis(100));
        is_closed(client).await;
    }
}

#[tokio::test(start_paused = true)]
async fn scram_lets_in_who_knows_the_password() {
    let mut harness = harness(&[SCRAM_USERS]);
    // The first user's credential was stored, so it is the same after a restart.
    for _ in 0..2 {
        let mut client = sasl_client(&harness);
        handshake(&mut client, "SCRAM-SHA-512").await;
        let challenge = token(&mut client, scram_client::first("carol")).await.auth_bytes;
        let last = scram_client::last(Hash::Sha512, "carol", "pencil", &challenge);
        let answer = token(&mut client, last).await;
        assert_eq!(answer.error_code, 0, "{:?}", answer.error_message);
        assert!(answer.auth_bytes.starts_with(b"v="));
        let served = client.ask(1, DescribeAclsRequest::default()).await;
        assert_eq!(served.error_code, ResponseError::SecurityDisabled.code());
        drop(client);
        tokio::time::sleep(Duration::from_secs(1)).await;
        harness.crash(testkit::disk::Crash::Process);
    }
}

#[tokio::test(start_paused = true)]
async fn scram_does_not_tell_unknown_users_from_wrong_passwords() {
    let harness = harness(&[SCRAM_USERS]);
    // Carol has no credential for the other hash.
    for (mechanism, hash, user) in [
        ("SCRAM-SHA-512", Hash::Sha512, "carol"),
        ("SCRAM-SHA-512", Hash::Sha512, "nobody"),
        ("SCRAM-SHA-256", Hash::Sha256, "carol"),
    ] {
        let mut client = sasl_client(&harness);
        handshake(&mut client, mechanism).await;
        let challenge = token(&mut client, scram_client::first(user)).await;
        assert_eq!(challenge.error_code, 0);
        let last = scram_client::last(hash, user, "pen", &challenge.auth_bytes);
        let answer = token(&mut client, last).await;
        assert_eq!(answer.error_code, ResponseError::SaslAuthenticationFailed.code());
        let reason = format!(
            "Authentication failed during authentication due to invalid credentials with SASL \
             mechanism {mechanism}"
        );
        assert_eq!(answer.error_message.as_deref(), Some(reason.as_str()));
        is_closed(client).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_mechanism_that_is_not_enabled_is_refused_with_those_that_are() {
    let harness = harness(&[("sasl.enabled.mechanisms", "SCRAM-SHA-256,SCRAM-SHA-512")]);
    let mut client = sasl_client(&harness);
    let answer = handshake(&mut client, "PLAIN").await;
    assert_eq!(answer.error_code, ResponseError::UnsupportedSaslMechanism.code());
    let mechanisms: Vec<&str> = answer.mechanisms.iter().map(StrBytes::as_str).collect();
    assert_eq!(mechanisms, ["SCRAM-SHA-256", "SCRAM-SHA-512"]);
    is_closed(client).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_else_is_served_before() {
    let harness = harness(&[PLAIN_USERS]);
    let mut client = sasl_client(&harness);
    client.send(1, &DescribeAclsRequest::default()).await;
    is_closed(client).await;

    let mut client = sasl_client(&harness);
    handshake(&mut client, "PLAIN").await;
    client.send(1, &DescribeAclsRequest::default()).await;
    is_closed(client).await;

    let mut client = sasl_client(&harness);
    handshake(&mut client, "PLAIN").await;
    let twice = handshake(&mut client, "PLAIN").await;
    assert_eq!(twice.error_code, ResponseError::IllegalSaslState.code());
    is_closed(client).await;

    let mut client = sasl_client(&harness);
    let early = token(&mut client, "\0alice\0secret").await;
    assert_eq!(early.error_code, ResponseError::IllegalSaslState.code());
    is_closed(client).await;

    // A large request could keep memory busy that others need.
    let mut client = sasl_client(&harness);
    client.stream.write_u32(1 << 20).await.expect("a stream in memory");
    is_closed(client).await;
}

#[tokio::test(start_paused = true)]
async fn a_listener_without_sasl_knows_none() {
    let harness = harness(&[PLAIN_USERS]);
    let mut client = harness.client();
    let illegal = ResponseError::IllegalSaslState.code();
    assert_eq!(handshake(&mut client, "PLAIN").await.error_code, illegal);
    assert_eq!(token(&mut client, "").await.error_code, illegal);
    assert_eq!(client.ask(3, versions()).await.error_code, 0);
}

#[tokio::test(start_paused = true)]
async fn old_clients_send_bare_tokens() {
    let harness = harness(&[PLAIN_USERS]);
    for (credentials, is_right) in [(&b"\0alice\0secret"[..], true), (b"\0alice\0wrong", false)] {
        let mut client = sasl_client(&harness);
        let mechanism = StrBytes::from_static_str("PLAIN");
        let answer = client.ask(0, SaslHandshakeRequest::default().with_mechanism(mechanism)).await;
        assert_eq!(answer.error_code, 0);
        client.stream.write_u32(credentials.len() as u32).await.expect("a stream in memory");
        client.stream.write_all(credentials).await.expect("a stream in memory");
        if !is_right {
            is_closed(client).await;
            continue;
        }
        assert_eq!(client.stream.read_u32().await.expect("an answer"), 0);
        let served = client.ask(1, DescribeAclsRequest::default()).await;
        assert_eq!(served.error_code, ResponseError::SecurityDisabled.code());
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_ends_unless_the_client_authenticates_again() {
    let harness = harness(&[PLAIN_USERS, ("connections.max.reauth.ms", "10000")]);
    let mut client = sasl_client(&harness);
    assert_eq!(log_in(&mut client, "\0alice\0secret").await.session_lifetime_ms, 10_000);
    tokio::time::sleep(Duration::from_secs(9)).await;
    assert_eq!(log_in(&mut client, "\0alice\0secret").await.session_lifetime_ms, 10_000);
    let too_soon = handshake(&mut client, "PLAIN").await;
    assert_eq!(too_soon.error_code, ResponseError::IllegalSaslState.code());
    tokio::time::sleep(Duration::from_secs(9)).await;
    client.ask(1, DescribeAclsRequest::default()).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    client.send(1, &DescribeAclsRequest::default()).await;
    is_closed(client).await;
}

#[tokio::test(start_paused = true)]
async fn authenticating_again_keeps_user_and_mechanism() {
    let harness = harness(&[PLAIN_USERS]);
    let mut client = sasl_client(&harness);
    log_in(&mut client, "\0alice\0secret").await;
    let answer = log_in(&mut client, "\0bob\0b").await;
    assert_eq!(
        answer.error_message.as_deref(),
        Some("Cannot change principals during re-authentication from User.alice: User.bob")
    );
    is_closed(client).await;

    let mut client = sasl_client(&harness);
    log_in(&mut client, "\0alice\0secret").await;
    assert_eq!(handshake(&mut client, "SCRAM-SHA-256").await.error_code, 0);
    let answer = token(&mut client, scram_client::first("alice")).await;
    assert_eq!(
        answer.error_message.as_deref(),
        Some(
            "SASL mechanism 'SCRAM-SHA-256' requested by client is not supported for \
             re-authentication of mechanism 'PLAIN'"
        )
    );
    is_closed(client).await;
}
