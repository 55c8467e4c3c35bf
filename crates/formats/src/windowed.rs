//! Keys of windowed topics: the key's payload followed by its window (spec section 4.2).
//!
//! Time windows append the start, session windows the end and then the start; milliseconds in eight
//! bytes, big endian.

use types::WindowKind;

/// Bounds of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowBounds {
    /// Its first millisecond.
    pub start_ms: i64,
    /// Time windows: one past the last millisecond; session windows: the last record's timestamp.
    pub end_ms: i64,
}

/// Number of bytes the window takes behind the key.
pub fn suffix_bytes(kind: WindowKind) -> usize {
    match kind {
        WindowKind::Tumbling { .. } | WindowKind::Hopping { .. } => 8,
        WindowKind::Session => 16,
    }
}

/// Appends the window to a key's payload.
pub fn append(kind: WindowKind, bounds: WindowBounds, key: &mut Vec<u8>) {
    if kind == WindowKind::Session {
        key.extend_from_slice(&bounds.end_ms.to_be_bytes());
    }
    key.extend_from_slice(&bounds.start_ms.to_be_bytes());
}

/// Key payload and window of a windowed key; `None` when it is too short to hold a window.
pub fn split(kind: WindowKind, key: &[u8]) -> Option<(&[u8], WindowBounds)> {
    let at = key.len().checked_sub(suffix_bytes(kind))?;
    let (payload, suffix) = key.split_at(at);
    let (before_start, start) = suffix.split_last_chunk::<8>()?;
    let start_ms = i64::from_be_bytes(*start);
    let end_ms = match kind {
        WindowKind::Tumbling { size_ms } | WindowKind::Hopping { size_ms } => {
            start_ms.saturating_add(size_ms)
        }
        WindowKind::Session => i64::from_be_bytes(before_start.try_into().ok()?),
    };
    Some((payload, WindowBounds { start_ms, end_ms }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_survive_the_round_trip() {
        let kinds = [
            WindowKind::Tumbling { size_ms: 10 },
            WindowKind::Hopping { size_ms: 10 },
            WindowKind::Session,
        ];
        for kind in kinds {
            let bounds = WindowBounds { start_ms: 20, end_ms: 30 };
            let mut key = b"k".to_vec();
            append(kind, bounds, &mut key);
            assert_eq!(key.len(), 1 + suffix_bytes(kind));
            assert_eq!(split(kind, &key), Some((b"k".as_slice(), bounds)));
            assert_eq!(split(kind, &key[..7]), None);
        }
    }

    #[test]
    fn sessions_carry_the_end_first() {
        let mut key = Vec::new();
        append(WindowKind::Session, WindowBounds { start_ms: 1, end_ms: 2 }, &mut key);
        assert_eq!(key, [0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1]);
    }
}
