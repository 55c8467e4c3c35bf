//! Where the programs of a database are, or in words why they are not.

use std::path::{Path, PathBuf};

use super::Flavour;

/// Where `scripts/fetch-mysql.sh` puts MySQL.
const MYSQL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/peers/mysql");
/// Names another `mysqld` to use.
const MYSQLD_VARIABLE: &str = "TIDEMILL_MYSQLD";

/// The programs that a server needs.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    /// The server.
    pub server: PathBuf,
    /// What makes an empty data directory.
    pub initialise: PathBuf,
    /// MariaDB's command-line client; it speaks with both.
    pub client: PathBuf,
}

/// Finds the programs of a flavour; the error says what is missing and how to get it.
pub(super) fn find(flavour: Flavour) -> Result<Programs, String> {
    let client = installed("mariadb")?;
    match flavour {
        Flavour::MariaDb => {
            let (server, initialise) = (installed("mariadbd")?, installed("mariadb-install-db")?);
            Ok(Programs { server, initialise, client })
        }
        Flavour::MySql => {
            let server = mysqld()?;
            Ok(Programs { initialise: server.clone(), server, client })
        }
    }
}

fn mysqld() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os(MYSQLD_VARIABLE) {
        return Ok(named.into());
    }
    fetched(Path::new(MYSQL))
}

fn fetched(folder: &Path) -> Result<PathBuf, String> {
    let server = folder.join("mysqld");
    if server.is_file() {
        return Ok(server);
    }
    let reason = read(&folder.join("unavailable"));
    Err(format!(
        "no MySQL: {}",
        reason.as_deref().unwrap_or("scripts/fetch-mysql.sh has not been run")
    ))
}

#[allow(clippy::disallowed_methods, reason = "a test looks at the real machine")]
fn read(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

fn installed(name: &str) -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories =
        std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    let found = directories.map(|directory| directory.join(name)).find(|path| path.is_file());
    found.ok_or_else(|| format!("{name} is not installed (scripts/install-needs.sh mariadb)"))
}

#[cfg(test)]
mod tests {
    use super::fetched;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "a test prepares a real directory")]
    fn what_was_not_fetched_is_explained() {
        let folder = tempfile::tempdir().unwrap();
        assert!(fetched(folder.path()).unwrap_err().contains("scripts/fetch-mysql.sh"));
        std::fs::write(folder.path().join("unavailable"), "no mirror\n").unwrap();
        assert_eq!(fetched(folder.path()).unwrap_err(), "no MySQL: no mirror");
        std::fs::write(folder.path().join("mysqld"), "").unwrap();
        assert!(fetched(folder.path()).is_ok());
    }
}
