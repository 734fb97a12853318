//! File a document whose body was sealed and stored before.

use super::{Case, add_note::is_taken};
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting},
    events::{DocumentAdded, DocumentAddedContent},
    ids::{Code, Digest, DocumentId, KeyId, StreamId},
    profile::Filed,
};

/// Adds a document. The body's chunks are in the store already, sealed under the document's own key.
#[derive(Debug, Clone)]
pub struct AddDocument {
    /// The id under which its body is stored.
    pub document: DocumentId,
    /// The section that it belongs to.
    pub section: Code,
    /// What kind of file.
    pub format: Code,
    /// Length of the body in bytes.
    pub size_bytes: u64,
    /// `SHA-256(salt ‖ body)`; the salt is sealed with the body.
    pub body_commitment: Digest,
    /// Its heading.
    pub title: String,
    /// The name of the file.
    pub file_name: String,
}

impl AddDocument {
    /// `document_added`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        is_taken(Filed::Documents, &self.section, setting)?;
        if case.documents.contains_key(&self.document) {
            return Err(Rejection::new(
                RejectionCode::AlreadyThere,
                "the document was added before",
            ));
        }
        let bytes_max = setting.profile.limits.document_bytes_max;
        if self.size_bytes > bytes_max {
            return Err(Rejection::new(
                RejectionCode::Invalid,
                format!(
                    "the document has {} bytes; the profile accepts {bytes_max}",
                    self.size_bytes
                ),
            ));
        }
        let facts = DocumentAdded {
            document: self.document,
            section: self.section,
            format: self.format,
            size_bytes: self.size_bytes,
            body_commitment: self.body_commitment,
        };
        let content = DocumentAddedContent {
            title: command::line("title", &self.title)?,
            file_name: command::line("fileName", &self.file_name)?,
        };
        Ok(vec![Decided::sealed(
            StreamId::Case(setting.case),
            facts,
            KeyId::Case(setting.case),
            &content,
        )])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{KVAM, code, content, document, filed, given, opened};

    fn report() -> AddDocument {
        AddDocument {
            document: document(),
            section: code("documents"),
            format: code("pdf"),
            size_bytes: 10,
            body_commitment: Digest([1; 32]),
            title: "Rapport".to_owned(),
            file_name: "rapport.pdf".to_owned(),
        }
    }

    #[test]
    fn a_document_is_committed_to_and_its_names_are_sealed() {
        let [added] = given([opened()]).when(report()).then([filed()]);
        let names: DocumentAddedContent = content(&added);
        assert_eq!(
            (&*names.title, &*names.file_name),
            ("Rapport", "rapport.pdf")
        );
    }

    #[test]
    fn a_document_is_filed_once() {
        given([opened(), filed()])
            .when(report())
            .rejected(RejectionCode::AlreadyThere);
    }

    #[test]
    fn its_section_must_be_one_that_takes_documents() {
        for section in ["gossip", "timeline", "basics", "notes"] {
            let report = AddDocument {
                section: code(section),
                ..report()
            };
            given([opened()])
                .when(report)
                .rejected(RejectionCode::NotInProfile)
                .naming(section);
        }
        let scan = AddDocument {
            section: code("consents"),
            ..report()
        };
        given([opened()]).when(scan).0.expect("it is filed");
    }

    #[test]
    fn it_has_a_title_and_a_file_name() {
        let nothing = String::new;
        let untitled = AddDocument {
            title: nothing(),
            ..report()
        };
        let unnamed = AddDocument {
            file_name: nothing(),
            ..report()
        };
        let outcome = |command| {
            given([opened()])
                .when(command)
                .rejected(RejectionCode::Invalid)
        };
        outcome(untitled).naming("title");
        outcome(unnamed).naming("fileName");
    }

    #[test]
    fn it_is_no_larger_than_the_profile_says() {
        let sized = |size_bytes| AddDocument {
            size_bytes,
            ..report()
        };
        let max = KVAM.profile().limits.document_bytes_max;
        given([opened()])
            .when(sized(max + 1))
            .rejected(RejectionCode::Invalid)
            .naming(&max.to_string());
        given([opened()]).when(sized(max)).0.expect("it fits");
    }
}
