//! One case as its events have made it. Commands stand in the folder beside this file, one each.

mod accept_baton;
mod accept_invitation;
mod add_document;
mod add_note;
mod add_party;
mod add_service;
mod agree_to_closing;
mod archive_case;
mod assign_task;
mod begin_measure;
mod break_glass;
mod build_package;
mod cancel_meeting;
mod change_measure;
mod change_status;
mod clear_opening;
mod close_case;
mod closing;
mod conclude_sending;
mod confirm_guest;
mod confirm_receipt;
mod consent;
mod convey_password;
mod correct_entry;
mod decline_baton;
mod decline_consent;
mod destroy_working_copy;
mod earlier;
mod end_measure;
mod end_round;
mod erase_case;
mod evaluate_measure;
mod evolve;
mod give_consent;
mod handing_over;
mod hold_meeting;
mod import_case;
mod invalidate_consent;
mod invite_guest;
mod lift_hold;
mod make_agreement;
mod make_referral;
mod mend_glass;
mod move_meeting;
mod offer_baton;
mod open_case;
mod open_round;
mod people;
mod place_hold;
mod plan;
mod plan_measure;
mod plan_meeting;
mod prepare_transmission;
mod record_change;
mod record_coming_of_age;
mod record_information;
mod redact_content;
mod remove_party;
mod remove_service;
mod reopen_case;
mod rest_case;
mod resume_case;
mod revoke_invitation;
mod rounds;
mod safeguards;
mod send_transmission;
mod settle_agreement;
mod take_back_closing;
#[cfg(test)]
pub(crate) mod testing;
mod withdraw_consent;

use std::collections::{BTreeMap, BTreeSet};

pub use self::{
    accept_baton::AcceptBaton,
    accept_invitation::AcceptInvitation,
    add_document::AddDocument,
    add_note::AddNote,
    add_party::AddParty,
    add_service::AddService,
    agree_to_closing::AgreeToClosing,
    archive_case::ArchiveCase,
    assign_task::AssignTask,
    begin_measure::BeginMeasure,
    break_glass::BreakGlass,
    build_package::BuildPackage,
    cancel_meeting::CancelMeeting,
    change_measure::ChangeMeasure,
    change_status::ChangeStatus,
    clear_opening::ClearOpening,
    close_case::CloseCase,
    closing::MissingAgreement,
    conclude_sending::{ConcludeSending, SendingOutcome},
    confirm_guest::ConfirmGuest,
    confirm_receipt::ConfirmReceipt,
    consent::{Consent, Declined},
    convey_password::ConveyPassword,
    correct_entry::CorrectEntry,
    decline_baton::DeclineBaton,
    decline_consent::DeclineConsent,
    destroy_working_copy::DestroyWorkingCopy,
    earlier::Earlier,
    end_measure::EndMeasure,
    end_round::EndRound,
    erase_case::{FinishErasure, StartErasure},
    evaluate_measure::EvaluateMeasure,
    give_consent::GiveConsent,
    handing_over::{HandingOver, Information, Referral, Sending, Transmission},
    hold_meeting::HoldMeeting,
    import_case::{ImportCase, Imported, ImportedEntry},
    invalidate_consent::InvalidateConsent,
    invite_guest::InviteGuest,
    lift_hold::LiftHold,
    make_agreement::MakeAgreement,
    make_referral::MakeReferral,
    mend_glass::MendGlass,
    move_meeting::MoveMeeting,
    offer_baton::OfferBaton,
    open_case::{Beginning, OpenCase, normalised_national_id},
    open_round::OpenRound,
    people::{Handover, Party, ServiceTakingPart},
    place_hold::PlaceHold,
    plan::{AgreementWithFamily, Measure, Meeting, Plan},
    plan_measure::{MeasureDescription, PlanMeasure},
    plan_meeting::PlanMeeting,
    prepare_transmission::{NamedBody, PrepareTransmission, SealedBody},
    record_change::RecordChange,
    record_coming_of_age::RecordComingOfAge,
    record_information::RecordInformation,
    redact_content::RedactContent,
    remove_party::RemoveParty,
    remove_service::RemoveService,
    reopen_case::ReopenCase,
    rest_case::RestCase,
    resume_case::ResumeCase,
    revoke_invitation::RevokeInvitation,
    rounds::{Invitation, Round},
    safeguards::{BrokenGlass, LegalHold},
    send_transmission::SendTransmission,
    settle_agreement::SettleAgreement,
    take_back_closing::TakeBackClosing,
    withdraw_consent::WithdrawConsent,
};
use crate::{
    clock::Timestamp,
    events::PackageBuilt,
    ids::{
        AccountId, Code, ConsentId, Digest, DocumentId, EmergencyId, HandoverId, HoldId,
        InvitationId, NoteId, OrganisationId, PartyId, Position, ProfileId, RoundId,
    },
};

/// A note, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The event that added it; its content is the text.
    pub added: Position,
    /// Where it stands.
    pub section: Code,
}

