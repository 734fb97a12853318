//! Every command that the ledger takes, and which action each of them is in the eyes of the rules.

use super::situation::Named;
use crate::{
    access::Action,
    case::{
        AcceptBaton, AcceptInvitation, AddDocument, AddNote, AddParty, AddService, AgreeToClosing,
        ArchiveCase, AssignTask, BeginMeasure, BreakGlass, BuildPackage, CancelMeeting, Case,
        ChangeMeasure, ChangeStatus, ClearOpening, CloseCase, ConcludeSending, ConfirmGuest,
        ConfirmReceipt, ConveyPassword, CorrectEntry, DeclineBaton, DeclineConsent,
        DestroyWorkingCopy, EndMeasure, EndRound, EvaluateMeasure, FinishErasure, GiveConsent,
        HoldMeeting, ImportCase, InvalidateConsent, InviteGuest, LiftHold, MakeAgreement,
        MakeReferral, MendGlass, MoveMeeting, OfferBaton, OpenCase, OpenRound, PlaceHold,
        PlanMeasure, PlanMeeting, PrepareTransmission, RecordChange, RecordComingOfAge,
        RecordInformation, RedactContent, RemoveParty, RemoveService, ReopenCase, RestCase,
        ResumeCase, RevokeInvitation, SendTransmission, SettleAgreement, StartErasure,
        TakeBackClosing, WithdrawConsent,
    },
    command::{Decided, Rejection, Setting},
    directory::{
        ActivateAccount, AddWebhook, AdoptProfile, AssignRole, DeactivateAccount, EndAgreement,
        EndRole, RegisterOrganisation, RemoveWebhook, SetContact, SetNotificationPreferences,
        SignAgreement,
    },
    ids::{AccountId, InvitationId, OrganisationId, Position, ProfileId, StreamId},
    standing::{Asked, AskedReferral},
};

