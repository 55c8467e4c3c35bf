//! Entries of the broker about security: TLS, SASL, grants and quotas.

use crate::config::definition::Definition;
use crate::config::value::Valid;

/// Values of `ssl.client.auth`.
const CLIENT_AUTH: &[&str] = &["required", "requested", "none"];

/// All of them, by name.
#[rustfmt::skip]
pub(super) const SECURITY: &[Definition] = &[
    Definition::boolean("allow.everyone.if.no.acl.found", "Whether a resource without grants is open to everybody.")
        .or("false").honoured(),
    Definition::string("authorizer.class.name", "Kafka's class that decides about grants; a name turns grants on.")
        .or("").honoured(),
    Definition::int("connection.failed.authentication.delay.ms", "How long the answer to a failed authentication waits.")
        .or("100").at_least(0).honoured(),
    Definition::long("connections.max.reauth.ms", "After how long a SASL client must authenticate itself again; 0 is never.")
        .or("0").honoured(),
    Definition::long("delegation.token.expiry.check.interval.ms", "How often Kafka looks for expired delegation tokens; there are none.")
        .or("3600000").at_least(1),
    Definition::long("delegation.token.expiry.time.ms", "How long a delegation token is valid in Kafka; there are none.")
        .or("86400000").at_least(1),
    Definition::long("delegation.token.max.lifetime.ms", "How long a delegation token may be renewed in Kafka; there are none.")
        .or("604800000").at_least(1),
    Definition::password("delegation.token.secret.key", "Kafka's key for delegation tokens; there are none."),
    Definition::int("max.connection.creation.rate", "The most new connections in a second.")
        .or("2147483647").at_least(0).dynamic(),
    Definition::int("max.connections.per.ip", "The most connections of one address.")
        .or("2147483647").at_least(0).honoured(),
    Definition::string("max.connections.per.ip.overrides", "The most connections of some addresses, as address:number with commas between.")
        .or("").honoured(),
    Definition::list("principal.builder.class", "Kafka's class that makes a principal of a session.")
        .or("org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder").dynamic(),
    Definition::class("sasl.client.callback.handler.class", "Kafka's class for the broker as a SASL client."),
    Definition::list("sasl.enabled.mechanisms", "SASL mechanisms that clients may use.")
        .or("PLAIN,SCRAM-SHA-256,SCRAM-SHA-512").honoured(),
    Definition::password("sasl.jaas.config", "Users and passwords of a listener, as Java writes them.")
        .honoured(),
    Definition::list("sasl.kerberos.kinit.cmd", "Kerberos command of Kafka; there is no Kerberos.")
        .or("/usr/bin/kinit").dynamic(),
    Definition::long("sasl.kerberos.min.time.before.relogin", "Pause between Kerberos logins of Kafka; there is no Kerberos.")
        .or("60000").dynamic(),
    Definition::list("sasl.kerberos.principal.to.local.rules", "Rules from Kerberos names to users; there is no Kerberos.")
        .or("DEFAULT").dynamic(),
    Definition::string("sasl.kerberos.service.name", "Kerberos name of Kafka; there is no Kerberos.")
        .dynamic(),
    Definition::double("sasl.kerberos.ticket.renew.jitter", "Spread of Kerberos renewals of Kafka; there is no Kerberos.")
        .or("0.05").dynamic(),
    Definition::double("sasl.kerberos.ticket.renew.window.factor", "Time of Kerberos renewals of Kafka; there is no Kerberos.")
        .or("0.8").dynamic(),
    Definition::class("sasl.login.callback.handler.class", "Kafka's class for logins of the broker."),
    Definition::class("sasl.login.class", "Kafka's class for logins of the broker."),
    Definition::short("sasl.login.refresh.buffer.seconds", "Rest of a login's life at which Kafka renews it.")
        .or("300").valid(Valid::Between(0, 3600)).dynamic(),
    Definition::short("sasl.login.refresh.min.period.seconds", "Pause between renewals of a login in Kafka.")
        .or("60").valid(Valid::Between(0, 900)).dynamic(),
    Definition::double("sasl.login.refresh.window.factor", "Part of a login's life after which Kafka renews it.")
        .or("0.8").valid(Valid::Fraction(0.5, 1.0)).dynamic(),
    Definition::double("sasl.login.refresh.window.jitter", "Spread of renewals of a login in Kafka.")
        .or("0.05").valid(Valid::Fraction(0.0, 0.25)).dynamic(),
    Definition::string("sasl.mechanism.controller.protocol", "SASL mechanism between Kafka's brokers and controllers; there is one node.")
        .or("GSSAPI"),
    Definition::string("sasl.mechanism.inter.broker.protocol", "SASL mechanism between Kafka's brokers; there is one node.")
        .or("GSSAPI").dynamic(),
    Definition::password("sasl.scram.bootstrap.users", "First users' SCRAM credentials, as MECHANISM=[name=..,password=..] with semicolons between; Tidemill's own.")
        .honoured(),
    Definition::int("sasl.server.max.receive.size", "The largest request before a SASL client has authenticated itself.")
        .or("524288").honoured(),
    Definition::class("security.providers", "Kafka's classes for algorithms."),
    Definition::string("super.users", "Users who may do everything, as User:name with semicolons between.")
        .honoured(),
    Definition::list("ssl.cipher.suites", "Cipher suites; the TLS library's choice holds.")
        .or("").dynamic(),
    Definition::string("ssl.client.auth", "Whether clients must show a certificate.")
        .or("none").valid(Valid::OneOf(CLIENT_AUTH)).honoured(),
    Definition::list("ssl.enabled.protocols", "Versions of TLS.")
        .or("TLSv1.2,TLSv1.3").honoured(),
    Definition::string("ssl.endpoint.identification.algorithm", "How the broker as a client checks names of others; it is no client.")
        .or("https").dynamic(),
    Definition::class("ssl.engine.factory.class", "Kafka's class for TLS.")
        .dynamic(),
    Definition::password("ssl.key.password", "Password of the private key."),
    Definition::string("ssl.keymanager.algorithm", "Java's algorithm for keys.")
        .or("SunX509").dynamic(),
    Definition::password("ssl.keystore.certificate.chain", "The broker's certificates, as PEM.")
        .honoured(),
    Definition::password("ssl.keystore.key", "The broker's private key, as PEM.")
        .honoured(),
    Definition::string("ssl.keystore.location", "File with the broker's private key and certificates.")
        .honoured(),
    Definition::password("ssl.keystore.password", "Password of that file."),
    Definition::string("ssl.keystore.type", "Kind of that file.")
        .or("JKS").honoured(),
    Definition::list("ssl.principal.mapping.rules", "Rules from names in certificates to users.")
        .or("DEFAULT").honoured(),
    Definition::string("ssl.protocol", "Java's name for TLS.")
        .or("TLSv1.3").dynamic(),
    Definition::string("ssl.provider", "Java's provider of TLS.")
        .dynamic(),
    Definition::string("ssl.secure.random.implementation", "Java's source of randomness for TLS.")
        .dynamic(),
    Definition::string("ssl.trustmanager.algorithm", "Java's algorithm for trust.")
        .or("PKIX").dynamic(),
    Definition::password("ssl.truststore.certificates", "Certificates of authorities that clients are signed by, as PEM.")
        .honoured(),
    Definition::string("ssl.truststore.location", "File with these certificates.")
        .honoured(),
    Definition::password("ssl.truststore.password", "Password of that file."),
    Definition::string("ssl.truststore.type", "Kind of that file.")
        .or("JKS").honoured(),
];
