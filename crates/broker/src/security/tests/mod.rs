//! Security as clients meet it.

mod acls;
mod connections;
mod credentials;
mod quotas;
mod sasl;
mod scram_client;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Authentication, SaslListener};
use crate::Config;
use crate::tests::harness::{Client, Harness};

/// A broker with `properties`.
fn harness(properties: &[(&str, &str)]) -> Harness {
    Harness::with_config(Config { properties: owned(properties), ..Config::default() })
}

fn owned(properties: &[(&str, &str)]) -> BTreeMap<String, String> {
    properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A client on a listener with SASL that `harness` has configured.
fn sasl_client(harness: &Harness) -> Client {
    let properties = &harness.broker.config.properties;
    let listener = SaslListener::read(properties, "PLAINTEXT").expect("right");
    harness.client_who(Authentication::by_sasl(Arc::new(listener)))
}
