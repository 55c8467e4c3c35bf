//! The `ssl.` properties of a listener, and what TLS makes of them.

use std::sync::Arc;

use broker::ListenerProperties;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

use super::mapping::Mapping;
use super::pem::Store;
use crate::{Error, Result};

/// Whether clients show certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientAuth {
    /// They are not asked.
    None,
    /// They may.
    Requested,
    /// They must.
    Required,
}

/// TLS of a listener as configured.
#[derive(Debug)]
pub(super) struct Settings {
    keys: Store,
    /// Authorities that sign clients' certificates.
    trusted: Option<Store>,
    client_auth: ClientAuth,
    versions: Vec<&'static SupportedProtocolVersion>,
    pub(super) mapping: Mapping,
}

impl Settings {
    /// Reads a listener's properties. On one with SASL, which says who clients are, they are asked for
    /// certificates only if its own properties say so (KIP-684).
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub(super) fn read(properties: &ListenerProperties<'_>, has_sasl: bool) -> Result<Self> {
        let inline = ["ssl.keystore.key", "ssl.keystore.certificate.chain"];
        let keys = Store::find(properties, "keystore", &inline)?.ok_or_else(|| {
            Error::Config(vec![
                "kafka.ssl.keystore.location is missing: TLS needs a PEM file with the private key \
                 and the certificates of the server, and kafka.ssl.keystore.type=PEM"
                    .to_owned(),
            ])
        })?;
        let client_auth = client_auth(properties, has_sasl)?;
        let trusted = Store::find(properties, "truststore", &["ssl.truststore.certificates"])?;
        if client_auth != ClientAuth::None && trusted.is_none() {
            return Err(Error::Config(vec![
                "kafka.ssl.truststore.location is missing: to check clients' certificates TLS needs \
                 a PEM file with those of the authorities that sign them, and \
                 kafka.ssl.truststore.type=PEM"
                    .to_owned(),
            ]));
        }
        Ok(Self {
            keys,
            trusted,
            client_auth,
            versions: versions(properties)?,
            mapping: mapping(properties)?,
        })
    }

    /// The files that it is read from.
    pub(super) fn files(&self) -> impl Iterator<Item = &std::path::PathBuf> {
        std::iter::once(&self.keys).chain(&self.trusted).filter_map(Store::path)
    }

    /// Reads keys and certificates, and makes of them what TLS runs on.
    ///
    /// # Errors
    /// When they cannot be read or do not fit together.
    pub(super) async fn load(&self) -> Result<Arc<ServerConfig>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let keys = self.keys.read().await?;
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&self.versions)
            .map_err(|error| keys.refused(&error))?;
        let builder = match (&self.trusted, self.client_auth) {
            (Some(trusted), ClientAuth::Required | ClientAuth::Requested) => {
                let trusted = trusted.read().await?;
                let mut roots = RootCertStore::empty();
                for certificate in trusted.certificates()? {
                    roots.add(certificate).map_err(|error| trusted.refused(&error))?;
                }
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                let verifier = match self.client_auth {
                    ClientAuth::Requested => verifier.allow_unauthenticated(),
                    _ => verifier,
                };
                let verifier = verifier.build().map_err(|error| trusted.refused(&error))?;
                builder.with_client_cert_verifier(verifier)
            }
            _ => builder.with_no_client_auth(),
        };
        let config = builder.with_single_cert(keys.certificates()?, keys.key()?);
        config.map(Arc::new).map_err(|error| keys.refused(&error))
    }
}

fn client_auth(properties: &ListenerProperties<'_>, has_sasl: bool) -> Result<ClientAuth> {
    let name = "ssl.client.auth";
    let found = if has_sasl { properties.find_own(name) } else { properties.find(name) };
    let Some(property) = found else { return Ok(ClientAuth::None) };
    match property.value.trim() {
        "none" => Ok(ClientAuth::None),
        "requested" => Ok(ClientAuth::Requested),
        "required" => Ok(ClientAuth::Required),
        other => {
            Err(property.wrong(&format!("'{other}' is not none, requested or required")).into())
        }
    }
}

fn versions(properties: &ListenerProperties<'_>) -> Result<Vec<&'static SupportedProtocolVersion>> {
    let both = [("TLSv1.2", &rustls::version::TLS12), ("TLSv1.3", &rustls::version::TLS13)];
    let Some(property) = properties.find("ssl.enabled.protocols") else {
        return Ok(both.map(|(_, version)| version).to_vec());
    };
    let version = |name: &str| {
        let known = both.iter().find(|(known, _)| *known == name).map(|(_, version)| *version);
        known.ok_or_else(|| property.wrong(&format!("'{name}' is not TLSv1.2 or TLSv1.3")).into())
    };
    property.value.split(',').map(|name| version(name.trim())).collect()
}

fn mapping(properties: &ListenerProperties<'_>) -> Result<Mapping> {
    let found = properties.find("ssl.principal.mapping.rules");
    match found.filter(|property| !property.value.trim().is_empty()) {
        Some(property) => {
            Mapping::read(property.value).map_err(|reason| property.wrong(&reason).into())
        }
        None => Mapping::read("DEFAULT").map_err(|reason| Error::Config(vec![reason])),
    }
}
