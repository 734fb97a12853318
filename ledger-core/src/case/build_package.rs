//! Commit to an archive package that was made.

use super::Case;
use crate::{
    command::{Decided, Rejection, RejectionCode, Setting},
    events::PackageBuilt,
    ids::{Code, Digest, Position, StreamId},
};

/// Commits to a package's manifest.
#[derive(Debug, Clone)]
pub struct BuildPackage {
    /// Which format.
    pub format: Code,
    /// SHA-256 of its `manifest-sha256.txt`.
    pub manifest_sha256: Digest,
    /// The last position that it covers.
    pub cut: Position,
    /// The last version of the case within the cut.
    pub case_version: u64,
    /// The last version of its views within the cut.
    pub views_version: u64,
}

impl BuildPackage {
    /// `package_built`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        if case.opened.is_none() {
            return Err(Rejection::new(
                RejectionCode::NotFound,
                "there is no such case",
            ));
        }
        let facts = PackageBuilt {
            format: self.format,
            manifest_sha256: self.manifest_sha256,
            cut: self.cut,
            case_version: self.case_version,
            views_version: self.views_version,
        };
        Ok(vec![Decided::bare(StreamId::Case(setting.case), facts)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{code, given, opened, packaged};

    fn package() -> BuildPackage {
        BuildPackage {
            format: code("bundle"),
            manifest_sha256: Digest([6; 32]),
            cut: Position(1),
            case_version: 1,
            views_version: 0,
        }
    }

    #[test]
    fn a_package_is_committed_to_by_its_manifest() {
        given([opened()]).when(package()).then([packaged()]);
    }

    #[test]
    fn there_is_no_package_of_a_case_that_was_never_opened() {
        given([]).when(package()).rejected(RejectionCode::NotFound);
    }
}
