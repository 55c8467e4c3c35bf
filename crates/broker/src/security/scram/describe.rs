//! DescribeUserScramCredentials: which users have credentials, never what they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_user_scram_credentials_response::{
    CredentialInfo, DescribeUserScramCredentialsResult,
};
use kafka_protocol::messages::{
    DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse,
};
use kafka_protocol::protocol::StrBytes;

use crate::Broker;
use crate::context::RequestContext;
use crate::security::knowledge::Knowledge;
use crate::security::{Operation, Refusal};

/// Answers the request.
pub(crate) async fn describe(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: DescribeUserScramCredentialsRequest,
) -> DescribeUserScramCredentialsResponse {
    if let Err(refusal) = broker.security.check_cluster(&context, Operation::Describe) {
        return DescribeUserScramCredentialsResponse::default()
            .with_error_code(refusal.error.code())
            .with_error_message(Some(StrBytes::from_string(refusal.reason)));
    }
    let knowledge = broker.security.knowledge();
    let mut times_asked: BTreeMap<StrBytes, usize> = BTreeMap::new();
    match request.users.filter(|users| !users.is_empty()) {
        Some(users) => {
            users.into_iter().for_each(|user| *times_asked.entry(user.name).or_default() += 1);
        }
        None => times_asked.extend(
            knowledge.credentials.keys().map(|user| (StrBytes::from_string(user.clone()), 1)),
        ),
    }
    let results = times_asked.into_iter().map(|(user, times)| result(&knowledge, user, times));
    DescribeUserScramCredentialsResponse::default().with_results(results.collect())
}

fn result(
    knowledge: &Knowledge,
    user: StrBytes,
    times_asked: usize,
) -> DescribeUserScramCredentialsResult {
    let result = DescribeUserScramCredentialsResult::default().with_user(user.clone());
    match credentials(knowledge, &user, times_asked) {
        Ok(credentials) => result.with_credential_infos(credentials),
        Err(refusal) => result
            .with_error_code(refusal.error.code())
            .with_error_message(Some(StrBytes::from_string(refusal.reason))),
    }
}

fn credentials(
    knowledge: &Knowledge,
    user: &str,
    times_asked: usize,
) -> Result<Vec<CredentialInfo>, Refusal> {
    if times_asked > 1 {
        return Err(Refusal {
            error: ResponseError::DuplicateResource,
            reason: format!(
                "Cannot describe SCRAM credentials for the same user twice in a single request: {user}"
            ),
        });
    }
    let known = knowledge.credentials.get(user).ok_or_else(|| Refusal {
        error: ResponseError::ResourceNotFound,
        reason: format!("Attempt to describe a user credential that does not exist: {user}"),
    })?;
    let info = |(hash, credential): (&super::Hash, &super::Credential)| {
        CredentialInfo::default()
            .with_mechanism(hash.code())
            .with_iterations(credential.iterations as i32)
    };
    Ok(known.iter().map(info).collect())
}
