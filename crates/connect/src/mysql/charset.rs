//! MySQL's character sets: the change stream carries text as the table stores it.

use std::borrow::Cow;

use encoding_rs::Encoding;

/// How a column's bytes become text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8 already.
    Utf8,
    /// Four bytes per character, big-endian.
    Utf32,
    /// One of the encodings with tables.
    Table(&'static Encoding),
}

impl Charset {
    /// The character set that MySQL calls `name`; UTF-8 for unknown names.
    pub fn from_name(name: &str) -> Self {
        let label = match name {
            "latin1" => "windows-1252",
            "latin2" => "iso-8859-2",
            "latin5" => "windows-1254",
            "latin7" => "iso-8859-13",
            "ucs2" | "utf16" => "utf-16be",
            "utf16le" => "utf-16le",
            "utf32" => return Self::Utf32,
            "gbk" | "gb2312" => "gbk",
            "gb18030" => "gb18030",
            "big5" => "big5",
            "sjis" | "cp932" => "shift_jis",
            "ujis" | "eucjpms" => "euc-jp",
            "euckr" => "euc-kr",
            "cp1250" => "windows-1250",
            "cp1251" => "windows-1251",
            "cp1256" => "windows-1256",
            "cp1257" => "windows-1257",
            "greek" => "iso-8859-7",
            "hebrew" => "iso-8859-8",
            "koi8r" => "koi8-r",
            "koi8u" => "koi8-u",
            "tis620" => "windows-874",
            "cp866" => "ibm866",
            "macroman" => "macintosh",
            _ => return Self::Utf8,
        };
        Encoding::for_label(label.as_bytes()).map_or(Self::Utf8, Self::Table)
    }

    /// The text of `bytes`; what is malformed becomes U+FFFD.
    pub fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes),
            Self::Utf32 => Cow::Owned(utf32(bytes)),
            Self::Table(encoding) => encoding.decode_without_bom_handling(bytes).0,
        }
    }
}

fn utf32(bytes: &[u8]) -> String {
    bytes
        .chunks(4)
        .map(|unit| {
            let code = unit.iter().fold(0u32, |code, byte| (code << 8) | u32::from(*byte));
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Charset;

    #[test]
    fn text_in_other_character_sets() {
        assert_eq!(Charset::from_name("latin1").decode(b"caf\xe9 \x80"), "café €");
        assert_eq!(Charset::from_name("utf32").decode(&[0, 1, 0xf6, 0]), "😀");
        assert_eq!(Charset::from_name("ucs2").decode(&[0x4e, 0x2d]), "中");
        assert_eq!(Charset::from_name("gbk").decode(&[0xd6, 0xd0]), "中");
        assert_eq!(Charset::from_name("utf8mb4").decode("é".as_bytes()), "é");
    }
}
