//! Which ACLs a client asks for, to see or to delete them.

use super::entry::{Acl, WILDCARD};
use super::words::{Coded, Operation, PatternType, Permission, ResourceType};

/// The protocol's code for "whatever it is".
const ANY: i8 = 1;
/// The pattern type's code for "every pattern that applies to the name".
const MATCH: i8 = 2;

/// Conditions on an ACL; `None` is no condition.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    resource_type: Option<ResourceType>,
    name: Option<String>,
    pattern: Pattern,
    principal: Option<String>,
    host: Option<String>,
    operation: Option<Operation>,
    permission: Option<Permission>,
}

/// What is asked of an ACL's pattern.
#[derive(Clone, Copy, Debug)]
enum Pattern {
    /// Any type, with exactly the name.
    Any,
    /// Any type that applies to a resource of that name.
    Applying,
    /// That type, with exactly the name.
    Of(PatternType),
}

/// A filter as requests write it.
#[derive(Clone, Debug)]
pub(crate) struct Codes<'a> {
    pub(crate) resource_type: i8,
    pub(crate) name: Option<&'a str>,
    pub(crate) pattern_type: i8,
    pub(crate) principal: Option<&'a str>,
    pub(crate) host: Option<&'a str>,
    pub(crate) operation: i8,
    pub(crate) permission: i8,
}

fn condition<W: Coded>(code: i8, field: &str) -> Result<Option<W>, String> {
    match W::of_code(code) {
        Some(word) => Ok(Some(word)),
        None if code == ANY => Ok(None),
        None => Err(format!("Unknown {field} {code} in the filter.")),
    }
}

impl Filter {
    /// Understands a filter.
    ///
    /// # Errors
    /// The code that means nothing.
    pub(crate) fn read(codes: Codes<'_>) -> Result<Self, String> {
        let pattern = match codes.pattern_type {
            MATCH => Pattern::Applying,
            code => condition(code, "pattern type")?.map_or(Pattern::Any, Pattern::Of),
        };
        Ok(Self {
            resource_type: condition(codes.resource_type, "resource type")?,
            name: codes.name.map(str::to_owned),
            pattern,
            principal: codes.principal.map(str::to_owned),
            host: codes.host.map(str::to_owned),
            operation: condition(codes.operation, "operation")?,
            permission: condition(codes.permission, "permission type")?,
        })
    }

    /// Whether `acl` meets every condition.
    pub(crate) fn matches(&self, acl: &Acl) -> bool {
        fn met<T: PartialEq>(condition: Option<&T>, value: &T) -> bool {
            condition.is_none_or(|wanted| wanted == value)
        }
        met(self.resource_type.as_ref(), &acl.resource_type)
            && self.matches_pattern(acl)
            && met(self.principal.as_ref(), &acl.principal)
            && met(self.host.as_ref(), &acl.host)
            && met(self.operation.as_ref(), &acl.operation)
            && met(self.permission.as_ref(), &acl.permission)
    }

    fn matches_pattern(&self, acl: &Acl) -> bool {
        let is_named = |name: &String| *name == acl.resource_name;
        match (self.pattern, &self.name) {
            (Pattern::Of(wanted), _) if wanted != acl.pattern_type => false,
            (_, None) => true,
            (Pattern::Any | Pattern::Of(_), Some(name)) => is_named(name),
            (Pattern::Applying, Some(name)) => match acl.pattern_type {
                PatternType::Literal => is_named(name) || acl.resource_name == WILDCARD,
                PatternType::Prefixed => name.starts_with(&acl.resource_name),
            },
        }
    }
}
