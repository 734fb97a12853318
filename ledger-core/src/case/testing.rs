//! The language of the tests beside each command: `given([…]).when(command).then([…])`, or `.rejected(…)`.
//!
//! Every event given was recorded yesterday; the first has position 1, the second 2, and so on.

pub(crate) mod handing_over;
pub(crate) mod rounds;

use std::sync::{Arc, LazyLock};

use chrono::NaiveDate;
use serde::de::DeserializeOwned;

use super::{
    AcceptBaton, AcceptInvitation, AddDocument, AddNote, AddParty, AddService, AgreeToClosing,
    ArchiveCase, AssignTask, BeginMeasure, BreakGlass, BuildPackage, CancelMeeting, Case,
    ChangeMeasure, ClearOpening, CloseCase, ConcludeSending, ConfirmGuest, ConfirmReceipt,
    ConveyPassword, CorrectEntry, DeclineBaton, DeclineConsent, DestroyWorkingCopy, EndMeasure,
    EndRound, EvaluateMeasure, FinishErasure, GiveConsent, HoldMeeting, ImportCase,
    InvalidateConsent, InviteGuest, LiftHold, MakeAgreement, MakeReferral, MendGlass, MoveMeeting,
    OfferBaton, OpenCase, OpenRound, PlaceHold, PlanMeasure, PlanMeeting, PrepareTransmission,
    RecordChange, RecordComingOfAge, RecordInformation, RedactContent, RemoveParty, RemoveService,
    ReopenCase, RestCase, ResumeCase, RevokeInvitation, SendTransmission, SettleAgreement,
    StartErasure, TakeBackClosing, WithdrawConsent,
};
use crate::{
    access::{Action, RuleBook},
    clock::{Entropy, Timestamp},
    command::{Decided, Rejection, RejectionCode, Setting},
    directory::Account,
    event::{Actor, CorrelationId, UnplacedEnvelope, complete_envelope},
    events::{
        CaseClosed, CaseOpened, ConsentGiven, ConsentWithdrawn, DocumentAdded, Event, MeasureBegun,
        MeasureEnded, MeasurePlanned, NoteAdded, OpeningCleared, PackageBuilt, PartyAdded,
        PartyRemoved, StatusChanged,
    },
    ids::{
        AccountId, AgreementId, CaseId, Code, ConsentId, Digest, DocumentId, EmergencyId, EventId,
        HandoverId, HoldId, InvitationId, KeyId, MeasureId, MeetingId, NoteId, OrganisationId,
        PartyId, Position, ReferralId, RoundId, StreamId, TenantId, TransmissionId,
    },
    profile::{Profile, RuleBookText},
    store::{Recorded, StoredEvent},
};

/// The rule book of Kvam, as it comes with the program.
pub(crate) static KVAM: LazyLock<RuleBook> = LazyLock::new(|| kvam_with("", ""));

/// The same with a part of its `profile.toml` replaced.
pub(crate) fn kvam_with(part: &str, by: &str) -> RuleBook {
    let mut text = RuleBookText::built_in("stafettloggen-kvam").expect("it comes with the program");
    assert!(
        text.profile_toml.contains(part),
        "there is no {part:?} to replace"
    );
    text.profile_toml = text.profile_toml.replace(part, by);
    RuleBook::load(&text).unwrap_or_else(|error| panic!("{error}"))
}

/// Another rule book that comes with the program.
fn built_in(name: &str) -> Arc<RuleBook> {
    let text = RuleBookText::built_in(name).expect("it comes with the program");
    Arc::new(RuleBook::load(&text).unwrap_or_else(|error| panic!("{error}")))
}

/// Somebody who never signed in before.
static ASKER: LazyLock<Account> = LazyLock::new(Account::default);

/// Gives nothing but noughts, so that ids can be foretold.
pub(crate) struct Noughts;

