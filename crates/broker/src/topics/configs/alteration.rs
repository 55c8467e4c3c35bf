//! What the two requests that alter configurations have in common: each resource once, one after the
//! other, and an answer for each. They differ in what they say of an entry, and in whether entries that
//! they don't name are forgotten.

use kafka_protocol::protocol::StrBytes;

use super::change;
use super::target::Target;
use crate::Broker;
use crate::config::Change;
use crate::context::RequestContext;
use crate::security::Operation;
use crate::topics::refusal::{Refusal, once_each};

/// The alteration of one resource, as one of the requests says it.
pub(super) trait Alteration {
    /// What the request is answered of one resource.
    type Answer;

    /// Whether entries that are not named are forgotten.
    const REPLACES: bool;

    /// Type and name of the resource.
    fn resource(&self) -> (i8, &StrBytes);

    /// The changes to its entries; fails for one that makes no sense.
    fn changes(&self) -> Result<Vec<Change>, Refusal>;

    /// The answer with an error's code and message.
    fn answer(&self, code: i16, message: Option<StrBytes>) -> Self::Answer;
}

/// Makes each of `alterations`, or with `validate_only` only says whether it could be made.
pub(super) fn alter_each<A: Alteration>(
    broker: &Broker,
    context: &RequestContext,
    alterations: &[A],
    validate_only: bool,
) -> Vec<A::Answer> {
    let key = |alteration: &A| {
        let (kind, name) = alteration.resource();
        (kind, name.clone())
    };
    let altered = once_each(alterations, key).into_iter().map(|(alteration, is_once)| {
        let done = is_once.and_then(|()| alter(broker, context, alteration, validate_only));
        let (code, message) = Refusal::parts(done);
        alteration.answer(code, message)
    });
    altered.collect()
}

fn alter<A: Alteration>(
    broker: &Broker,
    context: &RequestContext,
    alteration: &A,
    validate_only: bool,
) -> Result<(), Refusal> {
    let (kind, name) = alteration.resource();
    let target = Target::of(broker, context, Operation::AlterConfigs, (kind, name))?;
    change::apply(broker, &target, &alteration.changes()?, A::REPLACES, validate_only)
}
