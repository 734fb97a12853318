//! Which files there are, and whether the manifests list them all as they are.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

use super::{
    super::{
        finding::{Findings, Problem},
        layout,
        lines::Cut,
        manifest::{self, Algorithm, ChecksumWriter, Checksums},
    },
    reading,
};

/// The files outside of the payload: these and no others.
fn tag_files() -> impl Iterator<Item = &'static str> {
    let fixed = [
        layout::BAGIT,
        layout::BAG_INFO,
        layout::PACKAGE_BUILT,
        layout::PACKAGE_PROOF,
    ];
    let manifests = Algorithm::ALL.map(Algorithm::manifest);
    let tag_manifests = Algorithm::ALL.map(Algorithm::tag_manifest);
    fixed.into_iter().chain(manifests).chain(tag_manifests)
}

/// What stands in the folder.
#[derive(Default)]
pub(super) struct FoundFiles {
    files: BTreeMap<String, Checksums>,
    folders: BTreeSet<String>,
}

impl FoundFiles {
    pub(super) fn get(&self, file: &str) -> Option<&Checksums> {
        self.files.get(file)
    }

    /// Compares with the payload files that there should be: none may be missing, and nothing may be added.
    pub(super) fn compare_with(&self, payload: &BTreeSet<String>, findings: &mut Findings) {
        let tags = tag_files().map(str::to_owned);
        let belongs: BTreeSet<String> = payload.iter().cloned().chain(tags).collect();
        for file in &belongs {
            if !self.files.contains_key(file) {
                findings.file(file.clone(), Problem::Missing);
            }
        }
        for file in self.files.keys() {
            if !belongs.contains(file) {
                findings.file(file.clone(), Problem::Unexpected);
            }
        }
        for folder in &self.folders {
            let needed = belongs.iter().any(|file| {
                file.strip_prefix(folder.as_str())
                    .is_some_and(|rest| rest.starts_with('/'))
            });
            if !needed {
                findings.file(folder.clone(), Problem::Unexpected);
            }
        }
    }
}

/// Reads every file of the bundle once, for its checksums.
pub(super) fn read(root: &Path, findings: &mut Findings) -> FoundFiles {
    let mut found = FoundFiles::default();
    walk(root, "", &mut found, findings);
    found
}

fn walk(root: &Path, folder: &str, found: &mut FoundFiles, findings: &mut Findings) {
    let entries = match fs::read_dir(root.join(folder)) {
        Ok(entries) => entries,
        Err(error) => return reading::unreadable(folder, &error, findings),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                reading::unreadable(folder, &error, findings);
                continue;
            }
        };
        let name = entry.file_name();
        let path = match folder {
            "" => name.to_string_lossy().into_owned(),
            folder => format!("{folder}/{}", name.to_string_lossy()),
        };
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) => {
                reading::unreadable(&path, &error, findings);
                continue;
            }
        };
        if name.to_str().is_none() || !(kind.is_dir() || kind.is_file()) {
            findings.file(path, Problem::NotAFile);
        } else if kind.is_dir() {
            found.folders.insert(path.clone());
            walk(root, &path, found, findings);
        } else {
            match checksums(&root.join(&path)) {
                Ok(checksums) => drop(found.files.insert(path, checksums)),
                Err(error) => reading::unreadable(&path, &error, findings),
            }
        }
    }
}

fn checksums(path: &Path) -> io::Result<Checksums> {
    let mut writer = ChecksumWriter::new(io::sink());
    io::copy(&mut fs::File::open(path)?, &mut writer)?;
    Ok(writer.finish().1)
}

/// Compares every file with every manifest that has to list it.
pub(super) fn check_manifests(root: &Path, found: &FoundFiles, findings: &mut Findings) {
    for algorithm in Algorithm::ALL {
        let payload = |file: &str| file.starts_with(layout::PAYLOAD);
        // A tag manifest lists everything that is not payload, the tag manifests apart (RFC 8493 §2.2.1).
        let tags = |file: &str| {
            !payload(file)
                && Algorithm::ALL
                    .iter()
                    .all(|other| other.tag_manifest() != file)
        };
        check_manifest(
            root,
            algorithm,
            algorithm.manifest(),
            payload,
            found,
            findings,
        );
        check_manifest(
            root,
            algorithm,
            algorithm.tag_manifest(),
            tags,
            found,
            findings,
        );
    }
}

fn check_manifest(
    root: &Path,
    algorithm: Algorithm,
    manifest: &'static str,
    belongs: impl Fn(&str) -> bool,
    found: &FoundFiles,
    findings: &mut Findings,
) {
    let Some(text) = reading::text(root, manifest, findings) else {
        return;
    };
    let (listed, faults) = manifest::decode(&text, algorithm);
    for (line, fault) in faults {
        findings.line(manifest, line, Problem::ManifestLine(fault));
    }
    for (file, checksum) in &listed {
        match found.files.get(file).filter(|_| belongs(file)) {
            None => findings.file(manifest, Problem::Lists(file.clone())),
            Some(checksums) if checksums.hex(algorithm) != *checksum => {
                findings.file(file.clone(), Problem::Checksum { manifest });
            }
            Some(_) => {}
        }
    }
    for file in found.files.keys() {
        if belongs(file) && !listed.contains_key(file) {
            findings.file(file.clone(), Problem::Unlisted { manifest });
        }
    }
}

/// Compares the bag's declaration and metadata with what it holds.
pub(super) fn check_info(root: &Path, found: &FoundFiles, cut: &Cut, findings: &mut Findings) {
    if let Some(text) = reading::text(root, layout::BAGIT, findings)
        && text != layout::BAGIT_TEXT
    {
        findings.file(layout::BAGIT, Problem::Malformed);
    }
    let Some(text) = reading::text(root, layout::BAG_INFO, findings) else {
        return;
    };
    let payload = || {
        found
            .files
            .iter()
            .filter(|(file, _)| file.starts_with(layout::PAYLOAD))
    };
    let bytes: u64 = payload().map(|(_, checksums)| checksums.bytes).sum();
    for (label, expected) in [
        ("Source-Organization", cut.tenant.to_string()),
        ("External-Identifier", cut.case.to_string()),
        ("Payload-Oxum", format!("{bytes}.{}", payload().count())),
    ] {
        let mut said = text.lines().filter_map(|line| {
            let (name, value) = line.split_once(": ")?;
            (name == label).then_some(value)
        });
        let found = said.next().unwrap_or("not there").to_owned();
        findings.compare(layout::BAG_INFO, label, &found, &expected);
        if said.next().is_some() {
            findings.file(layout::BAG_INFO, Problem::Malformed);
        }
    }
}