/// A document, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The event that added it; its content is name and title.
    pub added: Position,
    /// Where it stands.
    pub section: Code,
    /// What kind of file.
    pub format: Code,
    /// Length of the body in bytes.
    pub size_bytes: u64,
    /// The commitment to the body.
    pub body_commitment: Digest,
    /// Whether its key was destroyed.
    pub redacted: bool,
}

/// How a case began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The event that opened it; its content says whom it is about.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// The system whose rules it follows.
    pub profile: ProfileId,
    /// The unit that is responsible.
    pub unit: OrganisationId,
    /// The event that made it responsible: the opening, or a handover to another unit (V13).
    pub unit_since: Position,
    /// What is asked for, where the profile knows several kinds of request (K1).
    pub kind: Option<Code>,
    /// The organisation at whose desk it is to be discussed (K2).
    pub submitted_to: Option<OrganisationId>,
}

/// That a case may be opened (V23).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clearance {
    /// The event that cleared it.
    pub position: Position,
    /// The system whose rules the case will follow.
    pub profile: ProfileId,
    /// The unit that will be responsible.
    pub unit: OrganisationId,
    /// Who may open it.
    pub account: AccountId,
}

/// A status and the event that set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentStatus {
    /// The profile's code.
    pub code: Code,
    /// The event that set it.
    pub since: Position,
    /// The one before it; none in a case that has just been opened.
    pub came_from: Option<Code>,
}

/// How far erasure has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Erasure {
    /// Not begun.
    #[default]
    None,
    /// Begun: everything is denied.
    Started(Position),
    /// Done.
    Done(Position),
}

/// What is so in a case after some of its events. The default is a case that was never opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Case {
    /// That it may be opened.
    pub clearance: Option<Clearance>,
    /// How it began.
    pub opened: Option<Opened>,
    /// From where it came, if it was recorded elsewhere.
    pub imported: Option<Imported>,
    /// Its status.
    pub status: Option<CurrentStatus>,
    /// Everyone who takes or took part.
    pub parties: BTreeMap<PartyId, Party>,
    /// Every service that takes or took part.
    pub services: BTreeMap<OrganisationId, ServiceTakingPart>,
    /// Every offer to take the baton.
    pub handovers: BTreeMap<HandoverId, Handover>,
    /// Every consent that was given.
    pub consents: BTreeMap<ConsentId, Consent>,
    /// What was said no to, the newest last.
    pub declined: Vec<Declined>,
    /// The events that ask for a new consent, because the situation has changed (V27).
    pub changes: Vec<(Position, Timestamp)>,
    /// What is planned and done.
    pub plan: Plan,
    /// What the family was told, and what was handed over about it.
    pub handing_over: HandingOver,
    /// Its notes.
    pub notes: BTreeMap<NoteId, Note>,
    /// Its documents.
    pub documents: BTreeMap<DocumentId, Document>,
    /// Its consultation rounds (K5).
    pub rounds: BTreeMap<RoundId, Round>,
    /// Every invitation to read along in one of them (K6).
    pub invitations: BTreeMap<InvitationId, Invitation>,
    /// What was corrected, and by which events, the newest last.
    pub corrections: BTreeMap<Position, Vec<Position>>,
    /// Its legal holds.
    pub holds: BTreeMap<HoldId, LegalHold>,
    /// Every time that somebody broke the glass.
    pub emergencies: BTreeMap<EmergencyId, BrokenGlass>,
    /// Events that have content, by position.
    pub with_content: BTreeSet<Position>,
    /// Events whose content was deleted.
    pub redacted: BTreeSet<Position>,
    /// The newest archive package: its event, and what it covers.
    pub package: Option<(Position, PackageBuilt)>,
    /// Who agrees that it is closed, for which reason, and by which event.
    pub closing: BTreeMap<(PartyId, Code), Position>,
    /// The event by which it was closed.
    pub closed: Option<Position>,
    /// The event by which it was reopened last.
    pub reopened: Option<Position>,
    /// The event by which it was archived.
    pub archived: Option<Position>,
    /// How far erasure has come.
    pub erasure: Erasure,
}

impl Case {
    /// The party as which this account takes part now.
    pub fn party_of(&self, account: AccountId) -> Option<(PartyId, &Party)> {
        self.current_parties()
            .find(|(_, party)| party.account() == Some(account))
    }

    /// A party that takes part now.
    pub fn current_party(&self, id: PartyId) -> Option<&Party> {
        self.parties
            .get(&id)
            .filter(|party| party.removed.is_none())
    }

    /// Whether a legal hold is in force.
    pub fn is_held(&self) -> bool {
        self.holds.values().any(|hold| hold.lifted.is_none())
    }

    /// Everyone who takes part now.
    pub fn current_parties(&self) -> impl Iterator<Item = (PartyId, &Party)> {
        self.parties
            .iter()
            .filter(|(_, party)| party.removed.is_none())
            .map(|(id, party)| (*id, party))
    }

    /// Events whose content should still be there.
    pub fn readable(&self) -> impl Iterator<Item = Position> + '_ {
        let erased = self.erasure != Erasure::None;
        self.with_content
            .difference(&self.redacted)
            .copied()
            .filter(move |_| !erased)
    }
}
