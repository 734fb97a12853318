//! A file that is there whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    io::Errno,
};

/// A file could not be written. Nothing of it is left.
#[derive(Debug, thiserror::Error)]
pub enum WholeFileError {
    /// The name is that of a folder, or of nothing.
    #[error("{} is not the name of a file; give one within a folder that exists", .0.display())]
    NoFileName(PathBuf),
    /// There is a file of that name.
    #[error("{} exists already; choose another name, or remove it first", .0.display())]
    Exists(PathBuf),
    /// Somebody else is writing it.
    #[error(
        "{} exists already: it is being written, or whoever wrote it was killed; in that case remove the file",
        .0.display()
    )]
    UnderWay(PathBuf),
    /// It could not be begun.
    #[error("{} cannot be written: {source}", .path.display())]
    NotBegun {
        /// The file beside its place.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It could not be finished.
    #[error("{} cannot be written: {source}", .path.display())]
    NotFinished {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Written beside its place, readable by its owner alone, and moved there when it is whole. Dropped before, it is taken
/// away again.
pub(crate) struct WholeFile {
    target: PathBuf,
    partial: PathBuf,
    replaces: bool,
    bytes: u64,
    writer: Option<BufWriter<File>>,
}

impl WholeFile {
    /// Begins a file that may take the place of another only if `replaces`.
    pub(crate) fn begin(target: &Path, replaces: bool) -> Result<Self, WholeFileError> {
        let Some(name) = target.file_name().filter(|_| !target.is_dir()) else {
            return Err(WholeFileError::NoFileName(target.to_owned()));
        };
        if !replaces && fs::symlink_metadata(target).is_ok() {
            return Err(WholeFileError::Exists(target.to_owned()));
        }
        let mut partial_name = name.to_owned();
        partial_name.push(".partial");
        let partial = target.with_file_name(partial_name);
        let opened = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&partial);
        match opened {
            Ok(file) => Ok(Self {
                target: target.to_owned(),
                partial,
                replaces,
                bytes: 0,
                writer: Some(BufWriter::new(file)),
            }),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(WholeFileError::UnderWay(partial))
            }
            Err(source) => Err(WholeFileError::NotBegun {
                path: partial,
                source,
            }),
        }
    }

    /// Writes the next piece.
    pub(crate) fn write(&mut self, piece: &[u8]) -> Result<(), WholeFileError> {
        self.bytes += piece.len() as u64;
        let written = match &mut self.writer {
            Some(writer) => writer.write_all(piece),
            None => Ok(()),
        };
        written.map_err(|source| self.unfinished(source))
    }

    /// Makes it durable and gives it its name; how many bytes it has.
    pub(crate) fn finish(&mut self) -> Result<u64, WholeFileError> {
        let whole = self.writer.as_mut().map_or(Ok(()), |writer| {
            writer.flush()?;
            writer.get_ref().sync_all()
        });
        whole.map_err(|source| self.unfinished(source))?;
        let flags = if self.replaces {
            RenameFlags::empty()
        } else {
            RenameFlags::NOREPLACE
        };
        match renameat_with(CWD, &self.partial, CWD, &self.target, flags) {
            Ok(()) => {}
            Err(Errno::EXIST) => return Err(WholeFileError::Exists(self.target.clone())),
            Err(error) => return Err(self.unfinished(io::Error::from(error))),
        }
        self.writer = None;
        let folder = match self.target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        // The name is durable only with the folder that it stands in.
        let named = File::open(folder).and_then(|folder| folder.sync_all());
        named.map_err(|source| self.unfinished(source))?;
        Ok(self.bytes)
    }

    fn unfinished(&self, source: io::Error) -> WholeFileError {
        WholeFileError::NotFinished {
            path: self.target.clone(),
            source,
        }
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if self.writer.take().is_some() {
            // Nothing more can be done about a file that does not go.
            let _ = fs::remove_file(&self.partial);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_name_only_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("log.ndjson");
        let mut file = WholeFile::begin(&target, false).unwrap();
        file.write(b"one\n").unwrap();
        assert!(!target.exists());
        assert!(WholeFile::begin(&target, false).is_err(), "two at once");
        drop(file);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

        let mut file = WholeFile::begin(&target, false).unwrap();
        file.write(b"one\ntwo\n").unwrap();
        assert_eq!(file.finish().unwrap(), 8);
        drop(file);
        assert_eq!(fs::read(&target).unwrap(), b"one\ntwo\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn another_file_is_written_over_only_if_that_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("log.ndjson");
        let mut late = WholeFile::begin(&target, false).unwrap();
        fs::write(&target, b"mine").unwrap();
        assert!(late.finish().is_err(), "it came there meanwhile");
        drop(late);
        assert!(WholeFile::begin(&target, false).is_err());
        assert_eq!(fs::read(&target).unwrap(), b"mine");
        let mut file = WholeFile::begin(&target, true).unwrap();
        file.finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"");
        assert!(WholeFile::begin(folder.path(), true).is_err(), "a folder");
    }
}
