//! What was done, in the terms that the standards of the field have in common: RFC 3881 and DICOM PS3.15 A.5, on which
//! FHIR's AuditEvent and NEN 7513 both rest.

use ledger_core::{
    events::Event,
    ids::{Code, StreamId},
    store::Recorded,
};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed<'a> {
    /// The case was opened.
    Create,
    /// Something of it was shown.
    Read,
    /// It stood in a list, or was found.
    Find,
    /// It was printed.
    Copy,
    /// Something left the ledger.
    Disclose,
    /// Something was entered or changed.
    Update,
    /// It was handed over to the archive.
    Archive,
    /// Something was destroyed.
    Destroy,
    /// The glass was broken.
    BreakGlass,
    /// It was mended.
    MendGlass,
    /// The log itself was asked.
    Audit,
    /// Somebody asked for this and was refused, so many times.
    Refuse(&'a Code, u64),
}

impl<'a> Deed<'a> {
    /// What an event says was done. A type that is not named here shows something if it stands among the views, and
    /// changes something if it stands in the case.
    pub(super) fn of(recorded: &'a Recorded) -> Self {
        match &recorded.event {
            Event::CaseOpened(_) => Self::Create,
            Event::CaseListed(_) | Event::CaseFound(_) => Self::Find,
            Event::CasePrinted(_) => Self::Copy,
            Event::CaseExported(_) | Event::LogExported(_) | Event::TransmissionSent(_) => {
                Self::Disclose
            }
            Event::CaseArchived(_) => Self::Archive,
            Event::ContentRedacted(_)
            | Event::WorkingCopyDestroyed(_)
            | Event::ErasureStarted(_)
            | Event::CaseErased(_) => Self::Destroy,
            Event::GlassBroken(_) => Self::BreakGlass,
            Event::GlassMended(_) => Self::MendGlass,
            Event::AuditAnswered(_) => Self::Audit,
            Event::AccessRefused(facts) => Self::Refuse(&facts.action, facts.count),
            _ if matches!(recorded.envelope.stream, StreamId::Views(_)) => Self::Read,
            _ => Self::Update,
        }
    }

    /// EventActionCode (RFC 3881 §5.1.2).
    pub(super) const fn action(self) -> &'static str {
        match self {
            Self::Create => "C",
            Self::Read | Self::Copy | Self::Disclose | Self::Audit => "R",
            Self::Update | Self::Archive => "U",
            Self::Destroy => "D",
            Self::Find | Self::BreakGlass | Self::MendGlass | Self::Refuse(..) => "E",
        }
    }

    /// ParticipantObjectDataLifeCycle (RFC 3881 §5.5.3).
    pub(super) const fn life_cycle(self) -> &'static str {
        match self {
            Self::Create => "1",
            Self::Update | Self::MendGlass => "3",
            Self::Read | Self::Find | Self::BreakGlass | Self::Audit | Self::Refuse(..) => "6",
            Self::Copy => "9",
            Self::Disclose => "11",
            Self::Archive => "13",
            Self::Destroy => "15",
        }
    }

    /// Whether it shows or gives out something, rather than changing it.
    pub(super) const fn receives(self) -> bool {
        !matches!(
            self,
            Self::Create | Self::Update | Self::Archive | Self::Destroy | Self::MendGlass
        )
    }
}
