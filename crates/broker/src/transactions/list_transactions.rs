//! ListTransactions: the transactional ids that match all filters of the request.

use std::collections::HashSet;
use std::sync::Arc;

use fancy_regex::Regex;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::list_transactions_response::TransactionState;
use kafka_protocol::messages::{ListTransactionsRequest, ListTransactionsResponse};
use kafka_protocol::protocol::StrBytes;

use super::State;
use super::transaction::Transaction;
use crate::Broker;
use crate::context::RequestContext;
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: ListTransactionsRequest,
) -> ListTransactionsResponse {
    let response = ListTransactionsResponse::default();
    let Ok(filter) = Filter::of(&request, broker.clock.now_ms()) else {
        return response.with_error_code(ResponseError::InvalidRegularExpression.code());
    };
    let may_know = |id: &str| {
        broker.security.allows(&context, Operation::Describe, Resource::TransactionalId(id))
    };
    let mut found = on_disk(|| broker.transactions.slots.snapshot());
    found.retain(|(id, transaction)| filter.matches(id, transaction) && may_know(id));
    found.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    let states = found.into_iter().map(|(id, transaction)| {
        TransactionState::default()
            .with_transactional_id(StrBytes::from_string(id.to_string()).into())
            .with_producer_id(transaction.producer.id.into())
            .with_transaction_state(StrBytes::from_static_str(transaction.state.name()))
    });
    let unknown = request.state_filters.iter().filter(|name| !State::is_known_name(name));
    response
        .with_unknown_state_filters(unknown.cloned().collect())
        .with_transaction_states(states.collect())
}

/// What a transactional id must be like; what is empty or `None` asks for nothing.
struct Filter<'a> {
    states: HashSet<&'a str>,
    producer_ids: HashSet<i64>,
    /// Only transactions that were begun before.
    begun_before_ms: Option<i64>,
    id_pattern: Option<Regex>,
}

impl<'a> Filter<'a> {
    /// What `request` asks for; fails when its pattern is no regular expression.
    fn of(request: &'a ListTransactionsRequest, now_ms: i64) -> Result<Self, ResponseError> {
        let pattern = request.transactional_id_pattern.as_deref().filter(|text| !text.is_empty());
        let duration_ms = Some(request.duration_filter).filter(|duration_ms| *duration_ms >= 0);
        Ok(Self {
            states: request.state_filters.iter().map(StrBytes::as_str).collect(),
            producer_ids: request.producer_id_filters.iter().map(|id| id.0).collect(),
            begun_before_ms: duration_ms.map(|duration_ms| now_ms.saturating_sub(duration_ms)),
            id_pattern: pattern.map(whole).transpose()?,
        })
    }

    fn matches(&self, id: &str, transaction: &Transaction) -> bool {
        let id_matches = |pattern: &Regex| match pattern.is_match(id) {
            Ok(is_match) => is_match,
            Err(error) => {
                tracing::debug!(id, %error, "gave up matching a transactional id");
                false
            }
        };
        (self.states.is_empty() || self.states.contains(transaction.state.name()))
            && (self.producer_ids.is_empty()
                || self.producer_ids.contains(&transaction.producer.id))
            && self.begun_before_ms.is_none_or(|before_ms| transaction.start_ms < before_ms)
            && self.id_pattern.as_ref().is_none_or(id_matches)
    }
}

/// An expression that matches whole texts only.
fn whole(pattern: &str) -> Result<Regex, ResponseError> {
    let parsed = Regex::new(pattern).and_then(|_| Regex::new(&format!(r"\A(?:{pattern})\z")));
    parsed.map_err(|_| ResponseError::InvalidRegularExpression)
}
