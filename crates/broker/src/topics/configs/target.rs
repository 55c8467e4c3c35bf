//! What a request about configurations is about.

use commitlog::Log as _;
use kafka_protocol::ResponseError;

use crate::Broker;
use crate::config::{Definition, Resource, definitions};
use crate::context::RequestContext;
use crate::security::{self, Operation};
use crate::topics::names;
use crate::topics::refusal::Refusal;

/// The protocol's number for topics.
pub(super) const TOPIC: i8 = 2;
/// The protocol's number for brokers.
pub(super) const BROKER: i8 = 4;
/// The protocol's number for loggers of brokers.
pub(super) const BROKER_LOGGER: i8 = 8;
/// The protocol's number for subscriptions to clients' metrics.
pub(super) const CLIENT_METRICS: i8 = 16;
/// The protocol's number for groups.
pub(super) const GROUP: i8 = 32;

/// Something that has a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A topic that exists, by name.
    Topic(String),
    /// Anything else.
    Other(Resource),
}

impl Target {
    /// What `kind` and `name` of a request mean, for a client that wants to do `operation`.
    ///
    /// # Errors
    /// There is no such thing, or the client may not.
    pub(super) fn of(
        broker: &Broker,
        context: &RequestContext,
        operation: Operation,
        (kind, name): (i8, &str),
    ) -> Result<Self, Refusal> {
        let (resource, denied) = match kind {
            TOPIC => (security::Resource::Topic(name), ResponseError::TopicAuthorizationFailed),
            GROUP => (security::Resource::Group(name), ResponseError::GroupAuthorizationFailed),
            _ => (security::Resource::Cluster, ResponseError::ClusterAuthorizationFailed),
        };
        if !broker.security.allows(context, operation, resource) {
            return Err(Refusal::of(denied));
        }
        match kind {
            TOPIC => topic(broker, name),
            BROKER => node(broker, name),
            CLIENT_METRICS => named(name, "Client metrics subscription", Resource::ClientMetrics),
            GROUP => named(name, "Group", Resource::Group),
            BROKER_LOGGER => Err(invalid(
                "Loggers cannot be set by clients; what the server logs is set where it is started.",
            )),
            _ => Err(invalid(&format!("Unknown type {kind} of resource."))),
        }
    }

    /// The entry called `name`.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn definition(&self, name: &str) -> Result<&'static Definition, Refusal> {
        let (found, of, error) = match self {
            Self::Topic(_) => (definitions::topic(name), "topic", ResponseError::InvalidConfig),
            Self::Other(Resource::Cluster | Resource::Node) => {
                (definitions::broker(name), "broker", ResponseError::InvalidRequest)
            }
            Self::Other(Resource::Group(_)) => {
                (definitions::group(name), "group", ResponseError::InvalidConfig)
            }
            Self::Other(Resource::ClientMetrics(_)) => {
                (definitions::client_metrics(name), "client metrics", ResponseError::InvalidConfig)
            }
        };
        found.ok_or_else(|| Refusal::new(error, format!("Unknown {of} config name: {name}")))
    }

    /// The error for a value that is none.
    pub(super) fn invalid_value(&self, reason: String) -> Refusal {
        let error = match self {
            Self::Other(Resource::Cluster | Resource::Node) => ResponseError::InvalidRequest,
            _ => ResponseError::InvalidConfig,
        };
        Refusal::new(error, reason)
    }
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(ResponseError::InvalidRequest, message)
}

fn topic(broker: &Broker, name: &str) -> Result<Target, Refusal> {
    names::check(name)
        .map_err(|reason| Refusal::new(ResponseError::InvalidTopicException, reason))?;
    match broker.log.topic(name) {
        Some(_) => Ok(Target::Topic(name.to_owned())),
        None => {
            let message = format!("The topic '{name}' does not exist.");
            Err(Refusal::new(ResponseError::UnknownTopicOrPartition, message))
        }
    }
}

/// The empty name stands for all brokers.
fn node(broker: &Broker, name: &str) -> Result<Target, Refusal> {
    let node_id = broker.config.node_id;
    match name.parse::<i32>() {
        _ if name.is_empty() => Ok(Target::Other(Resource::Cluster)),
        Ok(id) if id == node_id => Ok(Target::Other(Resource::Node)),
        _ => Err(invalid(&format!(
            "Unexpected broker id, expected {node_id} or empty string, but received {name}"
        ))),
    }
}

fn named(name: &str, what: &str, of: fn(String) -> Resource) -> Result<Target, Refusal> {
    match name {
        "" => Err(invalid(&format!("{what} name must not be empty."))),
        name => Ok(Target::Other(of(name.to_owned()))),
    }
}
