//! ZigZag variable-length integers, as records use them. Reading never goes past the slice and never
//! takes more than ten bytes.

/// A cursor over bytes that hands out fields or `None` when they are not there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(first)
    }

    /// A `varlong`.
    pub(crate) fn varlong(&mut self) -> Option<i64> {
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                return None;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some((value >> 1) as i64 ^ -((value & 1) as i64));
            }
        }
        None
    }

    /// A `varint`; `None` also when it does not fit 32 bits.
    pub(crate) fn varint(&mut self) -> Option<i32> {
        i32::try_from(self.varlong()?).ok()
    }

    /// Bytes behind a `varint` length; the inner `None` is null (-1).
    pub(crate) fn nullable_bytes(&mut self) -> Option<Option<&'a [u8]>> {
        match self.varint()? {
            -1 => Some(None),
            length => self.take(usize::try_from(length).ok()?).map(Some),
        }
    }

    /// Bytes behind a `varint` length that may not be null.
    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        self.nullable_bytes()?
    }
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// Bytes that [`write`] takes for `value`.
pub(crate) fn size(value: i64) -> usize {
    let bits = 64 - (zigzag(value) | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

/// Appends `value` to `out`.
pub(crate) fn write(out: &mut Vec<u8>, value: i64) {
    let mut rest = zigzag(value);
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_goes_there_and_back() {
        for shift in 0..64 {
            for value in
                [1_i64 << shift, (1_i64 << shift).wrapping_sub(1), -(1_i64 << (shift % 63))]
            {
                let mut out = Vec::new();
                write(&mut out, value);
                assert_eq!(out.len(), size(value), "{value}");
                let mut reader = Reader::new(&out);
                assert_eq!(reader.varlong(), Some(value));
                assert!(reader.is_empty());
            }
        }
    }

    #[test]
    fn overlong_and_cut_integers_are_refused() {
        assert_eq!(Reader::new(&[0x80]).varlong(), None);
        assert_eq!(Reader::new(&[0xff; 11]).varlong(), None);
        let mut out = Vec::new();
        write(&mut out, i64::from(i32::MAX) + 1);
        assert_eq!(Reader::new(&out).varint(), None);
    }
}
