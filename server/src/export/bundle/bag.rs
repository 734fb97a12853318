//! Writing a bag: into a folder beside its target, which takes its final name only once everything in it is durable.

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use super::{
    error::BundleError,
    layout,
    manifest::{self, Algorithm, ChecksumWriter, Checksums},
};

/// A bag that is being written. Dropped before [`BagWriter::finish`], it leaves nothing behind.
pub(super) struct BagWriter {
    target: PathBuf,
    partial: PathBuf,
    payload: BTreeMap<String, Checksums>,
    tags: BTreeMap<String, Checksums>,
    finished: bool,
}

impl BagWriter {
    /// Makes the folder `<target>.partial`, which only its owner can read.
    pub(super) fn begin(target: &Path) -> Result<Self, BundleError> {
        let name = target
            .file_name()
            .ok_or_else(|| BundleError::Target(target.to_owned()))?;
        refuse_existing(target)?;
        let mut partial = name.to_owned();
        partial.push(".partial");
        let partial = target.with_file_name(partial);
        match DirBuilder::new().mode(0o700).create(&partial) {
            Ok(()) => Ok(Self {
                target: target.to_owned(),
                partial,
                payload: BTreeMap::new(),
                tags: BTreeMap::new(),
                finished: false,
            }),
            Err(error) => Err(match error.kind() {
                io::ErrorKind::AlreadyExists => BundleError::PartialExists(partial),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                    BundleError::Target(target.to_owned())
                }
                _ => BundleError::io(&partial, "made")(error),
            }),
        }
    }

    /// Where the bag stands until it is finished.
    pub(super) fn folder(&self) -> &Path {
        &self.partial
    }

    /// Adds a file whose text or body is in memory.
    pub(super) fn add(&mut self, file: &str, bytes: &[u8]) -> Result<(), BundleError> {
        self.add_written(file, |out| Ok(out.write_all(bytes)?))
    }

    /// Adds a file that `write` writes piece by piece, and makes it durable.
    pub(super) fn add_written(
        &mut self,
        file: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<(), LineError>,
    ) -> Result<(), BundleError> {
        let path = self.partial.join(file);
        let written = || BundleError::io(&path, "written");
        if let Some(folder) = path.parent() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(BundleError::io(folder, "made"))?;
        }
        let out = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(written())?;
        let mut out = ChecksumWriter::new(BufWriter::new(out));
        write(&mut out).map_err(|error| match error {
            LineError::Io(error) => written()(error),
            LineError::Json(error) => BundleError::NotJson(error),
        })?;
        let (out, checksums) = out.finish();
        let out = out
            .into_inner()
            .map_err(|error| written()(error.into_error()))?;
        out.sync_all().map_err(written())?;
        let files = if file.starts_with(layout::PAYLOAD) {
            &mut self.payload
        } else {
            &mut self.tags
        };
        files.insert(file.to_owned(), checksums);
        Ok(())
    }

    /// Bytes and files of the payload so far, as `Payload-Oxum` gives them (RFC 8493 §2.2.2).
    pub(super) fn payload_oxum(&self) -> String {
        let bytes: u64 = self.payload.values().map(|checksums| checksums.bytes).sum();
        format!("{bytes}.{}", self.payload.len())
    }

    /// Writes the manifests of the payload, to which no file may be added from here on. Gives the checksums of
    /// `manifest-sha256.txt`, to which the ledger commits.
    pub(super) fn close_payload(&mut self) -> Result<Checksums, BundleError> {
        for algorithm in Algorithm::ALL {
            let text = manifest::encode(&self.payload, algorithm);
            self.add(algorithm.manifest(), text.as_bytes())?;
        }
        let committed = self.tags.get(Algorithm::Sha256.manifest());
        Ok(committed.expect("it was added just now").clone())
    }

    /// Writes the tag manifests. Only [`BagWriter::finish`] is left.
    pub(super) fn close_tags(&mut self) -> Result<(), BundleError> {
        let texts =
            Algorithm::ALL.map(|algorithm| (algorithm, manifest::encode(&self.tags, algorithm)));
        for (algorithm, text) in texts {
            self.add(algorithm.tag_manifest(), text.as_bytes())?;
        }
        Ok(())
    }

    /// Makes the folders durable and gives the bag its name.
    pub(super) fn finish(mut self) -> Result<PathBuf, BundleError> {
        sync_folders(&self.partial)?;
        // On Linux a rename would replace an empty folder, which loses nothing; anything else makes it fail.
        refuse_existing(&self.target)?;
        fs::rename(&self.partial, &self.target)
            .map_err(BundleError::io(&self.target, "given its name"))?;
        self.finished = true;
        let parent = match self.target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        sync_folder(parent)?;
        Ok(self.target.clone())
    }
}

impl Drop for BagWriter {
    fn drop(&mut self) {
        if !self.finished
            && let Err(error) = fs::remove_dir_all(&self.partial)
        {
            tracing::error!(%error, folder = %self.partial.display(), "an unfinished bundle could not be removed; remove it by hand");
        }
    }
}

/// Why a file's lines could not be written.
pub(super) enum LineError {
    Io(io::Error),
    Json(serde_json::Error),
}

impl From<io::Error> for LineError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<serde_json::Error> for LineError {
    fn from(error: serde_json::Error) -> Self {
        // An error of the file below comes wrapped.
        if error.is_io() {
            Self::Io(error.into())
        } else {
            Self::Json(error)
        }
    }
}

fn refuse_existing(target: &Path) -> Result<(), BundleError> {
    // A dangling link is there too.
    match fs::symlink_metadata(target) {
        Ok(_) => Err(BundleError::TargetExists(target.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Err(BundleError::Target(target.to_owned()))
        }
        Err(error) => Err(BundleError::io(target, "looked at")(error)),
    }
}

fn sync_folders(folder: &Path) -> Result<(), BundleError> {
    let read = || BundleError::io(folder, "read");
    for entry in fs::read_dir(folder).map_err(read())? {
        let entry = entry.map_err(read())?;
        if entry.file_type().map_err(read())?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    sync_folder(folder)
}

fn sync_folder(folder: &Path) -> Result<(), BundleError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(BundleError::io(folder, "made durable"))
}
