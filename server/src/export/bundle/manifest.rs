//! Manifests: the checksums of all files, in the form of RFC 8493 §2.1.3.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    io,
};

use aws_lc_rs::digest::{Context, Digest as Checksum, SHA256, SHA512};
use ledger_core::ids::Digest;

/// A checksum algorithm that bundles carry. Two, of which one may be broken in fifty years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Sha256,
    Sha512,
}

impl Algorithm {
    pub(super) const ALL: [Self; 2] = [Self::Sha256, Self::Sha512];

    /// The manifest of the payload.
    pub(super) const fn manifest(self) -> &'static str {
        match self {
            Self::Sha256 => "manifest-sha256.txt",
            Self::Sha512 => "manifest-sha512.txt",
        }
    }

    /// The manifest of everything else, the tag manifests apart.
    pub(super) const fn tag_manifest(self) -> &'static str {
        match self {
            Self::Sha256 => "tagmanifest-sha256.txt",
            Self::Sha512 => "tagmanifest-sha512.txt",
        }
    }

    const fn hex_digits(self) -> usize {
        match self {
            Self::Sha256 => 64,
            Self::Sha512 => 128,
        }
    }
}

/// Length and checksums of one file.
#[derive(Debug, Clone)]
pub(super) struct Checksums {
    pub(super) bytes: u64,
    sha256: Checksum,
    sha512: Checksum,
}

impl Checksums {
    /// The checksum as manifests write it: lower-case hexadecimal.
    pub(super) fn hex(&self, algorithm: Algorithm) -> String {
        let checksum = match algorithm {
            Algorithm::Sha256 => &self.sha256,
            Algorithm::Sha512 => &self.sha512,
        };
        checksum
            .as_ref()
            .iter()
            .fold(String::new(), |mut hex, byte| {
                write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
                hex
            })
    }

    /// The SHA-256 checksum as events write it.
    pub(super) fn sha256(&self) -> Digest {
        Digest(
            self.sha256
                .as_ref()
                .try_into()
                .expect("SHA-256 gives exactly 32 bytes"),
        )
    }
}

/// Passes on what is written to it and computes the checksums on the way.
pub(super) struct ChecksumWriter<W> {
    inner: W,
    bytes: u64,
    sha256: Context,
    sha512: Context,
}

impl<W: io::Write> ChecksumWriter<W> {
    pub(super) fn new(inner: W) -> Self {
        Self {
            inner,
            bytes: 0,
            sha256: Context::new(&SHA256),
            sha512: Context::new(&SHA512),
        }
    }

    pub(super) fn finish(self) -> (W, Checksums) {
        let checksums = Checksums {
            bytes: self.bytes,
            sha256: self.sha256.finish(),
            sha512: self.sha512.finish(),
        };
        (self.inner, checksums)
    }
}

impl<W: io::Write> io::Write for ChecksumWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.sha256.update(&bytes[..written]);
        self.sha512.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The text of a manifest.
pub(super) fn encode<'a>(
    files: impl IntoIterator<Item = (&'a String, &'a Checksums)>,
    algorithm: Algorithm,
) -> String {
    files
        .into_iter()
        .fold(String::new(), |mut text, (file, checksums)| {
            writeln!(text, "{}  {file}", checksums.hex(algorithm))
                .expect("writing to a string cannot fail");
            text
        })
}

/// What is wrong with a line of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestFault {
    /// Not a checksum, two spaces and a file.
    Form,
    /// A file that an earlier line names too.
    Twice,
    /// The last line is not ended.
    Unended,
}

impl fmt::Display for ManifestFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "it is not a checksum in lower case, two spaces and a file",
            Self::Twice => "its file was named before",
            Self::Unended => "it does not end in a line break",
        })
    }
}

/// Reads a manifest: the checksum of each file, and what is wrong with which line.
///
/// Stricter than RFC 8493, which leaves writers some freedom: a bundle has one form, so that a change to any byte shows.
pub(super) fn decode(
    text: &str,
    algorithm: Algorithm,
) -> (BTreeMap<String, String>, Vec<(u64, ManifestFault)>) {
    let (mut files, mut faults) = (BTreeMap::new(), Vec::new());
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let Some(line) = line.strip_suffix('\n') else {
            faults.push((number, ManifestFault::Unended));
            continue;
        };
        match line.split_once("  ").filter(|(checksum, file)| {
            checksum.len() == algorithm.hex_digits()
                && checksum
                    .bytes()
                    .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
                && !file.is_empty()
        }) {
            None => faults.push((number, ManifestFault::Form)),
            Some((checksum, file)) => {
                if files.insert(file.to_owned(), checksum.to_owned()).is_some() {
                    faults.push((number, ManifestFault::Twice));
                }
            }
        }
    }
    (files, faults)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn checksums(body: &[u8]) -> Checksums {
        let mut writer = ChecksumWriter::new(io::sink());
        writer.write_all(body).unwrap();
        writer.finish().1
    }

    #[test]
    fn a_manifest_reads_back_as_written() {
        let files = BTreeMap::from([
            ("data/a.txt".to_owned(), checksums(b"abc")),
            ("data/b c.txt".to_owned(), checksums(b"")),
        ]);
        let text = encode(&files, Algorithm::Sha256);
        // FIPS 180-2, appendix B.1.
        assert!(text.starts_with(
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  data/a.txt\n"
        ));
        for algorithm in Algorithm::ALL {
            let (read, faults) = decode(&encode(&files, algorithm), algorithm);
            assert_eq!(faults, []);
            for (file, checksums) in &files {
                assert_eq!(read.get(file), Some(&checksums.hex(algorithm)));
            }
        }
    }

    #[test]
    fn a_manifest_in_another_form_is_faulted_line_by_line() {
        let sum = checksums(b"abc").hex(Algorithm::Sha256);
        let text = format!(
            "{sum}  a\n{sum} b\n{}  c\n{sum}  a\n{sum}  d",
            sum.to_uppercase()
        );
        let (files, faults) = decode(&text, Algorithm::Sha256);
        assert_eq!(files.len(), 1);
        let expected = [
            (2, ManifestFault::Form),
            (3, ManifestFault::Form),
            (4, ManifestFault::Twice),
            (5, ManifestFault::Unended),
        ];
        assert_eq!(faults, expected);
    }
}
