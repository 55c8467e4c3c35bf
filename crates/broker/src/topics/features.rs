//! Features: what the broker can do beyond versions of requests (KIP-584). They come with the program
//! and are all in effect, so UpdateFeatures can only ask for what is.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::update_features_request::FeatureUpdateKey;
use kafka_protocol::messages::update_features_response::UpdatableFeatureResult;
use kafka_protocol::messages::{UpdateFeaturesRequest, UpdateFeaturesResponse};

use super::refusal::{Refusal, once_each};
use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Operation, Resource};

/// A feature and its levels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Feature {
    /// Kafka's name.
    pub(crate) name: &'static str,
    /// The lowest level there could be.
    pub(crate) level_min: i16,
    /// The level in effect, which is the highest there could be.
    pub(crate) level: i16,
}

/// All of them: those of Apache Kafka 4.1, as far as they are about clients.
pub(crate) const FEATURES: [Feature; 3] = [
    // The new group protocol (KIP-848).
    Feature { name: "group.version", level_min: 0, level: 1 },
    // 3.3-IV3 to 4.1-IV1.
    Feature { name: "metadata.version", level_min: 7, level: 27 },
    // Epochs that grow with every transaction (KIP-890).
    Feature { name: "transaction.version", level_min: 0, level: 2 },
];

/// From this version on an error of one feature is the error of all.
const ONE_ERROR_VERSION: i16 = 2;

/// Answers UpdateFeatures.
pub(super) async fn update(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: UpdateFeaturesRequest,
) -> UpdateFeaturesResponse {
    let response = UpdateFeaturesResponse::default().with_error_message(None);
    if !broker.security.allows(&context, Operation::Alter, Resource::Cluster) {
        return response.with_error_code(ResponseError::ClusterAuthorizationFailed.code());
    }
    let updates = once_each(&request.feature_updates, |update| update.feature.clone());
    let mut results = Vec::with_capacity(updates.len());
    for (update, is_once) in updates {
        let checked = is_once.and_then(|()| check(update));
        if context.version >= ONE_ERROR_VERSION {
            if let Err(refusal) = checked {
                return response
                    .with_error_code(refusal.code())
                    .with_error_message(refusal.message);
            }
            continue;
        }
        let (code, message) = Refusal::parts(checked);
        results.push(
            UpdatableFeatureResult::default()
                .with_feature(update.feature.clone())
                .with_error_code(code)
                .with_error_message(message),
        );
    }
    response.with_results(results)
}

fn check(update: &FeatureUpdateKey) -> Result<(), Refusal> {
    let (name, wanted) = (update.feature.as_str(), update.max_version_level);
    let invalid = |message| Err(Refusal::new(ResponseError::InvalidUpdateVersion, message));
    match FEATURES.iter().find(|feature| feature.name == name) {
        None => invalid(format!("There is no feature called {name}.")),
        Some(feature) if feature.level == wanted => Ok(()),
        Some(feature) => invalid(format!(
            "{name} cannot be {wanted}: it comes with the program and is {}.",
            feature.level
        )),
    }
}
