//! Every command that the ledger takes, and which action each of them is in the eyes of the rules.

use crate::{
    access::Action,
    case::{
        AddDocument, AddNote, AddParty, ArchiveCase, BuildPackage, Case, CloseCase, FinishErasure,
        GiveConsent, OpenCase, RedactContent, RemoveParty, StartErasure, WithdrawConsent,
    },
    command::{Decided, Rejection, Setting},
    directory::{ActivateAccount, AdoptProfile, AssignRole, EndRole, RegisterOrganisation},
    ids::{AccountId, OrganisationId, ProfileId},
    standing::Asked,
};

/// A command about one case.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each variant is the command of its name")]
pub enum CaseCommand {
    /// The system whose rules the case will follow, and the command.
    Open(ProfileId, OpenCase),
    GiveConsent(GiveConsent),
    WithdrawConsent(WithdrawConsent),
    AddParty(AddParty),
    RemoveParty(RemoveParty),
    AddNote(AddNote),
    AddDocument(AddDocument),
    RedactContent(RedactContent),
    Close(CloseCase),
    BuildPackage(BuildPackage),
    Archive(ArchiveCase),
    StartErasure(StartErasure),
    FinishErasure(FinishErasure),
}

impl CaseCommand {
    /// What the rules call it.
    pub const fn action(&self) -> Action {
        match self {
            Self::Open(..) => Action::OpenCase,
            Self::GiveConsent(_) => Action::GiveConsent,
            Self::WithdrawConsent(_) => Action::WithdrawConsent,
            Self::AddParty(_) => Action::AddParty,
            Self::RemoveParty(_) => Action::RemoveParty,
            Self::AddNote(_) => Action::AddNote,
            Self::AddDocument(_) => Action::AddDocument,
            Self::RedactContent(_) => Action::RedactContent,
            Self::Close(_) => Action::CloseCase,
            Self::BuildPackage(_) => Action::BuildPackage,
            Self::Archive(_) => Action::ArchiveCase,
            Self::StartErasure(_) | Self::FinishErasure(_) => Action::EraseCase,
        }
    }

    /// The system of a case that does not exist yet.
    pub const fn opening(&self) -> Option<&ProfileId> {
        match self {
            Self::Open(profile, _) => Some(profile),
            _ => None,
        }
    }

    /// What it acts upon.
    pub(super) fn asked(&self) -> Asked<'_> {
        match self {
            Self::Open(_, command) => Asked {
                unit: Some(command.unit),
                ..Asked::default()
            },
            Self::GiveConsent(command) => Asked {
                party: Some(command.by),
                ..Asked::default()
            },
            Self::WithdrawConsent(command) => Asked {
                party: Some(command.by),
                ..Asked::default()
            },
            Self::AddParty(command) => Asked {
                account: command.account,
                role: Some(&command.role),
                ..Asked::default()
            },
            Self::RemoveParty(command) => Asked {
                party: Some(command.party),
                ..Asked::default()
            },
            Self::AddNote(command) => Asked {
                section: Some(command.section.clone()),
                ..Asked::default()
            },
            Self::AddDocument(command) => Asked {
                section: Some(command.section.clone()),
                ..Asked::default()
            },
            _ => Asked::default(),
        }
    }

    /// Accounts and organisations that must be known for it to make sense.
    pub(super) fn refers_to(&self) -> (Vec<AccountId>, Vec<OrganisationId>) {
        match self {
            Self::Open(_, command) => (Vec::new(), vec![command.unit]),
            Self::GiveConsent(command) => (Vec::new(), command.services.iter().copied().collect()),
            Self::AddParty(command) => (
                command.account.into_iter().collect(),
                command.service.into_iter().collect(),
            ),
            _ => (Vec::new(), Vec::new()),
        }
    }

    pub(super) fn decide(
        self,
        case: &Case,
        setting: &Setting<'_>,
    ) -> Result<Vec<Decided>, Rejection> {
        match self {
            Self::Open(_, command) => command.decide(case, setting),
            Self::GiveConsent(command) => command.decide(case, setting),
            Self::WithdrawConsent(command) => command.decide(case, setting),
            Self::AddParty(command) => command.decide(case, setting),
            Self::RemoveParty(command) => command.decide(case, setting),
            Self::AddNote(command) => command.decide(case, setting),
            Self::AddDocument(command) => command.decide(case, setting),
            Self::RedactContent(command) => command.decide(case, setting),
            Self::Close(command) => command.decide(case, setting),
            Self::BuildPackage(command) => command.decide(case, setting),
            Self::Archive(command) => command.decide(case, setting),
            Self::StartErasure(command) => command.decide(case, setting),
            Self::FinishErasure(command) => command.decide(case, setting),
        }
    }
}

/// A command about organisations, accounts or rules.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each variant is the command of its name")]
pub enum DirectoryCommand {
    RegisterOrganisation(RegisterOrganisation),
    ActivateAccount(ActivateAccount),
    AssignRole(AssignRole),
    EndRole(EndRole),
    AdoptProfile(AdoptProfile),
}

impl DirectoryCommand {
    /// What the rules call it.
    pub const fn action(&self) -> Action {
        match self {
            Self::RegisterOrganisation(_) => Action::RegisterOrganisation,
            Self::ActivateAccount(_) => Action::ActivateAccount,
            Self::AssignRole(_) => Action::AssignRole,
            Self::EndRole(_) => Action::EndRole,
            Self::AdoptProfile(_) => Action::AdoptProfile,
        }
    }

    /// What it acts upon.
    pub(super) fn asked(&self) -> Asked<'_> {
        match self {
            Self::AssignRole(command) => Asked {
                unit: command.unit,
                account: Some(command.account),
                role: Some(&command.role),
                ..Asked::default()
            },
            Self::EndRole(command) => Asked {
                unit: command.unit,
                account: Some(command.account),
                role: Some(&command.role),
                ..Asked::default()
            },
            Self::ActivateAccount(command) => Asked {
                account: Some(command.account),
                ..Asked::default()
            },
            Self::RegisterOrganisation(_) | Self::AdoptProfile(_) => Asked::default(),
        }
    }
}
