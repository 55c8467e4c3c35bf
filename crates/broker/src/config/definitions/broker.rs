//! Entries of the broker about itself, its connections and its requests.

use crate::config::definition::{Definition, same};
use crate::config::value::Valid;

/// All of them, by name.
#[rustfmt::skip]
pub(super) const BROKER: &[Definition] = &[
    Definition::list("advertised.listeners", "Where clients are told to connect to, by listener.")
        .honoured(),
    Definition::int("broker.id", "The older name of node.id.")
        .or("-1").also(&[same("broker.id")]).honoured(),
    Definition::string("broker.rack", "The rack the broker stands in; told to nobody, since there is one broker."),
    Definition::long("connections.max.idle.ms", "How long a connection may be silent before it is closed.")
        .or("600000").honoured(),
    Definition::int("fetch.max.bytes", "The most bytes one fetch is answered with.")
        .or("57671680").at_least(1024).honoured(),
    Definition::string("listener.security.protocol.map", "Which protocol each listener speaks.")
        .or("SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT").honoured(),
    Definition::list("listeners", "Where the broker listens.")
        .or("PLAINTEXT://:9092").honoured(),
    Definition::int("max.connections", "The most connections at once.")
        .or("2147483647").at_least(0).honoured(),
    Definition::int("max.incremental.fetch.session.cache.slots", "The most fetch sessions that are remembered.")
        .or("1000").at_least(0).honoured(),
    Definition::int("node.id", "The id of the only broker.")
        .at_least(0).honoured(),
    Definition::long("queued.max.request.bytes", "The most bytes of requests in memory; -1 leaves the limit to the broker, which has 256 MiB.")
        .or("-1").honoured(),
    Definition::int("socket.request.max.bytes", "The largest request.")
        .or("104857600").at_least(1).honoured(),
    Definition::boolean("tidemill.unreadable.records.skip", "Whether a start passes over what is damaged in the broker's own topics, and so forgets what stood there. The damage stays, so that later starts need it, too.")
        .or("false").honoured(),
    Definition::int("max.request.partition.size.limit", "The most partitions one DescribeTopicPartitions is answered with.")
        .or("2000").valid(Valid::Between(1, i32::MAX as i64)).honoured(),
];
