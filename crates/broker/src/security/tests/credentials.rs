//! Giving users SCRAM credentials and taking them away.

use std::num::NonZeroU32;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::alter_user_scram_credentials_request::{
    ScramCredentialDeletion, ScramCredentialUpsertion,
};
use kafka_protocol::messages::describe_user_scram_credentials_request::UserName;
use kafka_protocol::messages::describe_user_scram_credentials_response::DescribeUserScramCredentialsResult;
use kafka_protocol::messages::{
    AlterUserScramCredentialsRequest, DescribeUserScramCredentialsRequest,
};
use kafka_protocol::protocol::StrBytes;
use testkit::disk::Crash;

use super::harness;
use crate::security::scram::Hash;
use crate::tests::harness::Client;

fn upsertion(user: &'static str, mechanism: i8, iterations: i32) -> ScramCredentialUpsertion {
    let count = NonZeroU32::new(4096).expect("not zero");
    ScramCredentialUpsertion::default()
        .with_name(StrBytes::from_static_str(user))
        .with_mechanism(mechanism)
        .with_iterations(iterations)
        .with_salt(Bytes::from_static(b"salt"))
        .with_salted_password(Hash::Sha256.salted(b"pw", b"salt", count).into())
}

fn deletion(user: &'static str) -> ScramCredentialDeletion {
    ScramCredentialDeletion::default().with_name(StrBytes::from_static_str(user)).with_mechanism(1)
}

async fn alter(
    client: &mut Client,
    deletions: Vec<ScramCredentialDeletion>,
    upsertions: Vec<ScramCredentialUpsertion>,
) -> Vec<(String, i16)> {
    let request = AlterUserScramCredentialsRequest::default()
        .with_deletions(deletions)
        .with_upsertions(upsertions);
    let results = client.ask(0, request).await.results;
    results.iter().map(|result| (result.user.to_string(), result.error_code)).collect()
}

/// A user, its error, and the mechanisms and iterations it has.
type Described = (String, i16, Vec<(i8, i32)>);

async fn describe(client: &mut Client, users: Option<Vec<&'static str>>) -> Vec<Described> {
    let name = |user| UserName::default().with_name(StrBytes::from_static_str(user));
    let users = users.map(|users| users.into_iter().map(name).collect());
    let answer =
        client.ask(0, DescribeUserScramCredentialsRequest::default().with_users(users)).await;
    assert_eq!(answer.error_code, 0);
    let of_user = |result: &DescribeUserScramCredentialsResult| {
        let infos = result.credential_infos.iter().map(|info| (info.mechanism, info.iterations));
        (result.user.to_string(), result.error_code, infos.collect())
    };
    answer.results.iter().map(of_user).collect()
}

#[tokio::test(start_paused = true)]
async fn each_user_is_altered_alone_and_for_good() {
    let mut harness = harness(&[]);
    let mut client = harness.client();
    let upsertions = vec![
        upsertion("alice", 1, 8192),
        upsertion("few", 1, 4095),
        upsertion("many", 1, 16_385),
        upsertion("", 1, 4096),
        upsertion("other", 3, 4096),
        upsertion("twice", 1, 4096),
        upsertion("twice", 2, 4096),
    ];
    let unacceptable = ResponseError::UnacceptableCredential.code();
    let not_found = ResponseError::ResourceNotFound.code();
    let twice = ResponseError::DuplicateResource.code();
    let mut outcomes = alter(&mut client, vec![deletion("nobody")], upsertions).await;
    outcomes.sort();
    let expected = [
        ("", unacceptable),
        ("alice", 0),
        ("few", unacceptable),
        ("many", unacceptable),
        ("nobody", not_found),
        ("other", ResponseError::UnsupportedSaslMechanism.code()),
        ("twice", twice),
    ];
    assert_eq!(outcomes, expected.map(|(user, code)| (user.to_owned(), code)));

    harness.crash(Crash::LoseUnsynced);
    let mut client = harness.client();
    let alice = ("alice".to_owned(), 0, vec![(1, 8192)]);
    assert_eq!(describe(&mut client, None).await, std::slice::from_ref(&alice));
    let asked = describe(&mut client, Some(vec!["alice", "bob", "bob", "eve"])).await;
    assert_eq!(
        asked,
        [alice, ("bob".to_owned(), twice, vec![]), ("eve".to_owned(), not_found, vec![])]
    );

    assert_eq!(
        alter(&mut client, vec![deletion("alice")], vec![]).await,
        [("alice".to_owned(), 0)]
    );
    harness.crash(Crash::LoseUnsynced);
    assert_eq!(describe(&mut harness.client(), None).await, []);
}

#[tokio::test(start_paused = true)]
async fn only_who_may_alter_the_cluster_does() {
    let authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
    let harness = harness(&[("authorizer.class.name", authorizer)]);
    let denied = ResponseError::ClusterAuthorizationFailed.code();
    let outcomes = alter(&mut harness.client(), vec![], vec![upsertion("eve", 1, 4096)]).await;
    assert_eq!(outcomes, [("eve".to_owned(), denied)]);
    let answer = harness.client().ask(0, DescribeUserScramCredentialsRequest::default()).await;
    assert_eq!(answer.error_code, denied);
}
