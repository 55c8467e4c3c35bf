//! All ACLs, arranged so that one question costs a few look-ups however many there are: by type of
//! resource, then by name, then by principal.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use super::entry::{ANY_USER, Acl, WILDCARD};
use super::words::{Operation, PatternType, Permission, ResourceType};

/// A question: may this one do that?
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// Who, with its type: `User:alice`.
    pub(crate) principal: &'a str,
    /// From where.
    pub(crate) host: IpAddr,
    pub(crate) operation: Operation,
}

/// What the ACLs say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allowed,
    Denied,
    /// There is no ACL at all for the resource.
    Unlisted,
}

/// All ACLs.
#[derive(Debug, Default)]
pub(crate) struct Index {
    acls: BTreeSet<Acl>,
    by_type: HashMap<ResourceType, Patterns>,
}

/// ACLs for one type of resource.
#[derive(Debug, Default)]
struct Patterns {
    /// Those for all names stand under `*`.
    literal: HashMap<String, Rules>,
    prefixed: HashMap<String, Rules>,
    /// Lengths of the prefixes in bytes, with how many there are of each.
    prefix_lengths: BTreeMap<usize, usize>,
}

/// ACLs for one pattern, by principal. Never empty.
#[derive(Debug, Default)]
struct Rules {
    by_principal: HashMap<String, Vec<Rule>>,
}

#[derive(Debug, PartialEq, Eq)]
struct Rule {
    host: Host,
    operation: Operation,
    permission: Permission,
}

/// Addresses are compared as such, because IPv6 ones have many spellings.
#[derive(Debug, PartialEq, Eq)]
enum Host {
    Any,
    Address(IpAddr),
    /// A text that is no address: it names no client.
    Nowhere(String),
}

impl Index {
    /// Every ACL, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Acl> {
        self.acls.iter()
    }

    /// Whether `acl` is there.
    pub(crate) fn contains(&self, acl: &Acl) -> bool {
        self.acls.contains(acl)
    }

    /// Adds `acl`, unless it is there already.
    pub(crate) fn insert(&mut self, acl: Acl) {
        if self.acls.contains(&acl) {
            return;
        }
        let patterns = self.by_type.entry(acl.resource_type).or_default();
        patterns.rules_mut(acl.pattern_type, &acl.resource_name).insert(&acl);
        self.acls.insert(acl);
    }

    /// Takes `acl` out.
    pub(crate) fn remove(&mut self, acl: &Acl) {
        if self.acls.remove(acl)
            && let Some(patterns) = self.by_type.get_mut(&acl.resource_type)
        {
            patterns.remove(acl);
        }
    }

    /// What the ACLs say of a resource. One that denies wins over any that allow.
    pub(crate) fn decide(&self, asked: Asked<'_>, of: ResourceType, name: &str) -> Verdict {
        let Some(patterns) = self.by_type.get(&of) else { return Verdict::Unlisted };
        let mut verdict = Verdict::Unlisted;
        for rules in patterns.applying(name) {
            match rules.permission(asked) {
                Some(Permission::Deny) => return Verdict::Denied,
                Some(Permission::Allow) => verdict = Verdict::Allowed,
                None if verdict == Verdict::Unlisted => verdict = Verdict::Denied,
                None => {}
            }
        }
        verdict
    }

    /// Whether there can be any resource of the type for which [`Index::decide`] says `Allowed`.
    pub(crate) fn allows_some(&self, asked: Asked<'_>, of: ResourceType) -> bool {
        let Some(patterns) = self.by_type.get(&of) else { return false };
        let says = |rules: Option<&Rules>, permission| {
            rules.and_then(|rules| rules.permission(asked)) == Some(permission)
        };
        let is_denied_by_prefix = |name: &str| {
            patterns.prefixes_of(name).any(|rules| says(Some(rules), Permission::Deny))
        };
        if says(patterns.literal.get(WILDCARD), Permission::Deny) {
            return false;
        }
        let literal = patterns.literal.iter().any(|(name, rules)| {
            says(Some(rules), Permission::Allow) && (name == WILDCARD || !is_denied_by_prefix(name))
        });
        let prefixed = || {
            patterns.prefixed.iter().any(|(name, rules)| {
                says(Some(rules), Permission::Allow) && !is_denied_by_prefix(name)
            })
        };
        literal || prefixed()
    }
}

