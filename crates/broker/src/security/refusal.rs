//! Why part of a request about security is refused.

use kafka_protocol::ResponseError;

use super::Security;
use super::acl::Operation;
use super::authorizer::Resource;
use crate::context::RequestContext;

/// An error with its reason in words.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) error: ResponseError,
    pub(crate) reason: String,
}

impl Refusal {
    /// What was asked makes no sense.
    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self { error: ResponseError::InvalidRequest, reason: reason.into() }
    }

    /// The client may not do that to the cluster.
    pub(crate) fn unauthorized() -> Self {
        let reason = "Cluster authorization failed.".to_owned();
        Self { error: ResponseError::ClusterAuthorizationFailed, reason }
    }
}

impl From<crate::Error> for Refusal {
    fn from(error: crate::Error) -> Self {
        let code = match &error {
            crate::Error::Log(error) => crate::error::code(error),
            _ => ResponseError::UnknownServerError,
        };
        Self { error: code, reason: error.to_string() }
    }
}

impl Security {
    /// Fails unless the client may do `operation` to the cluster.
    ///
    /// # Errors
    /// The refusal to answer.
    pub(crate) fn check_cluster(
        &self,
        context: &RequestContext,
        operation: Operation,
    ) -> Result<(), Refusal> {
        match self.allows(context, operation, Resource::Cluster) {
            true => Ok(()),
            false => Err(Refusal::unauthorized()),
        }
    }

    /// Fails unless the client may do `operation` to the cluster's ACLs and there are any to speak of.
    ///
    /// # Errors
    /// The refusal to answer.
    pub(crate) fn check_acls(
        &self,
        context: &RequestContext,
        operation: Operation,
    ) -> Result<(), Refusal> {
        self.check_cluster(context, operation)?;
        match self.settings.authorizer {
            Some(_) => Ok(()),
            None => Err(Refusal {
                error: ResponseError::SecurityDisabled,
                reason: "No Authorizer is configured.".to_owned(),
            }),
        }
    }
}