impl Entropy for Noughts {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

/// The moment at which everything is decided.
pub(crate) fn now() -> Timestamp {
    at("2026-03-02T12:00:00Z")
}

/// When everything given was recorded.
pub(crate) fn yesterday() -> Timestamp {
    at("2026-03-01T12:00:00Z")
}

pub(crate) fn code(text: &str) -> Code {
    text.parse().expect("a code")
}

macro_rules! ids {
    ($($name:ident = $id:ident $number:literal;)*) => {$(
        pub(crate) fn $name() -> $id {
            $id::from_ulid(($number as u128).into())
        }
    )*};
}

ids! {
    case_id = CaseId 1;
    school = OrganisationId 11;
    health = OrganisationId 12;
    torunn = AccountId 21;
    nina = AccountId 22;
    marit = AccountId 23;
    mother = PartyId 31;
    father = PartyId 32;
    teacher = PartyId 33;
    nurse = PartyId 34;
    consent = ConsentId 41;
    other_consent = ConsentId 42;
    document = DocumentId 51;
    note = NoteId 61;
    welfare_centre = OrganisationId 13;
    kolbein = AccountId 24;
    leiv = AccountId 25;
    arne = AccountId 26;
    yngve = AccountId 27;
    young = PartyId 35;
    colleague = PartyId 36;
    measure = MeasureId 71;
    meeting = MeetingId 81;
    agreement = AgreementId 91;
    handover = HandoverId 101;
    hold = HoldId 111;
    emergency = EmergencyId 121;
    referral = ReferralId 131;
    transmission = TransmissionId 141;
    other_transmission = TransmissionId 142;
    round = RoundId 151;
    invitation = InvitationId 161;
}

/// The party, consent and note that a command makes.
pub(crate) fn new_party() -> PartyId {
    PartyId::generate(now(), &Noughts)
}

pub(crate) fn new_consent() -> ConsentId {
    ConsentId::generate(now(), &Noughts)
}

pub(crate) fn new_note() -> NoteId {
    NoteId::generate(now(), &Noughts)
}

pub(crate) fn opened() -> Event {
    CaseOpened {
        case: case_id(),
        profile: KVAM.profile().id.clone(),
        unit: school(),
        status: code("active"),
        kind: None,
        submitted_to: None,
    }
    .into()
}

/// Opened as the profile opens it: nothing has begun.
pub(crate) fn in_preparation() -> Event {
    CaseOpened {
        case: case_id(),
        profile: KVAM.profile().id.clone(),
        unit: school(),
        status: code("preparing"),
        kind: None,
        submitted_to: None,
    }
    .into()
}

/// Torunn may open the case.
pub(crate) fn opening_cleared() -> Event {
    OpeningCleared {
        case: case_id(),
        profile: KVAM.profile().id.clone(),
        unit: school(),
        account: torunn(),
    }
    .into()
}

/// The mother lets the health service in.
pub(crate) fn cooperates() -> Event {
    let_in(ConsentId::from_ulid(43_u128.into()), mother(), &[health()]).into()
}

/// The signed form of a consent.
pub(crate) fn signed_form() -> Event {
    DocumentAdded {
        document: document(),
        section: code("consents"),
        format: code("pdf"),
        size_bytes: 10,
        body_commitment: Digest([1; 32]),
    }
    .into()
}

/// A measure that the teacher sees to.
pub(crate) fn planned() -> Event {
    MeasurePlanned {
        measure: measure(),
        responsible: teacher(),
        evaluate_on: "2026-06-01".parse().expect("a date"),
        begins_on: None,
        ends_on: None,
    }
    .into()
}

pub(crate) fn begun() -> Event {
    MeasureBegun { measure: measure() }.into()
}

pub(crate) fn ended() -> Event {
    MeasureEnded {
        measure: measure(),
        effect: code("wished_for"),
    }
    .into()
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// A member of the family takes part.
pub(crate) fn takes_part(party: PartyId, role: &str) -> Event {
    PartyAdded {
        party,
        role: code(role),
        staff: None,
        service: None,
    }
    .into()
}

/// A member of staff takes part for a service.
pub(crate) fn works(
    party: PartyId,
    role: &str,
    staff: AccountId,
    service: OrganisationId,
) -> Event {
    PartyAdded {
        party,
        role: code(role),
        staff: Some(staff),
        service: Some(service),
    }
    .into()
}

pub(crate) fn removed(party: PartyId) -> Event {
    PartyRemoved { party }.into()
}

/// A consent to the log, without dates.
pub(crate) fn gave(consent: ConsentId, by: PartyId) -> ConsentGiven {
    ConsentGiven {
        consent,
        kind: code("establish_log"),
        by,
        form: code("digital"),
        scan: None,
        renews: None,
        services: Vec::new(),
        valid_from: None,
        valid_through: None,
    }
}

/// A consent to cooperation with these services.
pub(crate) fn let_in(consent: ConsentId, by: PartyId, services: &[OrganisationId]) -> ConsentGiven {
    ConsentGiven {
        kind: code("cooperation"),
        services: services.to_vec(),
        ..gave(consent, by)
    }
}

pub(crate) fn withdrew(consent: ConsentId, by: PartyId) -> Event {
    ConsentWithdrawn { consent, by }.into()
}

pub(crate) fn wrote() -> Event {
    NoteAdded {
        note: note(),
        section: code("notes"),
    }
    .into()
}

pub(crate) fn filed() -> Event {
    DocumentAdded {
        document: document(),
        section: code("documents"),
        format: code("pdf"),
        size_bytes: 10,
        body_commitment: Digest([1; 32]),
    }
    .into()
}

pub(crate) fn moved(from: &str, to: &str) -> Event {
    StatusChanged {
        from: code(from),
        to: code(to),
    }
    .into()
}

pub(crate) fn closed() -> [Event; 2] {
    let reason = code("thrives");
    [CaseClosed { reason }.into(), moved("active", "closed")]
}

pub(crate) fn packaged() -> Event {
    packaged_up_to(1)
}

pub(crate) fn packaged_up_to(cut: u64) -> Event {
    PackageBuilt {
        format: code("bundle"),
        manifest_sha256: Digest([6; 32]),
        cut: Position(cut),
        case_version: 1,
        views_version: 0,
    }
    .into()
}

/// An event as it is read back from the ledger.
pub(crate) fn recorded(position: u64, stream: &StreamId, event: &Event) -> Recorded {
    let tenant: TenantId = "kvam".parse().expect("a tenant");
    let bare = [
        "status_changed",
        "package_built",
        "erasure_started",
        "case_erased",
        "role_assigned",
        "role_ended",
        "opening_cleared",
        "baton_accepted",
        "measure_begun",
        "meeting_moved",
        "glass_mended",
        "transmission_prepared",
        "transmission_sent",
        "transmission_failed",
        "working_copy_destroyed",
        "round_ended",
        "guest_confirmed",
    ];
    let has_content = !bare.contains(&event.event_type());
    let unplaced = UnplacedEnvelope {
        tenant: &tenant,
        stream,
        event_id: EventId::from_ulid(u128::from(position).into()),
        event_type: event.event_type(),
        schema_version: event.schema_version(),
        occurred_at: None,
        actor: &Actor::Operator,
        case: None,
        purpose: None,
        basis: None,
        correlation_id: CorrelationId::generate(&crate::clock::SystemEntropy),
        facts: &event.to_facts(),
        content_commitment: has_content.then_some(Digest([7; 32])),
    };
    let stored = StoredEvent {
        position: Position(position),
        envelope: complete_envelope(&unplaced.encode(), position, yesterday()),
        salt: Digest([0; 32]),
        leaf_entry: Digest([0; 32]),
    };
    stored.decode().expect("what was encoded is decoded")
}

/// The state of a case after these events.
pub(crate) fn case_after(events: impl IntoIterator<Item = Event>) -> Case {
    let mut case = Case::default();
    for (position, event) in (1..).zip(events) {
        case.evolve(
            &recorded(position, &StreamId::Case(case_id()), &event),
            None,
        );
    }
    case
}

/// A case in which something has happened, decided upon by the rules of Kvam.
pub(crate) struct Given {
    case: Case,
    party: Option<PartyId>,
    asker: Option<Account>,
    rule_book: Option<Arc<RuleBook>>,
}

pub(crate) fn given(events: impl IntoIterator<Item = Event>) -> Given {
    Given {
        case: case_after(events),
        party: None,
        asker: None,
        rule_book: None,
    }
}

impl Given {
    /// Given by somebody who takes part as this party.
    pub(crate) fn by(self, party: PartyId) -> Self {
        Self {
            party: Some(party),
            ..self
        }
    }

    /// Given by somebody of whose account the ledger knows this.
    pub(crate) fn asked_by(self, account: Account) -> Self {
        Self {
            asker: Some(account),
            ..self
        }
    }

    /// Decided upon by other rules.
    pub(crate) fn by_the_rules_of(self, rule_book: impl Into<Arc<RuleBook>>) -> Self {
        Self {
            rule_book: Some(rule_book.into()),
            ..self
        }
    }

    fn profile(&self) -> &Profile {
        self.rule_book.as_deref().unwrap_or(&KVAM).profile()
    }

    /// Torunn gives the command, as the party that was named or as none.
    pub(crate) fn when(&self, command: impl Command) -> Outcome {
        let setting = Setting {
            case: case_id(),
            profile: self.profile(),
            now: now(),
            account: torunn(),
            asker: self.asker.as_ref().unwrap_or(&ASKER),
            party: self.party,
            entropy: &Noughts,
        };
        let action = command.action();
        let outcome = command
            .decide_on(&self.case, &setting)
            .map_err(|rejection| rejection.by_the_rules_of(setting.profile, action));
        for decided in outcome.iter().flatten() {
            // What happens in a case belongs to it, but for the account that an invitation activates.
            let (stream, sealed_by) = match &decided.event {
                Event::AccountActivated(facts) => (
                    StreamId::Account(facts.account),
                    KeyId::Account(facts.account),
                ),
                _ => (StreamId::Case(case_id()), KeyId::Case(case_id())),
            };
            assert_eq!(decided.stream, stream);
            let key = decided.content.as_ref().map(|(key, _)| *key);
            assert!(key.is_none_or(|key| key == sealed_by));
        }
        Outcome(outcome)
    }
}

/// Anything that is decided on a case.
pub(crate) trait Command {
    fn action(&self) -> Action;
    fn decide_on(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection>;
}

macro_rules! commands {
    ($($name:ident)*; $($part:ident of $whole:ident)*) => {
        $(commands!(@ $name $name);)*
        $(commands!(@ $part $whole);)*
    };
    (@ $name:ident $action:ident) => {
        impl Command for $name {
            fn action(&self) -> Action {
                Action::$action
            }

            fn decide_on(
                self,
                case: &Case,
                setting: &Setting<'_>,
            ) -> Result<Vec<Decided>, Rejection> {
                self.decide(case, setting)
            }
        }
    };
}

commands! {
    AcceptBaton AcceptInvitation AddDocument AddNote AddParty AddService ArchiveCase AssignTask BeginMeasure BreakGlass BuildPackage CancelMeeting ChangeMeasure ClearOpening CloseCase ConcludeSending ConfirmGuest ConfirmReceipt ConveyPassword CorrectEntry DeclineBaton DestroyWorkingCopy EndMeasure EndRound EvaluateMeasure GiveConsent HoldMeeting ImportCase InvalidateConsent InviteGuest LiftHold MakeAgreement MakeReferral MendGlass MoveMeeting OfferBaton OpenCase OpenRound PlaceHold PlanMeasure PlanMeeting PrepareTransmission RecordChange RecordComingOfAge RecordInformation RedactContent RemoveParty RemoveService ReopenCase RestCase ResumeCase RevokeInvitation SendTransmission SettleAgreement WithdrawConsent AgreeToClosing DeclineConsent TakeBackClosing;
    StartErasure of EraseCase
    FinishErasure of EraseCase
}

/// What a command has led to.
#[derive(Debug)]
pub(crate) struct Outcome(pub(crate) Result<Vec<Decided>, Rejection>);

impl Outcome {
    /// These events, and no others.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "reads like a sentence")]
    pub(crate) fn then<const N: usize>(self, expected: [Event; N]) -> [Decided; N] {
        let decided = self
            .0
            .unwrap_or_else(|rejection| panic!("rejected: {rejection}"));
        let events: Vec<&Event> = decided.iter().map(|decided| &decided.event).collect();
        assert_eq!(events, expected.iter().collect::<Vec<_>>());
        decided.try_into().expect("as many as were expected")
    }

    /// Nothing: it cannot be so.
    #[track_caller]
    pub(crate) fn rejected(self, code: RejectionCode) -> Rejected {
        match self.0 {
            Ok(decided) => panic!("{decided:?} was decided"),
            Err(rejection) => {
                assert_eq!(rejection.code, code, "{rejection}");
                Rejected(rejection)
            }
        }
    }
}

/// A command that was rejected as expected.
pub(crate) struct Rejected(Rejection);

impl Rejected {
    /// By a rule that this requirement asked for.
    #[track_caller]
    pub(crate) fn because(self, requirement: &str) -> Self {
        let named = self
            .0
            .requirement
            .map(|requirement| requirement.to_string());
        assert_eq!(named.as_deref(), Some(requirement), "{}", self.0);
        self
    }

    /// With a message that names this.
    #[track_caller]
    pub(crate) fn naming(self, part: &str) -> Self {
        assert!(
            self.0.message.contains(part),
            "{part:?} is missing: {}",
            self.0
        );
        self
    }
}

/// What is sealed with an event.
#[track_caller]
pub(crate) fn content<T: DeserializeOwned>(decided: &Decided) -> T {
    let (_, json) = decided.content.as_ref().expect("it has content");
    serde_json::from_slice(json).expect("it is of this type")
}
