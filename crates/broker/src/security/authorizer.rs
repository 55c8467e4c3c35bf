//! The one question of every handler: may this client do that to this?

use super::Security;
use super::acl::{Asked, CLUSTER_NAME, Operation, ResourceType, Verdict};
use super::journal;
use super::settings::Authorizer;
use crate::context::RequestContext;

/// What something is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Resource<'a> {
    Topic(&'a str),
    Group(&'a str),
    TransactionalId(&'a str),
    Cluster,
}

impl Resource<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Topic(name) | Self::Group(name) | Self::TransactionalId(name) => name,
            Self::Cluster => CLUSTER_NAME,
        }
    }

    fn kind(&self) -> ResourceType {
        match self {
            Self::Topic(_) => ResourceType::Topic,
            Self::Group(_) => ResourceType::Group,
            Self::TransactionalId(_) => ResourceType::TransactionalId,
            Self::Cluster => ResourceType::Cluster,
        }
    }
}

impl Security {
    /// Whether the client of `context` may do `operation` to `resource`.
    pub(crate) fn allows(
        &self,
        context: &RequestContext,
        operation: Operation,
        resource: Resource<'_>,
    ) -> bool {
        // Who reads credentials can try passwords on them at leisure.
        if resource == Resource::Topic(journal::TOPIC) {
            return false;
        }
        let Some(authorizer) = &self.settings.authorizer else { return true };
        let asked = asked(context, operation);
        if authorizer.super_users.contains(asked.principal) {
            return true;
        }
        let verdict = self.knowledge().acls.decide(asked, resource.kind(), resource.name());
        let is_allowed = authorizer.permits(verdict);
        if !is_allowed {
            tracing::debug!(
                principal = asked.principal,
                peer = %context.session.peer,
                ?operation,
                ?resource,
                "denied"
            );
        }
        is_allowed
    }

    /// Whether the client of `context` may do `operation` to any resource of the kind there might be.
    pub(crate) fn allows_some(
        &self,
        context: &RequestContext,
        operation: Operation,
        kind: ResourceType,
    ) -> bool {
        let Some(authorizer) = &self.settings.authorizer else { return true };
        let asked = asked(context, operation);
        authorizer.super_users.contains(asked.principal)
            || authorizer.permits_unlisted
            || self.knowledge().acls.allows_some(asked, kind)
    }
}

impl Authorizer {
    fn permits(&self, verdict: Verdict) -> bool {
        match verdict {
            Verdict::Allowed => true,
            Verdict::Denied => false,
            Verdict::Unlisted => self.permits_unlisted,
        }
    }
}

fn asked(context: &RequestContext, operation: Operation) -> Asked<'_> {
    let session = &context.session;
    Asked { principal: session.authentication.principal(), host: session.peer, operation }
}
