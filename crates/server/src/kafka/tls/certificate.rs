//! The name in a client's certificate, written as Java does (RFC 2253), because that is what ACLs and
//! `super.users` of Kafka's clusters say: `CN=alice,OU=x,O=y,C=DE`.

use std::fmt::Write as _;

use super::der::{self, Element};

/// Attributes that RFC 2253 has keywords for; others are written by number and in hexadecimal.
const KEYWORDS: [(&str, &str); 9] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];
/// Place of the subject among a certificate's fields, after version, serial number, signature
/// algorithm, issuer and validity.
const SUBJECT_POSITION: usize = 5;
/// Tag of the version, which certificates of version 1 do not have.
const VERSION: u8 = 0xa0;

/// The subject of the certificate with the encoding `certificate`; `None` if it is none.
pub(super) fn subject(certificate: &[u8]) -> Option<String> {
    let (certificate, _) = der::read(certificate)?;
    let to_be_signed = certificate.elements().next()?;
    let has_version = to_be_signed.elements().next()?.tag == VERSION;
    let position = SUBJECT_POSITION - usize::from(!has_version);
    let subject = to_be_signed.elements().nth(position)?;
    (subject.tag == der::SEQUENCE).then(|| name(subject))
}

/// A distinguished name, its last part first.
fn name(sequence: Element<'_>) -> String {
    let parts: Vec<Element<'_>> = sequence.elements().filter(|part| part.tag == der::SET).collect();
    let written = parts.iter().rev().map(|part| {
        let attributes: Vec<String> = part.elements().filter_map(attribute).collect();
        attributes.join("+")
    });
    written.collect::<Vec<_>>().join(",")
}

fn attribute(pair: Element<'_>) -> Option<String> {
    let mut parts = pair.elements();
    let (kind, value) = (parts.next()?, parts.next()?);
    if kind.tag != der::OBJECT_IDENTIFIER {
        return None;
    }
    let number = der::dotted(kind.content);
    let keyword = KEYWORDS.iter().find(|(known, _)| *known == number).map(|(_, keyword)| keyword);
    match keyword.zip(text(value)) {
        Some((keyword, text)) => Some(format!("{keyword}={}", escaped(&text))),
        None => Some(format!("{number}=#{}", hexadecimal(value.whole))),
    }
}

fn text(value: Element<'_>) -> Option<String> {
    match value.tag {
        der::UTF8_STRING | der::PRINTABLE_STRING | der::IA5_STRING => {
            Some(String::from_utf8_lossy(value.content).into_owned())
        }
        der::TELETEX_STRING => Some(value.content.iter().copied().map(char::from).collect()),
        der::BMP_STRING => {
            let units =
                value.content.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            Some(String::from_utf16_lossy(&units.collect::<Vec<_>>()))
        }
        _ => None,
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let trailing = text.trim_end_matches(' ').len();
    for (position, c) in text.char_indices() {
        let is_special = matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';');
        let is_leading = position == 0 && matches!(c, '#' | ' ');
        if is_special || is_leading || (position >= trailing && c == ' ') {
            out.push('\\');
        }
        match c {
            '\0' => out.push_str("\\00"),
            c => out.push(c),
        }
    }
    out
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing into a String does not fail.
        let _written = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::*;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(content.len()).expect("short")], content].concat()
    }

    fn pair(identifier: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
        let pair = [element(der::OBJECT_IDENTIFIER, identifier), element(tag, value)].concat();
        element(der::SEQUENCE, &pair)
    }

    fn written(parts: &[Vec<u8>]) -> String {
        let encoded = element(der::SEQUENCE, &parts.concat());
        let (sequence, rest) = der::read(&encoded).expect("well formed");
        assert!(rest.is_empty());
        name(sequence)
    }

    #[test]
    fn names_are_written_backwards_and_escaped() {
        let country = element(der::SET, &pair(&[0x55, 4, 6], der::PRINTABLE_STRING, b"DE"));
        let both = [
            pair(&[0x55, 4, 3], der::UTF8_STRING, " a,b\u{e9}#".as_bytes()),
            pair(&[0x55, 4, 11], der::BMP_STRING, &[0, b'x', 0x26, 0x3a]),
        ];
        let mail = pair(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1], der::IA5_STRING, b"a@b");
        let parts = [country, element(der::SET, &both.concat()), element(der::SET, &mail)];
        assert_eq!(
            written(&parts),
            "1.2.840.113549.1.9.1=#1603614062,CN=\\ a\\,b\u{e9}#+OU=x\u{263a},C=DE"
        );
    }

    /// A client's certificate with any byte changed or anything cut off is understood or not, no more.
    #[test]
    fn damaged_certificates_make_no_trouble() {
        let pem = include_str!("fixtures/client.pem");
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM");
        let name = "CN=alice,OU=clients,O=Tidemill\\, tests,C=DE";
        assert_eq!(subject(&certificate).as_deref(), Some(name));
        for position in 0..certificate.len() {
            let _understood = subject(&certificate[..position]);
            for byte in [0, 0x30, 0x31, 0x7f, 0x80, 0x84, 0xff] {
                let mut damaged = certificate.to_vec();
                damaged[position] = byte;
                let _understood = subject(&damaged);
            }
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_subject() {
        for bytes in [&b""[..], b"\x30", b"\x30\x80", b"\x30\x03\x30\x01\x02", &[0x30; 40]] {
            assert_eq!(subject(bytes), None);
        }
    }
}
