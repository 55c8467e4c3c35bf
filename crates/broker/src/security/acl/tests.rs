//! The index against a naive model: every ACL looked at, as Kafka's documentation words it.

use std::net::IpAddr;

use proptest::prelude::*;
use proptest::sample::select;

use super::entry::ANY_USER;
use super::filter::{Codes, Filter};
use super::words::{Coded as _, PatternType, Permission};
use super::*;

const NAMES: [&str; 6] = ["a", "ab", "abc", "b", "*", "ä"];
const HOSTS: [&str; 4] = ["*", "10.0.0.1", "::1", "somewhere"];
const PRINCIPALS: [&str; 3] = ["User:u", "User:v", ANY_USER];

fn acls() -> impl Strategy<Value = Vec<Acl>> {
    let acl = (
        select(&[ResourceType::Topic, ResourceType::Group][..]),
        select(&NAMES[..]),
        select(PatternType::ALL),
        select(&PRINCIPALS[..]),
        select(&HOSTS[..]),
        select(Operation::ALL),
        select(Permission::ALL),
    )
        .prop_map(
            |(resource_type, name, pattern_type, principal, host, operation, permission)| Acl {
                resource_type,
                resource_name: name.to_owned(),
                pattern_type,
                principal: principal.to_owned(),
                host: host.to_owned(),
                operation,
                permission,
            },
        );
    prop::collection::vec(acl, 0..12)
}

fn question() -> impl Strategy<Value = (Asked<'static>, &'static str)> {
    let hosts: [IpAddr; 2] = ["10.0.0.1".parse().unwrap(), "::1".parse().unwrap()];
    (
        select(&PRINCIPALS[..2]),
        select(hosts.to_vec()),
        select(&Operation::ALL[1..]),
        select(&NAMES[..]),
    )
        .prop_map(|(principal, host, operation, name)| (Asked { principal, host, operation }, name))
}

fn applies(acl: &Acl, kind: ResourceType, name: &str) -> bool {
    acl.resource_type == kind
        && match acl.pattern_type {
            PatternType::Literal => acl.resource_name == name || acl.resource_name == "*",
            PatternType::Prefixed => name.starts_with(&acl.resource_name),
        }
}

fn speaks_of(acl: &Acl, asked: Asked<'_>) -> bool {
    let implies = match asked.operation {
        Operation::Describe => {
            &[Operation::Read, Operation::Write, Operation::Delete, Operation::Alter][..]
        }
        Operation::DescribeConfigs => &[Operation::AlterConfigs],
        _ => &[],
    };
    let is_implied = acl.permission == Permission::Allow && implies.contains(&acl.operation);
    (acl.principal == asked.principal || acl.principal == ANY_USER)
        && (acl.host == "*" || acl.host == asked.host.to_string())
        && (acl.operation == Operation::All || acl.operation == asked.operation || is_implied)
}

fn model(acls: &[Acl], asked: Asked<'_>, kind: ResourceType, name: &str) -> Verdict {
    let applying: Vec<&Acl> = acls.iter().filter(|acl| applies(acl, kind, name)).collect();
    let says = |permission| {
        applying.iter().any(|acl| acl.permission == permission && speaks_of(acl, asked))
    };
    match (applying.is_empty(), says(Permission::Deny), says(Permission::Allow)) {
        (true, _, _) => Verdict::Unlisted,
        (_, true, _) | (_, _, false) => Verdict::Denied,
        _ => Verdict::Allowed,
    }
}

proptest! {
    #[test]
    fn decides_as_the_model(
        mut acls in acls(),
        gone in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        questions in prop::collection::vec(question(), 1..8),
    ) {
        let mut index = Index::default();
        acls.iter().cloned().for_each(|acl| index.insert(acl));
        for position in gone {
            if !acls.is_empty() {
                let acl = acls[position.index(acls.len())].clone();
                index.remove(&acl);
                acls.retain(|known| *known != acl);
            }
        }
        prop_assert_eq!(index.iter().count(), {
            let mut distinct = acls.clone();
            distinct.sort();
            distinct.dedup();
            distinct.len()
        });
        for (asked, name) in questions {
            let kind = ResourceType::Topic;
            prop_assert_eq!(index.decide(asked, kind, name), model(&acls, asked, kind, name));
            // A name nobody denies by itself shows what some resource would be allowed.
            let names = acls.iter().flat_map(|acl| {
                let longer = format!("{}\u{1}", acl.resource_name);
                [acl.resource_name.clone(), longer]
            });
            let some = names.chain(["\u{2}".to_owned()]).any(|name| {
                name != "*" && model(&acls, asked, kind, &name) == Verdict::Allowed
            });
            if some {
                prop_assert!(index.allows_some(asked, kind), "{asked:?}");
            }
        }
    }
}

#[test]
fn denying_all_names_allows_none() {
    let mut index = Index::default();
    let acl = |name: &str, pattern_type, permission| Acl {
        resource_type: ResourceType::Topic,
        resource_name: name.to_owned(),
        pattern_type,
        principal: "User:u".to_owned(),
        host: "*".to_owned(),
        operation: Operation::Write,
        permission,
    };
    let asked = Asked {
        principal: "User:u",
        host: IpAddr::from([10, 0, 0, 1]),
        operation: Operation::Write,
    };
    assert!(!index.allows_some(asked, ResourceType::Topic));
    index.insert(acl("abc", PatternType::Literal, Permission::Allow));
    assert!(index.allows_some(asked, ResourceType::Topic));
    index.insert(acl("ab", PatternType::Prefixed, Permission::Deny));
    assert!(!index.allows_some(asked, ResourceType::Topic));
    index.insert(acl("a", PatternType::Prefixed, Permission::Allow));
    assert!(index.allows_some(asked, ResourceType::Topic));
    index.insert(acl("*", PatternType::Literal, Permission::Deny));
    assert!(!index.allows_some(asked, ResourceType::Topic));
}

#[test]
fn filters_match_as_kafkas() {
    let acl = |name: &str, pattern_type| Acl {
        resource_type: ResourceType::Topic,
        resource_name: name.to_owned(),
        pattern_type,
        principal: "User:u".to_owned(),
        host: "*".to_owned(),
        operation: Operation::Read,
        permission: Permission::Allow,
    };
    let codes = |name, pattern_type| Codes {
        resource_type: 1,
        name,
        pattern_type,
        principal: None,
        host: None,
        operation: 1,
        permission: 1,
    };
    let (literal, prefixed) = (PatternType::Literal, PatternType::Prefixed);
    let known = [acl("ab", literal), acl("a", prefixed), acl("ab", prefixed), acl("*", literal)];
    let found = |codes| {
        let filter = Filter::read(codes).expect("a filter");
        let positions = (0..known.len()).filter(|at| filter.matches(&known[*at]));
        positions.collect::<Vec<_>>()
    };
    assert_eq!(found(codes(None, 1)), [0, 1, 2, 3]);
    assert_eq!(found(codes(Some("ab"), 1)), [0, 2]);
    assert_eq!(found(codes(Some("ab"), 2)), [0, 1, 2, 3]);
    assert_eq!(found(codes(Some("b"), 2)), [3]);
    assert_eq!(found(codes(Some("ab"), 3)), [0]);
    assert_eq!(found(codes(Some("ab"), 4)), [2]);
    assert!(found(Codes { principal: Some("User:v"), ..codes(None, 1) }).is_empty());
    assert!(found(Codes { operation: 4, ..codes(None, 1) }).is_empty());
    for wrong in [codes(None, 0), Codes { operation: 0, ..codes(None, 1) }] {
        assert!(Filter::read(wrong).is_err());
    }
}
