//! Topics that come to be because a client asks for them (`auto.create.topics.enable`).

use commitlog::{Error, Log as _, TopicDescription};
use kafka_protocol::ResponseError;

use super::names;
use crate::Broker;
use crate::context::RequestContext;
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};

/// Creates topic `name`, whose name is allowed, with the broker's defaults; whoever was quicker has
/// done the same. On stable storage when it returns.
///
/// # Errors
/// The code for the client: topics are not created so, it may not, or the log refuses.
pub(super) fn create(
    broker: &Broker,
    context: &RequestContext,
    name: &str,
) -> Result<TopicDescription, ResponseError> {
    // Internal topics are the coordinators' to create.
    if !broker.settings.flag("auto.create.topics.enable")
        || names::is_reserved(name)
        || names::is_internal(name)
    {
        return Err(ResponseError::UnknownTopicOrPartition);
    }
    let may_create = |resource| broker.security.allows(context, Operation::Create, resource);
    if !may_create(Resource::Cluster) && !may_create(Resource::Topic(name)) {
        return Err(ResponseError::TopicAuthorizationFailed);
    }
    if names::collision(broker, name).is_some() {
        return Err(ResponseError::InvalidTopicException);
    }
    let config = broker.settings.topic_config_default();
    match on_disk(|| broker.log.create_topic(name, &config)) {
        Ok(()) => tracing::info!(topic = name, "topic created for a client that asked for it"),
        Err(Error::TopicExists(_)) => {}
        Err(error) => return Err(crate::error::code(&error)),
    }
    broker.log.topic(name).ok_or(ResponseError::UnknownTopicOrPartition)
}