/// A command about one case.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each variant is the command of its name")]
pub enum CaseCommand {
    /// The system whose rules the case will follow, and the command.
    ClearOpening(ProfileId, ClearOpening),
    /// The system whose rules the case will follow, and the command.
    Open(ProfileId, OpenCase),
    /// The system whose rules the case will follow, and the command.
    Import(ProfileId, ImportCase),
    GiveConsent(GiveConsent),
    WithdrawConsent(WithdrawConsent),
    AddParty(AddParty),
    RemoveParty(RemoveParty),
    AddNote(AddNote),
    AddDocument(AddDocument),
    AddService(AddService),
    RemoveService(RemoveService),
    AssignTask(AssignTask),
    OfferBaton(OfferBaton),
    AcceptBaton(AcceptBaton),
    DeclineBaton(DeclineBaton),
    PlanMeasure(PlanMeasure),
    BeginMeasure(BeginMeasure),
    ChangeMeasure(ChangeMeasure),
    EvaluateMeasure(EvaluateMeasure),
    EndMeasure(EndMeasure),
    PlanMeeting(PlanMeeting),
    MoveMeeting(MoveMeeting),
    HoldMeeting(HoldMeeting),
    CancelMeeting(CancelMeeting),
    MakeAgreement(MakeAgreement),
    SettleAgreement(SettleAgreement),
    RecordChange(RecordChange),
    DeclineConsent(DeclineConsent),
    InvalidateConsent(InvalidateConsent),
    RecordComingOfAge(RecordComingOfAge),
    RecordInformation(RecordInformation),
    MakeReferral(MakeReferral),
    PrepareTransmission(PrepareTransmission),
    SendTransmission(SendTransmission),
    ConcludeSending(ConcludeSending),
    ConveyPassword(ConveyPassword),
    ConfirmReceipt(ConfirmReceipt),
    DestroyWorkingCopy(DestroyWorkingCopy),
    CorrectEntry(CorrectEntry),
    PlaceHold(PlaceHold),
    LiftHold(LiftHold),
    BreakGlass(BreakGlass),
    MendGlass(MendGlass),
    RedactContent(RedactContent),
    Rest(RestCase),
    Resume(ResumeCase),
    Reopen(ReopenCase),
    ChangeStatus(ChangeStatus),
    OpenRound(OpenRound),
    EndRound(EndRound),
    InviteGuest(InviteGuest),
    AcceptInvitation(AcceptInvitation),
    ConfirmGuest(ConfirmGuest),
    RevokeInvitation(RevokeInvitation),
    AgreeToClosing(AgreeToClosing),
    TakeBackClosing(TakeBackClosing),
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
            Self::ClearOpening(..) => Action::ClearOpening,
            Self::Open(..) => Action::OpenCase,
            Self::Import(..) => Action::ImportCase,
            Self::GiveConsent(_) => Action::GiveConsent,
            Self::WithdrawConsent(_) => Action::WithdrawConsent,
            Self::AddParty(_) => Action::AddParty,
            Self::RemoveParty(_) => Action::RemoveParty,
            Self::AddNote(_) => Action::AddNote,
            Self::AddDocument(_) => Action::AddDocument,
            Self::AddService(_) => Action::AddService,
            Self::RemoveService(_) => Action::RemoveService,
            Self::AssignTask(_) => Action::AssignTask,
            Self::OfferBaton(_) => Action::OfferBaton,
            Self::AcceptBaton(_) => Action::AcceptBaton,
            Self::DeclineBaton(_) => Action::DeclineBaton,
            Self::PlanMeasure(_) => Action::PlanMeasure,
            Self::BeginMeasure(_) => Action::BeginMeasure,
            Self::ChangeMeasure(_) => Action::ChangeMeasure,
            Self::EvaluateMeasure(_) => Action::EvaluateMeasure,
            Self::EndMeasure(_) => Action::EndMeasure,
            Self::PlanMeeting(_) => Action::PlanMeeting,
            Self::MoveMeeting(_) => Action::MoveMeeting,
            Self::HoldMeeting(_) => Action::HoldMeeting,
            Self::CancelMeeting(_) => Action::CancelMeeting,
            Self::MakeAgreement(_) => Action::MakeAgreement,
            Self::SettleAgreement(_) => Action::SettleAgreement,
            Self::RecordChange(_) => Action::RecordChange,
            Self::DeclineConsent(_) => Action::DeclineConsent,
            Self::InvalidateConsent(_) => Action::InvalidateConsent,
            Self::RecordComingOfAge(_) => Action::RecordComingOfAge,
            Self::RecordInformation(_) => Action::RecordInformation,
            Self::MakeReferral(_) => Action::MakeReferral,
            Self::PrepareTransmission(_) => Action::PrepareTransmission,
            Self::SendTransmission(_) => Action::SendTransmission,
            Self::ConcludeSending(_) => Action::ConcludeSending,
            Self::ConveyPassword(_) => Action::ConveyPassword,
            Self::ConfirmReceipt(_) => Action::ConfirmReceipt,
            Self::DestroyWorkingCopy(_) => Action::DestroyWorkingCopy,
            Self::CorrectEntry(_) => Action::CorrectEntry,
            Self::PlaceHold(_) => Action::PlaceHold,
            Self::LiftHold(_) => Action::LiftHold,
            Self::BreakGlass(_) => Action::BreakGlass,
            Self::MendGlass(_) => Action::MendGlass,
            Self::RedactContent(_) => Action::RedactContent,
            Self::Rest(_) => Action::RestCase,
            Self::Resume(_) => Action::ResumeCase,
            Self::Reopen(_) => Action::ReopenCase,
            Self::ChangeStatus(_) => Action::ChangeStatus,
            Self::OpenRound(_) => Action::OpenRound,
            Self::EndRound(_) => Action::EndRound,
            Self::InviteGuest(_) => Action::InviteGuest,
            Self::AcceptInvitation(_) => Action::AcceptInvitation,
            Self::ConfirmGuest(_) => Action::ConfirmGuest,
            Self::RevokeInvitation(_) => Action::RevokeInvitation,
            Self::AgreeToClosing(_) => Action::AgreeToClosing,
            Self::TakeBackClosing(_) => Action::TakeBackClosing,
            Self::Close(_) => Action::CloseCase,
            Self::BuildPackage(_) => Action::BuildPackage,
            Self::Archive(_) => Action::ArchiveCase,
            Self::StartErasure(_) | Self::FinishErasure(_) => Action::EraseCase,
        }
    }

    /// What it says because the case does not, or not yet.
    pub(super) fn named(&self) -> Named<'_> {
        match self {
            Self::ClearOpening(profile, command) => Named {
                profile: Some(profile),
                unit: Some(command.unit),
                ..Named::default()
            },
            Self::Open(profile, command) => Named {
                profile: Some(profile),
                unit: Some(command.unit),
                receiver: command.begins.submitted_to,
                ..Named::default()
            },
            Self::Import(profile, command) => Named {
                profile: Some(profile),
                unit: Some(command.unit),
                ..Named::default()
            },
            Self::MakeReferral(command) => Named {
                receiver: command.receiver,
                ..Named::default()
            },
            Self::PrepareTransmission(command) => Named {
                referral: Some(command.referral),
                ..Named::default()
            },
            Self::SendTransmission(command) => Named {
                transmission: Some(command.transmission),
                ..Named::default()
            },
            _ => Named::default(),
        }
    }

    /// The system of a case that does not exist yet.
    pub const fn opening(&self) -> Option<&ProfileId> {
        match self {
            Self::ClearOpening(profile, _) | Self::Open(profile, _) | Self::Import(profile, _) => {
                Some(profile)
            }
            _ => None,
        }
    }

    /// What it acts upon, in a case as it stands.
    #[expect(clippy::too_many_lines, reason = "one arm a command")]
    pub(crate) fn asked(&self, case: &Case) -> Asked<'_> {
        let handover = |id| case.handovers.get(id);
        match self {
            Self::ClearOpening(_, command) => Asked {
                unit: Some(command.unit),
                account: Some(command.account),
                ..Asked::default()
            },
            Self::Open(_, command) => Asked {
                unit: Some(command.unit),
                receiver: command.begins.submitted_to,
                status: command.begins.status.clone(),
                ..Asked::default()
            },
            Self::Import(_, command) => Asked {
                unit: Some(command.unit),
                ..Asked::default()
            },
            Self::GiveConsent(command) => Asked {
                party: Some(command.by),
                form: Some(&command.form),
                ..Asked::default()
            },
            Self::AcceptBaton(command) => Asked {
                party: handover(&command.handover).map(|handover| handover.to),
                ..Asked::default()
            },
            Self::DeclineBaton(command) => Asked {
                party: handover(&command.handover).map(|handover| handover.to),
                ..Asked::default()
            },
            Self::MendGlass(command) => Asked {
                account: case
                    .emergencies
                    .get(&command.emergency)
                    .map(|broken| broken.account),
                ..Asked::default()
            },
            Self::WithdrawConsent(command) => Asked {
                party: Some(command.by),
                ..Asked::default()
            },
            Self::RecordInformation(command) => Asked {
                party: Some(command.to),
                ..Asked::default()
            },
            Self::MakeReferral(command) => Asked {
                receiver: command.receiver,
                referral: Some(AskedReferral {
                    kind: command.kind.clone(),
                    subtype: command.subtype.clone(),
                    made: None,
                }),
                ..Asked::default()
            },
            Self::PrepareTransmission(command) => case.asked_of_referral(command.referral),
            Self::SendTransmission(command) => case.asked_of_transmission(command.transmission),
            Self::ConcludeSending(command) => case.asked_of_transmission(command.transmission),
            Self::ConveyPassword(command) => case.asked_of_transmission(command.transmission),
            Self::ConfirmReceipt(command) => case.asked_of_transmission(command.transmission),
            Self::DestroyWorkingCopy(command) => case.asked_of_transmission(command.transmission),
            Self::DeclineConsent(command) => Asked {
                party: Some(command.by),
                ..Asked::default()
            },
            Self::AgreeToClosing(command) => Asked {
                party: Some(command.by),
                reason: Some(&command.reason),
                ..Asked::default()
            },
            Self::TakeBackClosing(command) => Asked {
                party: Some(command.by),
                reason: Some(&command.reason),
                ..Asked::default()
            },
            Self::Close(command) => Asked {
                reason: Some(&command.reason),
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
            Self::ChangeStatus(command) => Asked {
                status: Some(command.to.clone()),
                ..Asked::default()
            },
            Self::EndRound(command) => Asked {
                round: Some(command.round),
                ..Asked::default()
            },
            Self::InviteGuest(command) => Asked {
                round: Some(command.round),
                ..Asked::default()
            },
            Self::AcceptInvitation(command) => invitation_asked(case, &command.invitation),
            Self::ConfirmGuest(command) => invitation_asked(case, &command.invitation),
            Self::RevokeInvitation(command) => invitation_asked(case, &command.invitation),
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

    /// An event that it rests on beside those that the rules looked at: what the import says of its file.
    pub(super) const fn rests_on(&self) -> Option<Position> {
        match self {
            Self::Import(_, command) => Some(command.log),
            _ => None,
        }
    }

    /// A stream that it was made from, at a version that must still be the newest.
    pub(super) fn made_from(&self) -> Option<(StreamId, u64)> {
        let Self::SendTransmission(command) = self else {
            return None;
        };
        let (signer, version) = command.signed_by;
        Some((StreamId::Organisation(signer), version))
    }

    /// Accounts and organisations that must be known for it to make sense.
    pub(super) fn refers_to(&self) -> (Vec<AccountId>, Vec<OrganisationId>) {
        match self {
            Self::ClearOpening(_, command) => (vec![command.account], vec![command.unit]),
            Self::Open(_, command) => {
                let receiver = command.begins.submitted_to.into_iter();
                (Vec::new(), receiver.chain([command.unit]).collect())
            }
            Self::Import(_, command) => (Vec::new(), vec![command.unit]),
            Self::AddService(command) => (Vec::new(), vec![command.service]),
            Self::DeclineConsent(command) => {
                (Vec::new(), command.services.iter().copied().collect())
            }
            Self::GiveConsent(command) => (Vec::new(), command.services.iter().copied().collect()),
            Self::RecordInformation(command) => (Vec::new(), command.about.into_iter().collect()),
            Self::MakeReferral(command) => (Vec::new(), command.receiver.into_iter().collect()),
            Self::AddParty(command) => (
                command.account.into_iter().collect(),
                command.service.into_iter().collect(),
            ),
            _ => (Vec::new(), Vec::new()),
        }
    }

    pub(crate) fn decide(
        self,
        case: &Case,
        setting: &Setting<'_>,
    ) -> Result<Vec<Decided>, Rejection> {
        let action = self.action();
        let decided = self.decide_alone(case, setting);
        decided.map_err(|rejection| rejection.by_the_rules_of(setting.profile, action))
    }

    fn decide_alone(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        match self {
            Self::ClearOpening(_, command) => command.decide(case, setting),
            Self::Open(_, command) => command.decide(case, setting),
            Self::Import(_, command) => command.decide(case, setting),
            Self::GiveConsent(command) => command.decide(case, setting),
            Self::WithdrawConsent(command) => command.decide(case, setting),
            Self::AddParty(command) => command.decide(case, setting),
            Self::RemoveParty(command) => command.decide(case, setting),
            Self::AddNote(command) => command.decide(case, setting),
            Self::AddDocument(command) => command.decide(case, setting),
            Self::AddService(command) => command.decide(case, setting),
            Self::RemoveService(command) => command.decide(case, setting),
            Self::AssignTask(command) => command.decide(case, setting),
            Self::OfferBaton(command) => command.decide(case, setting),
            Self::AcceptBaton(command) => command.decide(case, setting),
            Self::DeclineBaton(command) => command.decide(case, setting),
            Self::PlanMeasure(command) => command.decide(case, setting),
            Self::BeginMeasure(command) => command.decide(case, setting),
            Self::ChangeMeasure(command) => command.decide(case, setting),
            Self::EvaluateMeasure(command) => command.decide(case, setting),
            Self::EndMeasure(command) => command.decide(case, setting),
            Self::PlanMeeting(command) => command.decide(case, setting),
            Self::MoveMeeting(command) => command.decide(case, setting),
            Self::HoldMeeting(command) => command.decide(case, setting),
            Self::CancelMeeting(command) => command.decide(case, setting),
            Self::MakeAgreement(command) => command.decide(case, setting),
            Self::SettleAgreement(command) => command.decide(case, setting),
            Self::RecordChange(command) => command.decide(case, setting),
            Self::DeclineConsent(command) => command.decide(case, setting),
            Self::InvalidateConsent(command) => command.decide(case, setting),
            Self::RecordComingOfAge(command) => command.decide(case, setting),
            Self::RecordInformation(command) => command.decide(case, setting),
            Self::MakeReferral(command) => command.decide(case, setting),
            Self::PrepareTransmission(command) => command.decide(case, setting),
            Self::SendTransmission(command) => command.decide(case, setting),
            Self::ConcludeSending(command) => command.decide(case, setting),
            Self::ConveyPassword(command) => command.decide(case, setting),
            Self::ConfirmReceipt(command) => command.decide(case, setting),
            Self::DestroyWorkingCopy(command) => command.decide(case, setting),
            Self::CorrectEntry(command) => command.decide(case, setting),
            Self::PlaceHold(command) => command.decide(case, setting),
            Self::LiftHold(command) => command.decide(case, setting),
            Self::BreakGlass(command) => command.decide(case, setting),
            Self::MendGlass(command) => command.decide(case, setting),
            Self::RedactContent(command) => command.decide(case, setting),
            Self::Rest(command) => command.decide(case, setting),
            Self::Resume(command) => command.decide(case, setting),
            Self::Reopen(command) => command.decide(case, setting),
            Self::ChangeStatus(command) => command.decide(case, setting),
            Self::OpenRound(command) => command.decide(case, setting),
            Self::EndRound(command) => command.decide(case, setting),
            Self::InviteGuest(command) => command.decide(case, setting),
            Self::AcceptInvitation(command) => command.decide(case, setting),
            Self::ConfirmGuest(command) => command.decide(case, setting),
            Self::RevokeInvitation(command) => command.decide(case, setting),
            Self::AgreeToClosing(command) => command.decide(case, setting),
            Self::TakeBackClosing(command) => command.decide(case, setting),
            Self::Close(command) => command.decide(case, setting),
            Self::BuildPackage(command) => command.decide(case, setting),
            Self::Archive(command) => command.decide(case, setting),
            Self::StartErasure(command) => command.decide(case, setting),
            Self::FinishErasure(command) => command.decide(case, setting),
        }
    }
}

/// The round of an invitation, and who made it.
fn invitation_asked<'a>(case: &Case, id: &InvitationId) -> Asked<'a> {
    let known = case.invitations.get(id);
    Asked {
        round: known.map(|invitation| invitation.round),
        account: known.and_then(|invitation| invitation.by),
        ..Asked::default()
    }
}

/// A command about organisations, accounts or rules.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each variant is the command of its name")]
pub enum DirectoryCommand {
    RegisterOrganisation(RegisterOrganisation),
    ActivateAccount(ActivateAccount),
    DeactivateAccount(DeactivateAccount),
    SignAgreement(SignAgreement),
    EndAgreement(EndAgreement),
    AssignRole(AssignRole),
    EndRole(EndRole),
    SetContact(SetContact),
    SetNotificationPreferences(SetNotificationPreferences),
    AddWebhook(AddWebhook),
    RemoveWebhook(RemoveWebhook),
    AdoptProfile(AdoptProfile),
}

impl DirectoryCommand {
    /// What the rules call it.
    pub const fn action(&self) -> Action {
        match self {
            Self::RegisterOrganisation(_) => Action::RegisterOrganisation,
            Self::ActivateAccount(_) => Action::ActivateAccount,
            Self::DeactivateAccount(_) => Action::DeactivateAccount,
            Self::SignAgreement(_) => Action::SignAgreement,
            Self::EndAgreement(_) => Action::EndAgreement,
            Self::AssignRole(_) => Action::AssignRole,
            Self::EndRole(_) => Action::EndRole,
            Self::SetContact(_) => Action::SetContact,
            Self::SetNotificationPreferences(_) => Action::SetNotificationPreferences,
            Self::AddWebhook(_) => Action::AddWebhook,
            Self::RemoveWebhook(_) => Action::RemoveWebhook,
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
                unit: command.organisation,
                account: Some(command.account),
                ..Asked::default()
            },
            Self::DeactivateAccount(command) => Asked {
                account: Some(command.account),
                ..Asked::default()
            },
            Self::SignAgreement(command) => Asked {
                unit: Some(command.organisation),
                ..Asked::default()
            },
            Self::EndAgreement(command) => Asked {
                unit: Some(command.organisation),
                ..Asked::default()
            },
            Self::SetContact(command) => Asked {
                account: Some(command.account),
                ..Asked::default()
            },
            Self::SetNotificationPreferences(command) => Asked {
                account: Some(command.account),
                ..Asked::default()
            },
            Self::RegisterOrganisation(_)
            | Self::AddWebhook(_)
            | Self::RemoveWebhook(_)
            | Self::AdoptProfile(_) => Asked::default(),
        }
    }
}
