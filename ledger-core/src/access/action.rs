//! The list of everything that can be asked for: one line an action.
//!
//! To add one: a line here and a line in `profiles/schema.cedarschema`. A test compares the two.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::ids::InvalidId;

/// What a group of actions has in common; in Cedar `Action::"read"` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActionGroup {
    /// Shows something of a case, its content included.
    Read,
    /// Changes a case.
    Write,
    /// Moves a case into the archive and out of the ledger.
    Archive,
    /// Organisations, accounts, roles, rule books; nothing of any case.
    Administer,
    /// Asks who saw and who could have seen: facts alone.
    Audit,
}

impl ActionGroup {
    /// The group's name in Cedar.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Archive => "archive",
            Self::Administer => "administer",
            Self::Audit => "audit",
        }
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $group:ident;)*) => {
        /// Something that can be asked for: a command or a way of reading.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Action {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl Action {
            /// Every action, in the order of this list.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable code, also the action's name in Cedar.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The group it belongs to.
            pub const fn group(self) -> ActionGroup {
                match self {
                    $(Self::$name => ActionGroup::$group,)*
                }
            }
        }
    };
}

actions! {
    /// Open a case; before it, the case does not exist.
    OpenCase = "open_case", Write;
    /// Give a consent.
    GiveConsent = "give_consent", Write;
    /// Withdraw a consent.
    WithdrawConsent = "withdraw_consent", Write;
    /// Let a person or a service take part in a case.
    AddParty = "add_party", Write;
    /// End someone's part in a case.
    RemoveParty = "remove_party", Write;
    /// Write a note.
    AddNote = "add_note", Write;
    /// Add a document.
    AddDocument = "add_document", Write;
    /// Destroy a misfiled text or document.
    RedactContent = "redact_content", Write;
    /// Close a case, with a reason.
    CloseCase = "close_case", Write;
    /// Hand a closed case over to the archive.
    ArchiveCase = "archive_case", Archive;
    /// Destroy the keys and contents of an archived case.
    EraseCase = "erase_case", Archive;
    /// Build the package that the archive receives.
    BuildPackage = "build_package", Archive;
    /// Take a case out as a bundle that can be verified offline.
    ExportCase = "export_case", Archive;
    /// Register an organisation.
    RegisterOrganisation = "register_organisation", Administer;
    /// Let a person sign in.
    ActivateAccount = "activate_account", Administer;
    /// Give an account a role.
    AssignRole = "assign_role", Administer;
    /// End an account's role.
    EndRole = "end_role", Administer;
    /// Put a rule book into force.
    AdoptProfile = "adopt_profile", Administer;
    /// See a case, or one section of it.
    ViewCase = "view_case", Read;
    /// See that a case exists, in a list.
    ListCase = "list_case", Read;
    /// Fetch a document's body.
    DownloadDocument = "download_document", Read;
    /// See what has happened in a case, event by event.
    ViewTimeline = "view_timeline", Read;
    /// Follow what happens in a case while it happens.
    WatchCase = "watch_case", Read;
    /// Search in a case's texts.
    SearchCase = "search_case", Read;
    /// Print a case.
    PrintCase = "print_case", Read;
    /// Ask who saw a case.
    AuditSaw = "audit_saw", Audit;
    /// Ask who could have seen a case.
    AuditCould = "audit_could", Audit;
    /// Ask on what a decision rested.
    AuditWhy = "audit_why", Audit;
}

impl Action {
    /// Whether it concerns one case; otherwise it concerns the ledger as a whole.
    pub const fn is_about_a_case(self) -> bool {
        !matches!(self.group(), ActionGroup::Administer)
    }

    /// Its place in [`Action::ALL`].
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Action {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::ALL
            .iter()
            .copied()
            .find(|action| action.code() == text)
            .ok_or_else(|| InvalidId {
                kind: "action",
                given: text.chars().take(60).collect(),
                expected: "the code of an action, for example view_case",
            })
    }
}
