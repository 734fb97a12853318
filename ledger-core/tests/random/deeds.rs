//! Every command about a log, with what luck leaves open settled against the state of the log.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, TimeDelta};
use ledger_core::{
    case::{
        AcceptBaton, AcceptInvitation, AddDocument, AddNote, AddParty, AddService, AgreeToClosing,
        ArchiveCase, AssignTask, BeginMeasure, Beginning, BreakGlass, BuildPackage, CancelMeeting,
        Case, ChangeMeasure, ChangeStatus, ClearOpening, CloseCase, ConcludeSending, ConfirmGuest,
        ConfirmReceipt, ConveyPassword, CorrectEntry, DeclineBaton, DeclineConsent,
        DestroyWorkingCopy, EndMeasure, EndRound, EvaluateMeasure, FinishErasure, GiveConsent,
        HoldMeeting, ImportCase, InvalidateConsent, InviteGuest, LiftHold, MakeAgreement,
        MakeReferral, MeasureDescription, MendGlass, MoveMeeting, NamedBody, OfferBaton, OpenCase,
        OpenRound, PlaceHold, PlanMeasure, PlanMeeting, PrepareTransmission, RecordChange,
        RecordComingOfAge, RecordInformation, RedactContent, RemoveParty, RemoveService,
        ReopenCase, RestCase, ResumeCase, RevokeInvitation, SealedBody, SendTransmission,
        SendingOutcome, SettleAgreement, StartErasure, TakeBackClosing, WithdrawConsent,
    },
    clock::Timestamp,
    ids::{
        AgreementId, ConsentId, Digest, DocumentId, EmergencyId, HandoverId, HoldId, ImportId,
        InvitationId, MeasureId, MeetingId, OrganisationId, PartyId, Position, ReferralId, RoundId,
        TransmissionId,
    },
    ledger::CaseCommand,
};
use ulid::Ulid;

use super::{
    chance::Luck,
    people::{Person, code, health, profile, school},
};

macro_rules! deeds {
    ($($name:ident)*) => {
        /// A command about a log, by its name. Has no rest: a new command is added here, or nothing compiles.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Deed { $($name),* }

        impl Deed {
            pub(crate) const ALL: &[Self] = &[$(Self::$name),*];

            pub(crate) fn of(command: &CaseCommand) -> Self {
                match command { $(CaseCommand::$name(..) => Self::$name),* }
            }

            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }
        }
    };
}

deeds! {
    ClearOpening Open Import GiveConsent WithdrawConsent DeclineConsent AddParty RemoveParty AddNote AddDocument AddService RemoveService
    AssignTask OfferBaton AcceptBaton DeclineBaton PlanMeasure BeginMeasure ChangeMeasure EvaluateMeasure EndMeasure
    PlanMeeting MoveMeeting HoldMeeting CancelMeeting MakeAgreement SettleAgreement RecordChange InvalidateConsent
    RecordComingOfAge CorrectEntry PlaceHold LiftHold BreakGlass MendGlass ChangeStatus OpenRound EndRound InviteGuest
    AcceptInvitation ConfirmGuest RevokeInvitation RedactContent Rest Resume Reopen AgreeToClosing TakeBackClosing Close
    RecordInformation MakeReferral PrepareTransmission SendTransmission ConcludeSending ConveyPassword ConfirmReceipt DestroyWorkingCopy
    BuildPackage Archive StartErasure FinishErasure
}

/// Against what a command is settled.
pub(crate) struct Scene<'a> {
    pub(crate) by: Person,
    pub(crate) case: &'a Case,
    pub(crate) now: Timestamp,
    /// How many events the ledger has.
    pub(crate) size: u64,
    pub(crate) luck: &'a Luck,
}

