//! Sets of global transaction ids, MySQL's and MariaDB's.

use std::collections::BTreeMap;
use std::fmt;

use mysql_async::{GnoInterval, Sid};

/// Which transactions were captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gtids {
    /// The server has none; files and positions count.
    None,
    /// MySQL: by source (and tag), closed intervals of numbers.
    MySql(BTreeMap<String, Vec<(u64, u64)>>),
    /// MariaDB: by domain, the last server and number.
    MariaDb(BTreeMap<u32, (u32, u64)>),
}

impl Gtids {
    /// Parses MySQL's form, `uuid[:tag]:1-5:7,uuid:...`; what is malformed is left out.
    pub fn mysql(text: &str) -> Self {
        let mut set: BTreeMap<String, Vec<(u64, u64)>> = BTreeMap::new();
        for item in text.split(',').map(str::trim) {
            let Some((uuid, rest)) = item.split_once(':') else { continue };
            let mut source = uuid.to_ascii_lowercase();
            for part in rest.split(':') {
                match interval(part) {
                    Some(interval) => set.entry(source.clone()).or_default().push(interval),
                    None => source = format!("{}:{part}", uuid.to_ascii_lowercase()),
                }
            }
        }
        Self::MySql(set)
    }

    /// Parses MariaDB's form, `domain-server-number,...`; what is malformed is left out.
    pub fn mariadb(text: &str) -> Self {
        let parse = |item: &str| {
            let mut parts = item.trim().splitn(3, '-');
            let domain = parts.next()?.parse().ok()?;
            Some((domain, (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?)))
        };
        Self::MariaDb(text.split(',').filter_map(parse).collect())
    }

    /// Parses `text` in the server's form; no text, no ids.
    pub fn parse(text: Option<&str>, is_mariadb: bool) -> Self {
        match text.filter(|text| !text.trim().is_empty()) {
            None => Self::None,
            Some(text) if is_mariadb => Self::mariadb(text),
            Some(text) => Self::mysql(text),
        }
    }

    /// Adds one MySQL transaction.
    pub fn add_mysql(&mut self, source: &str, number: u64) {
        if !matches!(self, Self::MySql(_)) {
            *self = Self::MySql(BTreeMap::new());
        }
        let Self::MySql(set) = self else { return };
        let intervals = set.entry(source.to_owned()).or_default();
        if intervals.iter().any(|(first, last)| (*first..=*last).contains(&number)) {
            return;
        }
        intervals.push((number, number));
        merge(intervals);
    }

    /// Adds one MariaDB transaction.
    pub fn add_mariadb(&mut self, domain: u32, server: u32, number: u64) {
        if !matches!(self, Self::MariaDb(_)) {
            *self = Self::MariaDb(BTreeMap::new());
        }
        if let Self::MariaDb(set) = self {
            set.insert(domain, (server, number));
        }
    }

    /// The set as MySQL's dump request wants it.
    pub fn sids(&self) -> Vec<Sid<'static>> {
        let Self::MySql(set) = self else { return Vec::new() };
        let sid = |(source, intervals): (&String, &Vec<(u64, u64)>)| {
            let text = format!("{source}:{}", joined(intervals));
            text.parse::<Sid<'_>>().ok().map(own)
        };
        set.iter().filter_map(sid).collect()
    }

    /// The set's text, if there is a set.
    pub fn text(&self) -> Option<String> {
        (!matches!(self, Self::None)).then(|| self.to_string())
    }
}

fn own(sid: Sid<'_>) -> Sid<'static> {
    let intervals: Vec<GnoInterval> = sid.intervals().to_vec();
    let owned = Sid::new(sid.uuid()).with_intervals(intervals);
    match sid.tag() {
        Some(tag) => owned.with_tag(tag.clone().into_owned()),
        None => owned,
    }
}

fn interval(text: &str) -> Option<(u64, u64)> {
    match text.trim().split_once('-') {
        Some((first, last)) => Some((first.parse().ok()?, last.parse().ok()?)),
        None => text.trim().parse().ok().map(|number| (number, number)),
    }
}

fn merge(intervals: &mut Vec<(u64, u64)>) {
    intervals.sort_unstable();
    let mut merged: Vec<(u64, u64)> = Vec::with_capacity(intervals.len());
    for (first, last) in intervals.drain(..) {
        match merged.last_mut() {
            Some(previous) if first <= previous.1 + 1 => previous.1 = previous.1.max(last),
            _ => merged.push((first, last)),
        }
    }
    *intervals = merged;
}

fn joined(intervals: &[(u64, u64)]) -> String {
    let text = |(first, last): &(u64, u64)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    intervals.iter().map(text).collect::<Vec<_>>().join(":")
}

impl fmt::Display for Gtids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items: Vec<String> = match self {
            Self::None => Vec::new(),
            Self::MySql(set) => {
                set.iter().map(|(source, of)| format!("{source}:{}", joined(of))).collect()
            }
            Self::MariaDb(set) => set
                .iter()
                .map(|(domain, (server, number))| format!("{domain}-{server}-{number}"))
                .collect(),
        };
        f.write_str(&items.join(","))
    }
}

/// A UUID's text.
pub fn uuid_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().take(16).enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Gtids;

    const UUID: &str = "3e11fa47-71ca-11e1-9e33-c80aa9429562";

    #[test]
    fn mysql_sets_grow_and_merge() {
        let mut set = Gtids::mysql(&format!("{UUID}:1-5:9, {UUID}:tag:1"));
        set.add_mysql(UUID, 7);
        set.add_mysql(UUID, 6);
        set.add_mysql(UUID, 3);
        assert_eq!(set.to_string(), format!("{UUID}:1-7:9,{UUID}:tag:1"));
        assert_eq!(set.sids().len(), 2);
    }

    #[test]
    fn mariadb_sets_keep_the_last_of_each_domain() {
        let mut set = Gtids::mariadb("0-1-5,2-7-9");
        set.add_mariadb(0, 3, 6);
        assert_eq!(set.to_string(), "0-3-6,2-7-9");
        assert_eq!(Gtids::parse(Some(""), true), Gtids::None);
    }
}
