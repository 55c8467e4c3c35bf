//! AlterUserScramCredentials: clients send passwords salted already; what is kept is derived from that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::alter_user_scram_credentials_request::{
    ScramCredentialDeletion, ScramCredentialUpsertion,
};
use kafka_protocol::messages::alter_user_scram_credentials_response::AlterUserScramCredentialsResult;
use kafka_protocol::messages::{
    AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse,
};
use kafka_protocol::protocol::StrBytes;

use super::credential::{Credential, ITERATIONS_MAX, ITERATIONS_MIN};
use super::hash::Hash;
use crate::Broker;
use crate::context::RequestContext;
use crate::security::knowledge::Knowledge;
use crate::security::{Change, Operation, Refusal, change};

/// What becomes of each user that a request names.
type Plans = BTreeMap<StrBytes, Result<Change, Refusal>>;

/// Answers the request. One user's mistake does not keep the others from their credentials.
pub(crate) async fn alter(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: AlterUserScramCredentialsRequest,
) -> AlterUserScramCredentialsResponse {
    let allowed = broker.security.check_cluster(&context, Operation::Alter);
    let deleted = request.deletions.iter().map(|deletion| deletion.name.clone());
    let upserted = request.upsertions.iter().map(|upsertion| upsertion.name.clone());
    let users: BTreeSet<StrBytes> = deleted.chain(upserted).collect();
    let changed = change(&broker, |knowledge| {
        let mut plans = plans(knowledge, request);
        if let Err(refusal) = &allowed {
            plans.values_mut().for_each(|plan| *plan = Err(refusal.clone()));
        }
        let changes = plans.values().flatten().cloned().collect();
        let outcomes: Vec<(StrBytes, Result<(), Refusal>)> =
            plans.into_iter().map(|(user, plan)| (user, plan.map(drop))).collect();
        (changes, outcomes)
    });
    let results = match changed.await {
        Ok(outcomes) => outcomes.into_iter().map(|(user, outcome)| result(user, outcome)).collect(),
        Err(error) => {
            let refusal = Refusal::from(error);
            users.into_iter().map(|user| result(user, Err(refusal.clone()))).collect()
        }
    };
    AlterUserScramCredentialsResponse::default().with_results(results)
}

fn result(user: StrBytes, outcome: Result<(), Refusal>) -> AlterUserScramCredentialsResult {
    let result = AlterUserScramCredentialsResult::default().with_user(user);
    match outcome {
        Ok(()) => result,
        Err(refusal) => result
            .with_error_code(refusal.error.code())
            .with_error_message(Some(StrBytes::from_string(refusal.reason))),
    }
}

fn plans(knowledge: &Knowledge, request: AlterUserScramCredentialsRequest) -> Plans {
    let mut plans = Plans::new();
    for deletion in request.deletions {
        let plan = planned_deletion(knowledge, &deletion);
        plan_once(&mut plans, deletion.name, plan);
    }
    for upsertion in request.upsertions {
        let plan = planned_upsertion(&upsertion);
        plan_once(&mut plans, upsertion.name, plan);
    }
    plans
}

fn plan_once(plans: &mut Plans, user: StrBytes, plan: Result<Change, Refusal>) {
    let twice = || Refusal {
        error: ResponseError::DuplicateResource,
        reason: "A user credential cannot be altered twice in the same request".to_owned(),
    };
    plans.entry(user).and_modify(|planned| *planned = Err(twice())).or_insert(plan);
}

fn planned_deletion(
    knowledge: &Knowledge,
    deletion: &ScramCredentialDeletion,
) -> Result<Change, Refusal> {
    let hash = checked(&deletion.name, deletion.mechanism)?;
    let user = deletion.name.to_string();
    match knowledge.credential(&user, hash) {
        Some(_) => Ok(Change::Credential { user, hash, credential: None }),
        None => Err(Refusal {
            error: ResponseError::ResourceNotFound,
            reason: "Attempt to delete a user credential that does not exist".to_owned(),
        }),
    }
}

fn planned_upsertion(upsertion: &ScramCredentialUpsertion) -> Result<Change, Refusal> {
    let hash = checked(&upsertion.name, upsertion.mechanism)?;
    let iterations = u32::try_from(upsertion.iterations).unwrap_or(0);
    let unacceptable = |reason: &str| Refusal {
        error: ResponseError::UnacceptableCredential,
        reason: reason.to_owned(),
    };
    if iterations < ITERATIONS_MIN {
        return Err(unacceptable("Too few iterations"));
    }
    if iterations > ITERATIONS_MAX {
        return Err(unacceptable("Too many iterations"));
    }
    let salt = upsertion.salt.to_vec();
    let credential = Credential::of_salted(hash, &upsertion.salted_password, salt, iterations);
    let user = upsertion.name.to_string();
    Ok(Change::Credential { user, hash, credential: Some(credential) })
}

fn checked(user: &str, mechanism: i8) -> Result<Hash, Refusal> {
    if user.is_empty() {
        return Err(Refusal {
            error: ResponseError::UnacceptableCredential,
            reason: "Username must not be empty".to_owned(),
        });
    }
    Hash::of_code(mechanism).ok_or_else(|| Refusal {
        error: ResponseError::UnsupportedSaslMechanism,
        reason: "Unknown SCRAM mechanism".to_owned(),
    })
}