impl Deed {
    /// How often it is tried. What ends a log is seldom, or there would be nothing left to do.
    pub(crate) const fn weight(self) -> u32 {
        match self {
            Self::GiveConsent | Self::AddParty => 8,
            Self::OfferBaton | Self::AcceptBaton | Self::Resume | Self::Reopen => 6,
            Self::AddNote
            | Self::AddDocument
            | Self::PlanMeasure
            | Self::PlanMeeting
            | Self::MoveMeeting
            | Self::HoldMeeting
            | Self::AddService
            | Self::RemoveService => 5,
            Self::WithdrawConsent
            | Self::InvalidateConsent
            | Self::RemoveParty
            | Self::Rest
            | Self::BuildPackage
            | Self::FinishErasure => 2,
            Self::Close
            | Self::StartErasure
            // Kvam's rules know none of these.
            | Self::Import
            | Self::DeclineConsent
            | Self::AgreeToClosing
            | Self::TakeBackClosing
            | Self::ChangeStatus
            | Self::OpenRound
            | Self::EndRound
            | Self::InviteGuest
            | Self::AcceptInvitation
            | Self::ConfirmGuest
            | Self::RevokeInvitation
            | Self::RecordInformation
            | Self::MakeReferral
            | Self::PrepareTransmission
            | Self::SendTransmission
            | Self::ConcludeSending
            | Self::ConveyPassword
            | Self::ConfirmReceipt
            | Self::DestroyWorkingCopy => 1,
            _ => 3,
        }
    }

    /// Whether the rules let anybody do it.
    pub(crate) const fn is_permitted(self) -> bool {
        !matches!(
            self,
            Self::DeclineConsent
                | Self::Import
                | Self::AgreeToClosing
                | Self::TakeBackClosing
                | Self::ChangeStatus
                | Self::OpenRound
                | Self::EndRound
                | Self::InviteGuest
                | Self::AcceptInvitation
                | Self::ConfirmGuest
                | Self::RevokeInvitation
                | Self::RecordInformation
                | Self::MakeReferral
                | Self::PrepareTransmission
                | Self::SendTransmission
                | Self::ConcludeSending
                | Self::ConveyPassword
                | Self::ConfirmReceipt
                | Self::DestroyWorkingCopy
        )
    }

