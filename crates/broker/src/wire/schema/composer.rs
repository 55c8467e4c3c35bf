//! Makes up requests that their layouts allow, for tests.

use bytes::{BufMut as _, Bytes, BytesMut};
use kafka_protocol::messages::ApiKey;
use testkit::random::SeededRandom;

use super::find;
use super::kind::{Field, Kind};

/// The body of some request of `key` in `version`.
pub(crate) fn compose(random: &SeededRandom, key: ApiKey, version: i16) -> Bytes {
    let request = find(key).unwrap_or_else(|| panic!("{key:?} has no layout"));
    let is_flexible = version >= request.flexible_since;
    let mut composer = Composer { random, version, is_flexible, out: BytesMut::new() };
    composer.value(&request.body);
    composer.out.freeze()
}

/// Makes up requests that a layout allows.
struct Composer<'a> {
    random: &'a SeededRandom,
    version: i16,
    is_flexible: bool,
    out: BytesMut,
}

impl Composer<'_> {
    fn below(&self, end: u64) -> usize {
        self.random.below(end) as usize
    }

    fn length(&mut self, length: usize, is_short: bool) {
        match (self.is_flexible, is_short) {
            // What is made up is shorter than 127.
            (true, _) => self.out.put_u8(length as u8 + 1),
            (false, true) => self.out.put_i16(length as i16),
            (false, false) => self.out.put_i32(length as i32),
        }
    }

    fn value(&mut self, kind: &Kind) {
        match kind {
            // Small positive numbers, which are also right for enumerations and booleans.
            Kind::Fixed(bytes) => {
                self.out.put_bytes(0, bytes - 1);
                self.out.put_u8(self.below(2) as u8);
            }
            Kind::String | Kind::Bytes => {
                let length = self.below(20);
                self.length(length, matches!(kind, Kind::String));
                self.out.put_bytes(b'x', length);
            }
            Kind::Array(element) => {
                let count = self.below(4);
                self.length(count, false);
                (0..count).for_each(|_| self.value(element));
            }
            Kind::Structure(fields) => self.structure(fields),
            Kind::Optional(kind) => match self.below(2) {
                0 => self.out.put_i8(-1),
                _ => {
                    self.out.put_i8(1);
                    self.value(kind);
                }
            },
        }
    }

    fn structure(&mut self, fields: &[Field]) {
        let version = self.version;
        for field in fields.iter().filter(|f| f.tag.is_none() && f.is_in(version)) {
            self.value(&field.kind);
        }
        if self.is_flexible {
            self.tags(fields);
        }
    }

    fn tags(&mut self, fields: &[Field]) {
        let mut tagged = Vec::new();
        let version = self.version;
        for field in fields.iter().filter(|f| f.tag.is_some() && f.is_in(version)) {
            let before = self.out.split();
            self.value(&field.kind);
            let value = std::mem::replace(&mut self.out, before);
            tagged.push((field.tag.unwrap() as u8, value));
        }
        if self.below(3) == 0 {
            tagged.push((100, BytesMut::from(&b"unknown"[..])));
        }
        self.out.put_u8(tagged.len() as u8);
        for (tag, value) in tagged {
            self.out.put_u8(tag);
            self.out.put_u8(value.len() as u8);
            self.out.put_slice(&value);
        }
    }
}
