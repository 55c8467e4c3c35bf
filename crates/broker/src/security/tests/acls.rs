//! Granting, asking and taking away.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::create_acls_request::AclCreation;
use kafka_protocol::messages::delete_acls_request::DeleteAclsFilter;
use kafka_protocol::messages::{ApiKey, CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest};
use kafka_protocol::protocol::StrBytes;
use testkit::disk::Crash;

use super::harness;
use crate::context::{RequestContext, Session, Transport};
use crate::security::{Authentication, Operation, Resource, ResourceType};
use crate::tests::harness::{Client, Harness};
use crate::topics::authorized_operations;

const AUTHORIZER: (&str, &str) =
    ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
const ADMINS: (&str, &str) = ("super.users", "User:admin");

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn creation(name: &str, pattern_type: i8, operation: Operation, permission: i8) -> AclCreation {
    AclCreation::default()
        .with_resource_type(ResourceType::Topic as i8)
        .with_resource_name(text(name))
        .with_resource_pattern_type(pattern_type)
        .with_principal(text("User:alice"))
        .with_host(text("*"))
        .with_operation(operation as i8)
        .with_permission_type(permission)
}

fn everything() -> DescribeAclsRequest {
    DescribeAclsRequest::default()
        .with_resource_type_filter(1)
        .with_pattern_type_filter(1)
        .with_resource_name_filter(None)
        .with_principal_filter(None)
        .with_host_filter(None)
        .with_operation(1)
        .with_permission_type(1)
}

fn user(name: &str) -> RequestContext {
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let authentication = Authentication::proved(name);
    let session = Session::new(9, peer, "L".into(), Transport::Plain, authentication);
    RequestContext {
        api_key: ApiKey::Metadata,
        version: 0,
        correlation_id: 0,
        client_id: None,
        session: Arc::new(session),
    }
}

fn allows(harness: &Harness, name: &str, operation: Operation, topic: &str) -> bool {
    harness.broker.security.allows(&user(name), operation, Resource::Topic(topic))
}

async fn names(client: &mut Client) -> Vec<String> {
    let known = client.ask(2, everything()).await;
    assert_eq!(known.error_code, 0, "{:?}", known.error_message);
    known.resources.iter().map(|resource| resource.resource_name.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn acls_last_until_they_are_taken_away() {
    let mut harness = harness(&[AUTHORIZER, ADMINS]);
    let mut admin = harness.client_who(Authentication::proved("admin"));
    let creations = vec![
        creation("orders", 3, Operation::Read, 3),
        creation("ord", 4, Operation::Write, 3),
        creation("orders-secret", 3, Operation::All, 2),
        creation("", 3, Operation::Read, 3),
        creation("x", 1, Operation::Read, 3),
        creation("x", 3, Operation::Read, 3).with_principal(text("alice")),
        creation("x", 3, Operation::Read, 3).with_resource_type(ResourceType::Cluster as i8),
    ];
    let answer = admin.ask(3, CreateAclsRequest::default().with_creations(creations)).await;
    let codes: Vec<i16> = answer.results.iter().map(|result| result.error_code).collect();
    let invalid = ResponseError::InvalidRequest.code();
    assert_eq!(codes, [0, 0, 0, invalid, invalid, invalid, invalid]);

    harness.crash(Crash::LoseUnsynced);
    assert!(allows(&harness, "alice", Operation::Read, "orders"));
    assert!(allows(&harness, "alice", Operation::Describe, "orders"));
    assert!(allows(&harness, "alice", Operation::Write, "ordinary"));
    assert!(!allows(&harness, "alice", Operation::Read, "ordinary"));
    assert!(!allows(&harness, "alice", Operation::Write, "orders-secret"));
    assert!(!allows(&harness, "bob", Operation::Read, "orders"));
    assert!(!allows(&harness, "bob", Operation::Read, "unlisted"));
    assert!(allows(&harness, "admin", Operation::Delete, "orders"));
    let security = &harness.broker.security;
    let bits = authorized_operations(&harness.broker, &user("alice"), Resource::Topic("orders"));
    let expected = [Operation::Read, Operation::Write, Operation::Describe];
    assert_eq!(bits, expected.into_iter().fold(0, |bits, one| bits | 1 << one as i32));
    assert!(security.allows_some(&user("alice"), Operation::Write, ResourceType::Topic));
    assert!(!security.allows_some(&user("bob"), Operation::Write, ResourceType::Topic));

    let mut admin = harness.client_who(Authentication::proved("admin"));
    assert_eq!(names(&mut admin).await, ["ord", "orders", "orders-secret"]);
    let filter = DeleteAclsFilter::default()
        .with_resource_type_filter(ResourceType::Topic as i8)
        .with_resource_name_filter(Some(text("orders")))
        .with_pattern_type_filter(2)
        .with_principal_filter(None)
        .with_host_filter(None)
        .with_operation(1)
        .with_permission_type(1);
    let nonsense = filter.clone().with_operation(0);
    let request = DeleteAclsRequest::default().with_filters(vec![filter, nonsense]);
    let answer = admin.ask(2, request).await;
    assert_eq!(answer.filter_results[0].matching_acls.len(), 2);
    assert_eq!(answer.filter_results[1].error_code, invalid);

    harness.crash(Crash::LoseUnsynced);
    let mut admin = harness.client_who(Authentication::proved("admin"));
    assert_eq!(names(&mut admin).await, ["orders-secret"]);
}

#[tokio::test(start_paused = true)]
async fn only_who_may_alter_the_cluster_changes_acls() {
    let harness = harness(&[AUTHORIZER, ADMINS]);
    let mut nobody = harness.client();
    let denied = ResponseError::ClusterAuthorizationFailed.code();
    let creations = vec![creation("a", 3, Operation::All, 3)];
    let answer = nobody.ask(1, CreateAclsRequest::default().with_creations(creations)).await;
    assert_eq!(answer.results[0].error_code, denied);
    let filters = vec![DeleteAclsFilter::default()];
    let answer = nobody.ask(1, DeleteAclsRequest::default().with_filters(filters)).await;
    assert_eq!(answer.filter_results[0].error_code, denied);
    assert_eq!(nobody.ask(1, everything()).await.error_code, denied);
}

#[tokio::test(start_paused = true)]
async fn without_authorizer_everything_is_allowed_but_the_secrets() {
    let harness = harness(&[]);
    assert!(allows(&harness, "anyone", Operation::Delete, "orders"));
    assert!(!allows(&harness, "anyone", Operation::Read, "__tidemill_security"));
    let bits = authorized_operations(&harness.broker, &user("u"), Resource::Cluster);
    assert_eq!(bits, 0b1_1111_1010_0000);
    let answer = harness.client().ask(1, everything()).await;
    assert_eq!(answer.error_code, ResponseError::SecurityDisabled.code());
}

#[tokio::test(start_paused = true)]
async fn resources_without_acls_can_be_left_open() {
    let harness = harness(&[AUTHORIZER, ADMINS, ("allow.everyone.if.no.acl.found", "true")]);
    assert!(allows(&harness, "bob", Operation::Write, "orders"));
    let mut admin = harness.client_who(Authentication::proved("admin"));
    let creations = vec![creation("orders", 3, Operation::Read, 3)];
    admin.ask(3, CreateAclsRequest::default().with_creations(creations)).await;
    assert!(!allows(&harness, "bob", Operation::Write, "orders"));
    assert!(allows(&harness, "bob", Operation::Write, "others"));
}