    /// Who may do it, if anybody.
    pub(crate) const fn entitled(self) -> &'static [Person] {
        use Person::{Archivist, Colleague, Father, Leader, Mother, Nurse, Teacher, Young};
        match self {
            Self::ClearOpening | Self::Reopen | Self::BreakGlass => &[Leader],
            Self::Open
            | Self::AddParty
            | Self::RemoveParty
            | Self::AddService
            | Self::RemoveService
            | Self::Close => &[Teacher, Teacher, Colleague],
            Self::GiveConsent => &[Mother, Father, Teacher, Mother, Father, Young],
            Self::DeclineConsent | Self::AgreeToClosing | Self::TakeBackClosing => {
                &[Mother, Father, Teacher]
            }
            Self::WithdrawConsent => &[Mother, Father, Young, Teacher],
            Self::AddNote
            | Self::AddDocument
            | Self::PlanMeasure
            | Self::ChangeMeasure
            | Self::EvaluateMeasure
            | Self::MakeAgreement
            | Self::SettleAgreement
            | Self::CorrectEntry => &[Teacher, Nurse, Mother, Colleague, Young],
            Self::AssignTask
            | Self::BeginMeasure
            | Self::EndMeasure
            | Self::PlanMeeting
            | Self::MoveMeeting
            | Self::HoldMeeting
            | Self::CancelMeeting
            | Self::RecordChange => &[Teacher, Teacher, Nurse, Colleague],
            Self::AcceptBaton | Self::DeclineBaton => &[Colleague, Nurse, Teacher],
            Self::InvalidateConsent => &[Leader, Mother, Young],
            Self::Rest | Self::Resume => &[Mother, Teacher, Young],
            Self::MendGlass => &[Leader, Mother, Teacher],
            // Of the first ones nobody may anything, by these rules.
            Self::Import
            | Self::ChangeStatus
            | Self::OpenRound
            | Self::EndRound
            | Self::InviteGuest
            | Self::AcceptInvitation
            | Self::ConfirmGuest
            | Self::RevokeInvitation
            | Self::RecordInformation
            | Self::MakeReferral
            | Self::PrepareTransmission
            | Self::SendTransmission
            | Self::ConcludeSending
            | Self::ConveyPassword
            | Self::ConfirmReceipt
            | Self::DestroyWorkingCopy
            | Self::OfferBaton
            | Self::RedactContent
            | Self::RecordComingOfAge => &[Teacher, Leader],
            Self::PlaceHold
            | Self::LiftHold
            | Self::BuildPackage
            | Self::Archive
            | Self::StartErasure
            | Self::FinishErasure => &[Archivist],
        }
    }

    /// The command, as its giver may well mean it.
    #[expect(clippy::too_many_lines, reason = "one arm a command")]
    pub(crate) fn command(self, scene: &Scene<'_>) -> CaseCommand {
        let Scene {
            by,
            case,
            now,
            size,
            luck,
        } = *scene;
        let words = || "Etter avtale".to_owned();
        match self {
            Self::ClearOpening => {
                let account = luck
                    .one_of(&[Person::Teacher, Person::Colleague, by])
                    .account();
                let unit = luck.one_of(&[school(), school(), school(), health()]);
                CaseCommand::ClearOpening(profile(), ClearOpening { unit, account })
            }
            Self::Open => CaseCommand::Open(
                profile(),
                OpenCase {
                    unit: case
                        .clearance
                        .as_ref()
                        .map_or(school(), |cleared| cleared.unit),
                    child_name: words(),
                    national_id: luck.one_of(&[Some(NATIONAL_ID.to_owned()), None]),
                    birth_date: None,
                    concern: words(),
                    opener_role: code(luck.one_of(&["baton_holder", "baton_holder", "guardian"])),
                    opener_name: words(),
                    begins: Beginning::default(),
                },
            ),
            Self::Import => CaseCommand::Import(
                profile(),
                ImportCase {
                    unit: school(),
                    import: ImportId::from_ulid(u128::from(size).into()),
                    log: Position(0),
                    trace: 1,
                    line: 1,
                    name: words(),
                    attributes: Vec::new(),
                    entries: Vec::new(),
                },
            ),
            Self::GiveConsent => CaseCommand::GiveConsent(scene.consent()),
            Self::WithdrawConsent => {
                let by = scene.own_party();
                let own = case.consents.iter().filter(|(_, given)| given.by == by);
                let consent = luck.pick(own.map(|(id, _)| *id), scene.consent_given());
                CaseCommand::WithdrawConsent(WithdrawConsent {
                    consent,
                    by,
                    reason: words(),
                    occurred_at: None,
                })
            }
            Self::DeclineConsent => CaseCommand::DeclineConsent(DeclineConsent {
                kind: code(luck.one_of(&["establish_log", "cooperation"])),
                by: scene.own_party(),
                services: luck.one_of(&[BTreeSet::new(), BTreeSet::from([health()])]),
                reason: words(),
            }),
            Self::AddParty => CaseCommand::AddParty(scene.joins()),
            Self::RemoveParty => CaseCommand::RemoveParty(RemoveParty {
                party: scene.party(),
                reason: words(),
                occurred_at: None,
            }),
            Self::AddNote => CaseCommand::AddNote(AddNote {
                section: code(luck.one_of(&["notes", "notes", "plan", "basics", "nowhere"])),
                title: words(),
                text: words(),
            }),
            Self::AddDocument => CaseCommand::AddDocument(AddDocument {
                document: DocumentId::from_ulid(u128::from(size).into()),
                section: code(luck.one_of(&["consents", "documents", "notes"])),
                format: code("pdf"),
                size_bytes: luck.one_of(&[10, 10, 10, u64::MAX >> 8]),
                body_commitment: Digest([1; 32]),
                title: words(),
                file_name: words(),
            }),
            Self::AddService => CaseCommand::AddService(AddService {
                service: luck.one_of(&[health(), school(), OrganisationId::from_ulid(Ulid::nil())]),
                task: words(),
            }),
            Self::RemoveService => {
                let there = case.services.keys().copied();
                CaseCommand::RemoveService(RemoveService {
                    service: luck.pick(there, health()),
                    reason: words(),
                })
            }
            Self::AssignTask => CaseCommand::AssignTask(AssignTask {
                party: scene.party(),
                task: words(),
            }),
            Self::OfferBaton => {
                let staff = case.current_parties();
                let staff = staff.filter(|(_, party)| {
                    party.staff.is_some() && party.role != code("baton_holder")
                });
                CaseCommand::OfferBaton(OfferBaton {
                    to: luck.pick(staff.map(|(id, _)| id), scene.party()),
                    message: words(),
                })
            }
            Self::AcceptBaton => {
                let handover = scene.handover();
                CaseCommand::AcceptBaton(AcceptBaton { handover })
            }
            Self::DeclineBaton => CaseCommand::DeclineBaton(DeclineBaton {
                handover: scene.handover(),
                reason: words(),
            }),
            Self::PlanMeasure => CaseCommand::PlanMeasure(PlanMeasure(scene.described())),
            Self::BeginMeasure => {
                let waiting = scene.measures(|measure| measure.begun.is_none());
                CaseCommand::BeginMeasure(BeginMeasure { measure: waiting })
            }
            Self::ChangeMeasure => CaseCommand::ChangeMeasure(ChangeMeasure {
                measure: scene.measures(|measure| measure.ended.is_none()),
                described: scene.described(),
            }),
            Self::EvaluateMeasure => CaseCommand::EvaluateMeasure(EvaluateMeasure {
                measure: scene.measures(|measure| measure.begun.is_some()),
                effect: code(luck.one_of(&["some", "wished_for", "none", "magic"])),
                evaluate_on: scene.day(30),
                assessment: words(),
            }),
            Self::EndMeasure => CaseCommand::EndMeasure(EndMeasure {
                measure: scene.measures(|measure| measure.begun.is_some()),
                effect: code(luck.one_of(&["wished_for", "some", "none"])),
                assessment: words(),
            }),
            Self::PlanMeeting => CaseCommand::PlanMeeting(PlanMeeting {
                at: scene.moment(),
                title: words(),
                place: words(),
                agenda: words(),
            }),
            Self::MoveMeeting => CaseCommand::MoveMeeting(MoveMeeting {
                meeting: scene.meeting(),
                at: scene.moment(),
            }),
            Self::HoldMeeting => CaseCommand::HoldMeeting(HoldMeeting {
                meeting: scene.meeting(),
                present: BTreeSet::from([scene.party(), scene.party()]),
                minutes: words(),
            }),
            Self::CancelMeeting => CaseCommand::CancelMeeting(CancelMeeting {
                meeting: scene.meeting(),
                reason: words(),
            }),
            Self::MakeAgreement => CaseCommand::MakeAgreement(MakeAgreement {
                meeting: luck.one_of(&[None, Some(scene.meeting())]),
                responsible: luck.one_of(&[None, Some(scene.party())]),
                due: luck.one_of(&[None, Some(scene.day(14))]),
                text: words(),
            }),
            Self::SettleAgreement => {
                let open = case.plan.agreements.iter();
                let open = open.filter(|(_, made)| made.settled.is_none());
                let nothing = AgreementId::from_ulid(Ulid::nil());
                CaseCommand::SettleAgreement(SettleAgreement {
                    agreement: luck.pick(open.map(|(id, _)| *id), nothing),
                    kept: luck.one_of(&[true, false]),
                    remark: words(),
                })
            }
            Self::RecordChange => {
                let description = words();
                CaseCommand::RecordChange(RecordChange { description })
            }
            Self::InvalidateConsent => CaseCommand::InvalidateConsent(InvalidateConsent {
                consent: scene.consent_given(),
                reason: words(),
            }),
            Self::RecordComingOfAge => {
                let young = case.current_parties();
                let young = young.filter(|(_, party)| party.role == code("young_person"));
                let years = luck.one_of(&[17_i64, 16, 15]);
                CaseCommand::RecordComingOfAge(RecordComingOfAge {
                    party: luck.pick(young.map(|(id, _)| id), scene.party()),
                    birth_date: (now - TimeDelta::days(years * 366)).date_naive(),
                })
            }
            Self::RecordInformation => CaseCommand::RecordInformation(RecordInformation {
                to: scene.party(),
                items: [code("purpose")].into(),
                about: None,
                told_at: None,
                remark: words(),
            }),
            Self::MakeReferral => CaseCommand::MakeReferral(MakeReferral {
                kind: code("psychosocial"),
                subtype: code("welfare"),
                receiver: None,
                remark: words(),
            }),
            Self::PrepareTransmission => {
                let body = || SealedBody {
                    document: DocumentId::from_ulid(Ulid::nil()),
                    size_bytes: 10,
                    commitment: Digest([1; 32]),
                };
                let named = || NamedBody {
                    body: body(),
                    title: words(),
                    file_name: words(),
                };
                CaseCommand::PrepareTransmission(PrepareTransmission {
                    transmission: TransmissionId::from_ulid(Ulid::nil()),
                    referral: ReferralId::from_ulid(Ulid::nil()),
                    about: [scene.party()].into(),
                    form: named(),
                    print: named(),
                    working_copy: body(),
                })
            }
            Self::SendTransmission => CaseCommand::SendTransmission(SendTransmission {
                transmission: TransmissionId::from_ulid(Ulid::nil()),
                agreement: AgreementId::from_ulid(Ulid::nil()),
                signed_by: (health(), 1),
                mailbox: words(),
                message_id: words(),
                again: false,
            }),
            Self::ConcludeSending => CaseCommand::ConcludeSending(ConcludeSending {
                transmission: TransmissionId::from_ulid(Ulid::nil()),
                sending: None,
                outcome: SendingOutcome::FoundSent,
            }),
            Self::ConveyPassword => CaseCommand::ConveyPassword(ConveyPassword {
                transmission: TransmissionId::from_ulid(Ulid::nil()),
                channel: code("sms"),
                remark: words(),
            }),
            Self::ConfirmReceipt => CaseCommand::ConfirmReceipt(ConfirmReceipt {
                transmission: TransmissionId::from_ulid(Ulid::nil()),
                remark: words(),
            }),
            Self::DestroyWorkingCopy => CaseCommand::DestroyWorkingCopy(DestroyWorkingCopy {
                transmission: TransmissionId::from_ulid(Ulid::nil()),
            }),
            Self::CorrectEntry => CaseCommand::CorrectEntry(CorrectEntry {
                target: scene.entry(),
                text: luck.one_of(&[words(), words(), String::new()]),
                reason: words(),
            }),
            Self::PlaceHold => CaseCommand::PlaceHold(PlaceHold {
                reason: code(luck.one_of(&["supervision", "supervision", "spite"])),
                reference: words(),
            }),
            Self::LiftHold => {
                let placed = case.holds.iter();
                let placed = placed.filter(|(_, hold)| hold.lifted.is_none());
                let nothing = HoldId::from_ulid(Ulid::nil());
                CaseCommand::LiftHold(LiftHold {
                    hold: luck.pick(placed.map(|(id, _)| *id), nothing),
                    reason: words(),
                })
            }
            Self::BreakGlass => CaseCommand::BreakGlass(BreakGlass {
                reason: luck.one_of(&[words(), words(), String::new()]),
                hours: luck.one_of(&[2, 24, 25]),
            }),
            Self::ChangeStatus => CaseCommand::ChangeStatus(ChangeStatus {
                to: code(luck.one_of(&["active", "passive"])),
                reason: luck.one_of(&[None, Some(words())]),
            }),
            Self::OpenRound => CaseCommand::OpenRound(OpenRound {
                topic: words(),
                ends_on: now.date_naive(),
            }),
            Self::EndRound => CaseCommand::EndRound(EndRound {
                round: RoundId::from_ulid(Ulid::nil()),
            }),
            Self::InviteGuest => CaseCommand::InviteGuest(InviteGuest {
                invitation: InvitationId::from_ulid(Ulid::nil()),
                round: RoundId::from_ulid(Ulid::nil()),
                email: "gjest@example.org".to_owned(),
                by_mail: true,
                role: None,
                expires_on: None,
                token_hash: Digest([3; 32]),
                token_digest: Digest([4; 32]),
            }),
            Self::AcceptInvitation => CaseCommand::AcceptInvitation(AcceptInvitation {
                invitation: InvitationId::from_ulid(Ulid::nil()),
                name: words(),
            }),
            Self::ConfirmGuest => CaseCommand::ConfirmGuest(ConfirmGuest {
                invitation: InvitationId::from_ulid(Ulid::nil()),
                name: words(),
            }),
            Self::RevokeInvitation => CaseCommand::RevokeInvitation(RevokeInvitation {
                invitation: InvitationId::from_ulid(Ulid::nil()),
                reason: words(),
            }),
            Self::MendGlass => {
                let broken = case.emergencies.keys().copied();
                let emergency = luck.pick(broken, EmergencyId::from_ulid(Ulid::nil()));
                CaseCommand::MendGlass(MendGlass { emergency })
            }
            Self::RedactContent => CaseCommand::RedactContent(RedactContent {
                positions: BTreeSet::from([scene.entry()]),
                documents: if luck.one_of(&[false, true]) {
                    case.documents.keys().copied().take(1).collect()
                } else {
                    BTreeSet::new()
                },
                reason_code: code(luck.one_of(&["wrong_case", "wrong_case", "ugly"])),
                reason: words(),
            }),
            Self::Rest => CaseCommand::Rest(RestCase { reason: words() }),
            Self::Resume => CaseCommand::Resume(ResumeCase { reason: words() }),
            Self::Reopen => CaseCommand::Reopen(ReopenCase { reason: words() }),
            Self::AgreeToClosing => CaseCommand::AgreeToClosing(AgreeToClosing {
                reason: code("thrives"),
                by: scene.own_party(),
            }),
            Self::TakeBackClosing => CaseCommand::TakeBackClosing(TakeBackClosing {
                reason: code("thrives"),
                by: scene.own_party(),
            }),
            Self::Close => CaseCommand::Close(CloseCase {
                reason: code(luck.one_of(&["thrives", "guardians_wish", "boredom"])),
                summary: words(),
            }),
            Self::BuildPackage => CaseCommand::BuildPackage(BuildPackage {
                format: code("bundle"),
                manifest_sha256: Digest([6; 32]),
                cut: luck.one_of(&[Position(size - 1), Position(size - 1), Position(1)]),
                case_version: 1,
                views_version: 0,
            }),
            Self::Archive => {
                let reference = words();
                CaseCommand::Archive(ArchiveCase { reference })
            }
            Self::StartErasure => CaseCommand::StartErasure(StartErasure {}),
            Self::FinishErasure => CaseCommand::FinishErasure(FinishErasure {
                keys: 1,
                contents: 1,
            }),
        }
    }
}

