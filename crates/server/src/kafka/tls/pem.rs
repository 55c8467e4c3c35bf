//! Keys and certificates as PEM, from files or from the properties themselves.

use std::path::PathBuf;

use broker::{ListenerProperties, Property};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::{Error, Result};

/// What PEM begins with.
const BEGINNING: &str = "-----BEGIN ";

/// A store of keys or certificates, not read yet.
#[derive(Clone, Debug)]
pub(super) struct Store {
    /// The property that names it, for messages.
    property: String,
    source: Source,
}

#[derive(Clone)]
enum Source {
    File(PathBuf),
    Text(String),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.fmt(f),
            Self::Text(_) => f.write_str("PEM"),
        }
    }
}

impl Store {
    /// The store of `kind`, `keystore` or `truststore`: its file, or what the properties `inline` hold.
    ///
    /// # Errors
    /// When it is not PEM, with the way to make it so.
    pub(super) fn find(
        properties: &ListenerProperties<'_>,
        kind: &str,
        inline: &[&str],
    ) -> Result<Option<Self>> {
        let store_type = properties.find(&format!("ssl.{kind}.type"));
        let location = properties.find(&format!("ssl.{kind}.location"));
        if let Some(store_type) = store_type.filter(|found| found.value.trim() != "PEM") {
            let path = location.as_ref().map_or(kind, |location| location.value.trim());
            return Err(store_type.wrong(&conversion(kind, path)).into());
        }
        if let Some(Property { name, value }) = location {
            let source = Source::File(PathBuf::from(value.trim()));
            return Ok(Some(Self { property: name, source }));
        }
        let texts: Vec<Property<'_>> =
            inline.iter().filter_map(|name| properties.find(name)).collect();
        let text: String = texts.iter().map(|found| format!("{}\n", found.value)).collect();
        let property = texts.into_iter().next().map(|found| found.name);
        Ok(property.map(|property| Self { property, source: Source::Text(text) }))
    }

    /// The file it is, if it is one.
    pub(super) fn path(&self) -> Option<&PathBuf> {
        match &self.source {
            Source::File(path) => Some(path),
            Source::Text(_) => None,
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// When it cannot be read or is no PEM.
    pub(super) async fn read(&self) -> Result<Contents<'_>> {
        let text = match &self.source {
            Source::Text(text) => text.clone(),
            Source::File(path) => {
                let bytes = tokio::fs::read(path).await;
                let bytes =
                    bytes.map_err(|error| self.wrong(&format!("{}: {error}", path.display())))?;
                match String::from_utf8(bytes) {
                    Ok(text) if text.contains(BEGINNING) => text,
                    _ => {
                        return Err(
                            self.wrong(&conversion("keystore", &path.display().to_string()))
                        );
                    }
                }
            }
        };
        Ok(Contents { store: self, text })
    }

    fn wrong(&self, reason: &str) -> Error {
        Error::Config(vec![format!("kafka.{}: {reason}", self.property)])
    }
}

/// The text of a store.
pub(super) struct Contents<'a> {
    store: &'a Store,
    text: String,
}

impl Contents<'_> {
    /// Its certificates, at least one.
    ///
    /// # Errors
    /// When there is none, or one is malformed.
    pub(super) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>> {
        let read: std::result::Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(self.text.as_bytes()).collect();
        match read {
            Ok(certificates) if !certificates.is_empty() => Ok(certificates),
            Ok(_) => Err(self.store.wrong("there is no certificate in it")),
            Err(error) => Err(self.store.wrong(&format!("a certificate is malformed: {error}"))),
        }
    }

    /// Its private key.
    ///
    /// # Errors
    /// When there is none, or it is protected by a password.
    pub(super) fn key(&self) -> Result<PrivateKeyDer<'static>> {
        PrivateKeyDer::from_pem_slice(self.text.as_bytes()).map_err(|_| {
            match self.text.contains("-----BEGIN ENCRYPTED PRIVATE KEY") {
                true => self.store.wrong(
                    "the private key is protected by a password, which is not supported; take it \
                     off with: openssl pkey -in FILE -out FILE.pem, and keep the file from others",
                ),
                false => self.store.wrong("there is no private key in it"),
            }
        })
    }

    /// What to say when TLS refuses what is in it.
    pub(super) fn refused(&self, error: &dyn std::fmt::Display) -> Error {
        self.store.wrong(&error.to_string())
    }
}

fn conversion(kind: &str, path: &str) -> String {
    format!(
        "only PEM is supported. Convert PKCS12 with: openssl pkcs12 -in {path} -nodes -out \
         {path}.pem; JKS first with: keytool -importkeystore -srckeystore {path} -destkeystore \
         {path}.p12 -deststoretype PKCS12; then set ssl.{kind}.type=PEM and ssl.{kind}.location"
    )
}
