//! Walks over the bytes of a request without making anything of them.

use super::kind::{Field, Kind};

/// Elements of arrays and tagged fields of one request at most: each may become some hundred bytes in
/// memory, whatever little it takes on the wire.
pub(super) const ELEMENTS_MAX: usize = 500_000;

/// Why bytes are not what their schema says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// They end too early.
    Short,
    /// A length is negative, or larger than what is left.
    Length(i64),
    /// There are more elements than any request needs.
    Crowded,
    /// A tagged field is not as long as it says.
    Tag(u32),
}

/// Where the walk is.
#[derive(Debug)]
pub(super) struct Walker<'a> {
    rest: &'a [u8],
    version: i16,
    is_flexible: bool,
    elements_left: usize,
}

impl<'a> Walker<'a> {
    pub(super) fn new(bytes: &'a [u8], version: i16, is_flexible: bool) -> Self {
        Self { rest: bytes, version, is_flexible, elements_left: ELEMENTS_MAX }
    }

    /// Bytes that are left.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Passes over a value; on failure also tells the fields on the way to what is wrong, inner first.
    pub(super) fn pass(&mut self, kind: &Kind, path: &mut Vec<&'static str>) -> Result<(), Flaw> {
        match kind {
            Kind::Fixed(bytes) => self.take(*bytes).map(|_| ()),
            Kind::String => self.string(),
            Kind::Bytes => self.bytes(),
            Kind::Array(element) => self.array(element, path),
            Kind::Structure(fields) => self.structure(fields, path),
            Kind::Optional(kind) => match self.take(1)? {
                [1] => self.pass(kind, path),
                _ => Ok(()),
            },
        }
    }

    /// Passes over tagged fields, of which `known` ones have a layout.
    pub(super) fn tags(
        &mut self,
        known: &[Field],
        path: &mut Vec<&'static str>,
    ) -> Result<(), Flaw> {
        let count = self.varint()? as usize;
        self.spend(count)?;
        for _ in 0..count {
            let tag = self.varint()?;
            let length = self.varint()? as usize;
            let left = self.rest.len().checked_sub(length).ok_or(Flaw::Short)?;
            match known.iter().find(|field| field.tag == Some(tag)) {
                // The decoder goes by the layout and not by the length, so they must agree.
                Some(field) => {
                    self.field(field, path)?;
                    if self.rest.len() != left {
                        return Err(Flaw::Tag(tag));
                    }
                }
                None => self.take(length).map(|_| ())?,
            }
        }
        Ok(())
    }

    fn structure(&mut self, fields: &[Field], path: &mut Vec<&'static str>) -> Result<(), Flaw> {
        let version = self.version;
        for field in fields.iter().filter(|field| field.tag.is_none() && field.is_in(version)) {
            self.field(field, path)?;
        }
        if self.is_flexible { self.tags(fields, path) } else { Ok(()) }
    }

    fn field(&mut self, field: &Field, path: &mut Vec<&'static str>) -> Result<(), Flaw> {
        self.pass(&field.kind, path).inspect_err(|_| path.push(field.name))
    }

    fn array(&mut self, element: &Kind, path: &mut Vec<&'static str>) -> Result<(), Flaw> {
        let count = match self.is_flexible {
            true => self.compact_length()?,
            false => self.int32()?,
        };
        let count = self.checked(count)?;
        self.spend(count)?;
        for _ in 0..count {
            self.pass(element, path)?;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), Flaw> {
        match self.is_flexible {
            true => self.compact(),
            false => self.plain_string(),
        }
    }

    /// A string as it was before flexible versions, which headers have kept.
    pub(super) fn plain_string(&mut self) -> Result<(), Flaw> {
        let length = i16::from_be_bytes(self.array_of()?);
        self.skip(i64::from(length))
    }

    fn bytes(&mut self) -> Result<(), Flaw> {
        match self.is_flexible {
            true => self.compact(),
            false => {
                let length = self.int32()?;
                self.skip(length)
            }
        }
    }

    fn compact(&mut self) -> Result<(), Flaw> {
        let length = self.compact_length()?;
        self.skip(length)
    }

    fn skip(&mut self, length: i64) -> Result<(), Flaw> {
        let length = self.checked(length)?;
        self.take(length).map(|_| ())
    }

    /// A length that may be: null counts as zero. Nothing is shorter than a byte, so there are never
    /// more elements than bytes.
    fn checked(&self, length: i64) -> Result<usize, Flaw> {
        match usize::try_from(length) {
            Ok(length) if length <= self.rest.len() => Ok(length),
            Err(_) if length == -1 => Ok(0),
            _ => Err(Flaw::Length(length)),
        }
    }

    fn spend(&mut self, elements: usize) -> Result<(), Flaw> {
        self.elements_left = self.elements_left.checked_sub(elements).ok_or(Flaw::Crowded)?;
        Ok(())
    }

    fn int32(&mut self) -> Result<i64, Flaw> {
        Ok(i64::from(i32::from_be_bytes(self.array_of()?)))
    }

    /// One more than the length, so that null is zero; -1 stands for it here.
    fn compact_length(&mut self) -> Result<i64, Flaw> {
        Ok(i64::from(self.varint()?) - 1)
    }

    /// As the decoder reads them: five groups of seven bits at most, the fifth cut to what fits.
    fn varint(&mut self) -> Result<u32, Flaw> {
        let mut value = 0;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = self.array_of()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        Ok(value)
    }

    fn array_of<const N: usize>(&mut self) -> Result<[u8; N], Flaw> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Flaw::Short)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Flaw> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Flaw::Short)?;
        self.rest = rest;
        Ok(taken)
    }
}
