//! The first users: credentials from the property `kafka.sasl.scram.bootstrap.users`, so that somebody
//! can log in to give the others theirs. Written as for Kafka's storage tool, several separated by
//! semicolons: `SCRAM-SHA-256=[name=admin,password=secret]`, with `iterations=`, `salt=` and, instead
//! of the password, `saltedpassword=` (both in base64) where wanted.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;

use types::text::decode_base64;

use super::credential::{Credential, ITERATIONS_MAX, ITERATIONS_MIN};
use super::exchange::new_salt;
use super::hash::Hash;

/// A user who gets a credential at start, unless there is one already.
pub(crate) struct FirstUser {
    pub(crate) name: String,
    pub(crate) hash: Hash,
    secret: Secret,
    salt: Option<Vec<u8>>,
    iterations: NonZeroU32,
}

enum Secret {
    Password(String),
    Salted(Vec<u8>),
}

impl FirstUser {
    /// Reads the property's value.
    ///
    /// # Errors
    /// What is wrong, without any secret.
    pub(crate) fn read_all(value: &str) -> Result<Vec<Self>, String> {
        value.split(';').map(str::trim).filter(|item| !item.is_empty()).map(Self::read).collect()
    }

    fn read(item: &str) -> Result<Self, String> {
        let wrong = || "expected is MECHANISM=[name=USER,password=PASSWORD]".to_owned();
        let (mechanism, fields) = item.split_once('=').ok_or_else(wrong)?;
        let hash = Hash::ALL.into_iter().find(|hash| hash.mechanism() == mechanism.trim());
        let hash = hash.ok_or_else(|| format!("'{mechanism}' is not a SCRAM mechanism"))?;
        let fields = fields.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let fields: Option<BTreeMap<&str, &str>> = fields
            .ok_or_else(wrong)?
            .split(',')
            .map(|field| field.split_once('=').map(|(name, value)| (name.trim(), value)))
            .collect();
        Self::of_fields(hash, fields.ok_or_else(wrong)?)
    }

    fn of_fields(hash: Hash, mut fields: BTreeMap<&str, &str>) -> Result<Self, String> {
        let name =
            fields.remove("name").filter(|name| !name.is_empty()).ok_or("name is missing")?;
        let bytes = |field: &str, text: &str| {
            decode_base64(text).ok_or_else(|| format!("{field} of '{name}' is not base64"))
        };
        let salt = fields.remove("salt").map(|text| bytes("salt", text)).transpose()?;
        let password = fields.remove("password").filter(|password| !password.is_empty());
        let salted = fields.remove("saltedpassword");
        let secret = match (password, salted) {
            (Some(password), None) => Secret::Password(password.to_owned()),
            (None, Some(salted)) if salt.is_some() => {
                Secret::Salted(bytes("saltedpassword", salted)?)
            }
            (None, Some(_)) => return Err(format!("saltedpassword of '{name}' needs its salt")),
            _ => return Err(format!("'{name}' needs either password or saltedpassword")),
        };
        let iterations = match fields.remove("iterations") {
            None => ITERATIONS_MIN,
            Some(text) => text.trim().parse().unwrap_or(0),
        };
        let iterations = NonZeroU32::new(iterations)
            .filter(|count| (ITERATIONS_MIN..=ITERATIONS_MAX).contains(&count.get()));
        let iterations = iterations.ok_or_else(|| {
            format!("iterations of '{name}' must be {ITERATIONS_MIN} to {ITERATIONS_MAX}")
        })?;
        if let Some(unknown) = fields.keys().next() {
            return Err(format!("'{unknown}' of '{name}' is unknown"));
        }
        Ok(Self { name: name.to_owned(), hash, secret, salt, iterations })
    }

    /// The credential to keep. Deriving it takes milliseconds.
    pub(crate) fn credential(&self) -> Credential {
        let salt = self.salt.clone().unwrap_or_else(new_salt);
        match &self.secret {
            Secret::Password(password) => {
                Credential::of_password(self.hash, password, salt, self.iterations)
            }
            Secret::Salted(salted) => {
                Credential::of_salted(self.hash, salted, salt, self.iterations.get())
            }
        }
    }
}

impl fmt::Debug for FirstUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstUser").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_and_salted_password_give_the_same() {
        let users = FirstUser::read_all(
            "SCRAM-SHA-256=[name=a,password=pencil,salt=W22ZaJ0SNY7soEsUEjb6gQ==]; \
             SCRAM-SHA-256=[name=b,saltedpassword=xKSVEDI6tPlSysH6mUQZOeeOp01r6B3fcJbodRPcYV0=,\
             salt=W22ZaJ0SNY7soEsUEjb6gQ==,iterations=4096]",
        );
        let users = users.expect("right");
        assert_eq!(users[0].credential(), users[1].credential());
    }

    #[test]
    fn mistakes_are_told_without_passwords() {
        for (value, reason) in [
            ("secret", "expected is"),
            ("MD5=[name=a,password=secret]", "'MD5'"),
            ("SCRAM-SHA-256=[password=secret]", "name is missing"),
            ("SCRAM-SHA-256=[name=a,password=secret,iterations=10]", "4096 to 16384"),
            ("SCRAM-SHA-256=[name=a,saltedpassword=secret]", "needs its salt"),
            ("SCRAM-SHA-256=[name=a,password=secret,x=y]", "'x' of 'a' is unknown"),
        ] {
            let error = FirstUser::read_all(value).expect_err("wrong");
            assert!(error.contains(reason) && !error.contains("secret"), "{value}: {error}");
        }
    }
}
