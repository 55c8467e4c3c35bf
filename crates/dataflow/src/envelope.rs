//! How repartition topics carry a table's changes: the record value holds the new and the old row.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | flags: bit 0 the new row is there, bit 1 the old row is there |
//! | 4 | length of the new row, big endian; 0 when it is not there |
//! | .. | the new row in the topic's value format |
//! | .. | the old row in the topic's value format, up to the end |

const NEW: u8 = 1;
const OLD: u8 = 2;

/// Writes a change to `out`.
pub(crate) fn write(new: Option<&[u8]>, old: Option<&[u8]>, out: &mut Vec<u8>) {
    let flag = |payload: Option<&[u8]>, bit| if payload.is_some() { bit } else { 0 };
    out.clear();
    out.push(flag(new, NEW) | flag(old, OLD));
    let new = new.unwrap_or_default();
    let length = u32::try_from(new.len()).expect("a row is shorter than 4 GiB");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(new);
    out.extend_from_slice(old.unwrap_or_default());
}

/// New and old row of a change.
pub(crate) type Change<'a> = (Option<&'a [u8]>, Option<&'a [u8]>);

/// The new and old row of a change; `None` when the bytes are no envelope.
pub(crate) fn split(bytes: &[u8]) -> Option<Change<'_>> {
    let (flags, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (new, old) = rest.split_at_checked(length)?;
    Some(((flags & NEW != 0).then_some(new), (flags & OLD != 0).then_some(old)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_survive_the_round_trip() {
        let mut bytes = Vec::new();
        let rows: [Option<&[u8]>; 3] = [None, Some(b""), Some(b"row")];
        for new in rows {
            for old in rows {
                write(new, old, &mut bytes);
                assert_eq!(split(&bytes), Some((new, old)));
            }
        }
        assert_eq!(split(b"\x01\0\0\0\x09short"), None);
    }
}
