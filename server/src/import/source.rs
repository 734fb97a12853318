//! The file that is taken in: plain, or packed with gzip, which its first bytes say and not its name.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek as _},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_lc_rs::digest::{Context, SHA256};
use flate2::bufread::MultiGzDecoder;
use ledger_core::ids::Digest;

/// What a gzip file begins with (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// How much is read from the disk at a time.
const BUFFER_BYTES: usize = 64 * 1024;

/// A file that stays open from the first look to the end.
#[derive(Debug)]
pub struct SourceFile {
    file: File,
    bytes: u64,
    name: String,
}

/// How far a reading has come, and what the bytes so far amount to.
#[derive(Clone)]
pub struct Tracked {
    digest: Arc<Mutex<Context>>,
    read: Arc<AtomicU64>,
}

impl SourceFile {
    /// Opens a file.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let name = path.file_name().unwrap_or_default();
        Ok(Self {
            bytes: file.metadata()?.len(),
            file,
            name: name.to_string_lossy().into_owned(),
        })
    }

    /// Its name, without its folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its length on the disk.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads it from its beginning. One reading at a time: all of them share one place in the file.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn read(&self) -> io::Result<(Box<dyn BufRead + Send>, Tracked)> {
        let mut file = self.file.try_clone()?;
        file.rewind()?;
        let tracked = Tracked {
            digest: Arc::new(Mutex::new(Context::new(&SHA256))),
            read: Arc::default(),
        };
        let reading = Reading {
            file,
            tracked: tracked.clone(),
        };
        let mut buffered = BufReader::with_capacity(BUFFER_BYTES, reading);
        let plain: Box<dyn BufRead + Send> = if buffered.fill_buf()?.starts_with(&GZIP) {
            let unpacked = MultiGzDecoder::new(buffered);
            Box::new(BufReader::with_capacity(BUFFER_BYTES, unpacked))
        } else {
            Box::new(buffered)
        };
        Ok((plain, tracked))
    }
}

impl Tracked {
    /// How many bytes of the file were read.
    pub fn bytes(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// SHA-256 of everything that was read, once the reading has come to its end.
    pub fn digest(&self) -> Digest {
        let digest = self.digest.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.clone().finish().as_ref());
        Digest(bytes)
    }
}

struct Reading {
    file: File,
    tracked: Tracked,
}

impl Read for Reading {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        let digest = self.tracked.digest.lock();
        let mut digest = digest.unwrap_or_else(PoisonError::into_inner);
        digest.update(&buffer[..read]);
        self.tracked.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn read(bytes: &[u8]) -> (Vec<u8>, Digest, u64) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.txt");
        std::fs::write(&path, bytes).unwrap();
        let source = SourceFile::open(&path).unwrap();
        let (mut plain, tracked) = source.read().unwrap();
        let mut text = Vec::new();
        plain.read_to_end(&mut text).unwrap();
        (text, tracked.digest(), tracked.bytes())
    }

    #[test]
    fn what_is_packed_is_unpacked_whatever_its_name_and_the_digest_is_that_of_the_file() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(b"<log/>").unwrap();
        let packed = packed.finish().unwrap();
        let sha256 = |bytes| aws_lc_rs::digest::digest(&SHA256, bytes).as_ref().to_vec();
        let (text, digest, bytes) = read(&packed);
        assert_eq!(text, b"<log/>");
        assert_eq!(digest.0.to_vec(), sha256(&packed));
        assert_eq!(bytes, packed.len() as u64);
        let (text, digest, _) = read(b"<log/>");
        assert_eq!(text, b"<log/>");
        assert_eq!(digest.0.to_vec(), sha256(b"<log/>"));
    }

    #[test]
    fn files_that_were_packed_one_after_the_other_are_read_as_one() {
        let pack = |text: &[u8]| {
            let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
            packed.write_all(text).unwrap();
            packed.finish().unwrap()
        };
        let (text, ..) = read(&[pack(b"<log>"), pack(b"</log>")].concat());
        assert_eq!(text, b"<log></log>");
    }
}