impl Patterns {
    fn rules_mut(&mut self, pattern_type: PatternType, name: &str) -> &mut Rules {
        match pattern_type {
            PatternType::Literal => self.literal.entry(name.to_owned()).or_default(),
            PatternType::Prefixed => {
                if !self.prefixed.contains_key(name) {
                    *self.prefix_lengths.entry(name.len()).or_default() += 1;
                }
                self.prefixed.entry(name.to_owned()).or_default()
            }
        }
    }

    fn remove(&mut self, acl: &Acl) {
        let name = &acl.resource_name;
        let rules = self.rules_mut(acl.pattern_type, name);
        rules.remove(acl);
        if !rules.by_principal.is_empty() {
            return;
        }
        match acl.pattern_type {
            PatternType::Literal => {
                self.literal.remove(name);
            }
            PatternType::Prefixed => {
                self.prefixed.remove(name);
                self.forget_length(name.len());
            }
        }
    }

    fn forget_length(&mut self, length: usize) {
        if let Some(count) = self.prefix_lengths.get_mut(&length) {
            *count -= 1;
            if *count == 0 {
                self.prefix_lengths.remove(&length);
            }
        }
    }

    /// The rules whose pattern applies to a resource called `name`.
    fn applying<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Rules> {
        // A resource that is itself called `*` would otherwise be looked up twice, to no harm.
        let literal = self.literal.get(name).into_iter().chain(self.literal.get(WILDCARD));
        literal.chain(self.prefixes_of(name))
    }

    fn prefixes_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Rules> {
        let lengths = self.prefix_lengths.range(..=name.len()).map(|(length, _)| *length);
        lengths.filter_map(|length| self.prefixed.get(name.get(..length)?))
    }
}

impl Rules {
    fn insert(&mut self, acl: &Acl) {
        self.by_principal.entry(acl.principal.clone()).or_default().push(Rule::of(acl));
    }

    fn remove(&mut self, acl: &Acl) {
        let Some(rules) = self.by_principal.get_mut(&acl.principal) else { return };
        let rule = Rule::of(acl);
        if let Some(position) = rules.iter().position(|known| *known == rule) {
            rules.swap_remove(position);
        }
        if rules.is_empty() {
            self.by_principal.remove(&acl.principal);
        }
    }

    fn permission(&self, asked: Asked<'_>) -> Option<Permission> {
        let of = |principal: &str| self.by_principal.get(principal).into_iter().flatten();
        let matching = of(asked.principal).chain(of(ANY_USER)).filter(|rule| rule.matches(asked));
        matching.map(|rule| rule.permission).min()
    }
}

impl Rule {
    fn of(acl: &Acl) -> Self {
        let host = match acl.host.as_str() {
            WILDCARD => Host::Any,
            text => text.parse().map_or_else(
                |_| Host::Nowhere(text.to_owned()),
                |address: IpAddr| Host::Address(address.to_canonical()),
            ),
        };
        Self { host, operation: acl.operation, permission: acl.permission }
    }

    fn matches(&self, asked: Asked<'_>) -> bool {
        let host = match &self.host {
            Host::Any => true,
            Host::Address(address) => *address == asked.host,
            Host::Nowhere(_) => false,
        };
        host && self.covers(asked.operation)
    }

    /// Who may change something may also look at it; who is denied one is not denied the other.
    fn covers(&self, asked: Operation) -> bool {
        use Operation::*;
        let is_allowed = self.permission == Permission::Allow;
        match self.operation {
            All => true,
            granted if granted == asked => true,
            Read | Write | Delete | Alter => is_allowed && asked == Describe,
            AlterConfigs => is_allowed && asked == DescribeConfigs,
            _ => false,
        }
    }
}
