//! A file that is there whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::anyhow;
use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    io::Errno,
};

use crate::cli::Failure;

/// Written beside its place, readable by its owner alone, and moved there when it is whole. Dropped before, it is taken
/// away again.
pub(super) struct WholeFile {
    target: PathBuf,
    partial: PathBuf,
    replaces: bool,
    bytes: u64,
    writer: Option<BufWriter<File>>,
}

impl WholeFile {
    /// Begins a file that may take the place of another only if `replaces`.
    pub(super) fn begin(target: &Path, replaces: bool) -> Result<Self, Failure> {
        let shown = target.display();
        let Some(name) = target.file_name().filter(|_| !target.is_dir()) else {
            return Err(Failure::usage(format!(
                "{shown} is not the name of a file; give one within a folder that exists"
            )));
        };
        if !replaces && fs::symlink_metadata(target).is_ok() {
            return Err(exists(target));
        }
        let mut partial_name = name.to_owned();
        partial_name.push(".partial");
        let partial = target.with_file_name(partial_name);
        let opened = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&partial);
        let file = opened.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Failure::usage(format!(
                "{} exists already: another export to the same place is under way, or one was killed; in that case \
                 remove the file",
                partial.display()
            )),
            _ => Failure::usage(format!("{} cannot be written: {error}", partial.display())),
        })?;
        Ok(Self {
            target: target.to_owned(),
            partial,
            replaces,
            bytes: 0,
            writer: Some(BufWriter::new(file)),
        })
    }

    /// Writes the next piece.
    pub(super) fn write(&mut self, piece: &[u8]) -> anyhow::Result<()> {
        self.bytes += piece.len() as u64;
        let written = match &mut self.writer {
            Some(writer) => writer.write_all(piece),
            None => Ok(()),
        };
        written.map_err(|error| self.unwritten(&error))
    }

    /// Makes it durable and gives it its name; how many bytes it has.
    pub(super) fn finish(&mut self) -> anyhow::Result<u64> {
        let whole = self.writer.as_mut().map_or(Ok(()), |writer| {
            writer.flush()?;
            writer.get_ref().sync_all()
        });
        whole.map_err(|error| self.unwritten(&error))?;
        let flags = if self.replaces {
            RenameFlags::empty()
        } else {
            RenameFlags::NOREPLACE
        };
        match renameat_with(CWD, &self.partial, CWD, &self.target, flags) {
            Ok(()) => {}
            Err(Errno::EXIST) => return Err(exists(&self.target).into()),
            Err(error) => return Err(self.unwritten(&io::Error::from(error))),
        }
        self.writer = None;
        Ok(self.bytes)
    }

    fn unwritten(&self, error: &io::Error) -> anyhow::Error {
        anyhow!("{} cannot be written: {error}", self.target.display())
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

fn exists(target: &Path) -> Failure {
    Failure::usage(format!(
        "{} exists already; choose another name, or give --force to write over it",
        target.display()
    ))
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