/// The child's number, the same in every log.
pub(crate) const NATIONAL_ID: &str = "01011212345";

impl Scene<'_> {
    fn day(&self, later: u64) -> NaiveDate {
        let later = self.luck.one_of(&[later, later * 12, 0]);
        self.now.date_naive() + Days::new(later)
    }

    fn moment(&self) -> Timestamp {
        let hours = self.luck.one_of(&[-1, 0, 30, 24 * 40]);
        self.now + TimeDelta::hours(hours)
    }

    fn party(&self) -> PartyId {
        let there = self.case.parties.keys().copied();
        self.luck.pick(there, PartyId::from_ulid(Ulid::nil()))
    }

    fn own_party(&self) -> PartyId {
        let own = self.case.party_of(self.by.account());
        self.luck.pick(own.map(|(id, _)| id), self.party())
    }

    fn consent_given(&self) -> ConsentId {
        let there = self.case.consents.keys().copied();
        self.luck.pick(there, ConsentId::from_ulid(Ulid::nil()))
    }

    fn handover(&self) -> HandoverId {
        let open = self.case.handovers.iter();
        let open = open.filter(|(_, offer)| offer.ended.is_none());
        let nothing = HandoverId::from_ulid(Ulid::nil());
        self.luck.pick(open.map(|(id, _)| *id), nothing)
    }

    fn measures(&self, which: impl Fn(&ledger_core::case::Measure) -> bool) -> MeasureId {
        let there = self.case.plan.measures.iter();
        let there = there.filter(|(_, measure)| which(measure));
        let nothing = MeasureId::from_ulid(Ulid::nil());
        self.luck.pick(there.map(|(id, _)| *id), nothing)
    }

    fn meeting(&self) -> MeetingId {
        let there = self.case.plan.meetings.keys().copied();
        self.luck.pick(there, MeetingId::from_ulid(Ulid::nil()))
    }

    /// Something with a text that is no part of the frame of the log, if there is any.
    fn entry(&self) -> Position {
        let there = self.case.readable();
        let notes: Vec<Position> = there.skip(4).collect();
        self.luck.pick(notes, Position(2))
    }

    fn described(&self) -> MeasureDescription {
        MeasureDescription {
            title: "Tiltak".to_owned(),
            description: "Etter avtale".to_owned(),
            development_area: "Språk".to_owned(),
            responsible: self.party(),
            evaluate_on: self.day(30),
            begins_on: None,
            ends_on: None,
        }
    }

    /// Whoever takes no part yet joins in the role that is theirs, or in some other one.
    fn joins(&self) -> AddParty {
        use Person::{Colleague, Father, Mother, Nurse, Young};
        let missing = [Mother, Father, Nurse, Colleague, Young];
        let missing = missing.into_iter();
        let missing = missing.filter(|person| self.case.party_of(person.account()).is_none());
        let person = self
            .luck
            .pick(missing, self.luck.one_of(&[self.by, Mother]));
        let (role, service) = person.part().unwrap_or(("parent", None));
        let other = ["parent", "baton_holder", "unit_leader", "professional"];
        let role = if self.luck.once_in(10) {
            self.luck.one_of(&other)
        } else {
            role
        };
        AddParty {
            role: code(role),
            account: Some(person.account()),
            service,
            name: format!("{person:?}"),
            task: None,
        }
    }

    fn consent(&self) -> GiveConsent {
        let by = if self
            .by
            .part()
            .is_some_and(|(role, _)| role == "professional")
        {
            self.luck.pick(
                self.case
                    .current_parties()
                    .filter(|(_, party)| party.staff.is_none())
                    .map(|(id, _)| id),
                self.party(),
            )
        } else {
            self.own_party()
        };
        // What they have not consented to yet comes first.
        let has = |kind: &str| {
            let mut given = self.case.consents.values();
            given.any(|consent| consent.by == by && consent.kind == code(kind) && consent.stands())
        };
        let kind = if has("establish_log") {
            "cooperation"
        } else {
            "establish_log"
        };
        let other = if kind == "cooperation" {
            "establish_log"
        } else {
            "cooperation"
        };
        let kind = self.luck.one_of(&[kind, kind, other]);
        let former = self.case.consents.iter().filter(|(_, consent)| {
            consent.by == by && consent.kind == code(kind) && consent.stands()
        });
        let former = former.map(|(id, _)| Some(*id)).chain([None]);
        let services = match (kind, self.luck.one_of(&[health(), health(), school()])) {
            ("cooperation", service) => BTreeSet::from([service]),
            _ => BTreeSet::new(),
        };
        let scans = self.case.documents.keys().copied();
        let scan = self.luck.pick(scans.map(Some), None);
        let digital = by == self.own_party();
        let today = self.now.date_naive();
        GiveConsent {
            kind: code(kind),
            by,
            form: code(if digital { "digital" } else { "paper" }),
            scan: scan.filter(|_| !digital),
            renews: self.luck.pick(former, None),
            services,
            valid_from: self
                .luck
                .one_of(&[None, None, None, Some(today + Days::new(5))]),
            valid_through: self.luck.one_of(&[
                None,
                Some(today + Days::new(20)),
                Some(today + Days::new(300)),
                Some(today),
                None,
                Some(today - Days::new(1)),
            ]),
            occurred_at: None,
            remark: String::new(),
        }
    }
}
