//! Every command in every state of a log has a defined answer: an event, or a refusal that names its requirement.
//!
//! The answers stand in `docs/state-command-table.md`. After a change of the rules it is written anew by
//!
//! ```text
//! CASELEDGER_WRITE_TABLE=1 cargo test --workspace --lib the_committed_table
//! ```

use std::{fmt::Write as _, fs, sync::LazyLock};

use super::{
    people_of_the_table::{Person, case_with_family},
    states::{CHANCE, colleague, states, the_note},
};
use crate::{
    access::{Action, ActionGroup},
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
        testing::{
            KVAM, agreement, case_id, code, consent, document, emergency, father, handover, health,
            hold, measure, meeting, mother, now, nurse, referral, school, teacher, torunn,
            transmission, young,
        },
    },
    command::Setting,
    directory::{Account, Organisations},
    events::Event,
    ids::{Digest, DocumentId, ImportId, InvitationId, OrganisationId, Position, RoundId},
    ledger::{CaseCommand, situation},
};

const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../docs/state-command-table.md"
);

const HEADING: &str = "\
# Every command in every state

What each command leads to in each state of a log, by the rules of Stafettloggen as Kvam herad uses it: the events that
are appended, or the requirement that refuses it. *Refused* is said by a rule of `access.cedar`, which is named;
*rejected* by the state of the log. Each command is given by the person who is best entitled to it.

A test makes this table and compares it (`ledger-core/src/ledger/tests/state_command_table.rs`).
";

/// The commands of an action, as somebody would give them who does everything right; none for what is no command.
/// Has no `_` arm, so that a new command is not forgotten here.
#[expect(clippy::too_many_lines, reason = "one arm a command")]
fn commands(action: Action) -> Vec<(Person, CaseCommand)> {
    use Person::{Archivist, BatonHolder, Colleague, Guardian, Leader, Young};
    let profile = || KVAM.profile().id.clone();
    let some = || "Etter avtale".to_owned();
    let day = |text: &str| text.parse().expect("a date");
    let described = || MeasureDescription {
        title: some(),
        description: some(),
        development_area: some(),
        responsible: teacher(),
        evaluate_on: day("2026-06-01"),
        begins_on: None,
        ends_on: None,
    };
    let (person, command) = match action {
        Action::ClearOpening => {
            let (unit, account) = (school(), torunn());
            let command = ClearOpening { unit, account };
            (Leader, CaseCommand::ClearOpening(profile(), command))
        }
        Action::OpenCase => {
            let command = OpenCase {
                unit: school(),
                child_name: some(),
                national_id: None,
                birth_date: None,
                concern: some(),
                opener_role: code("baton_holder"),
                opener_name: some(),
                begins: Beginning::default(),
            };
            (BatonHolder, CaseCommand::Open(profile(), command))
        }
        Action::ImportCase => {
            let command = ImportCase {
                unit: school(),
                import: ImportId::from_ulid(151_u128.into()),
                log: Position(0),
                trace: 1,
                line: 1,
                name: some(),
                attributes: Vec::new(),
                entries: Vec::new(),
            };
            (Leader, CaseCommand::Import(profile(), command))
        }
        Action::GiveConsent => {
            let gives = |by| GiveConsent {
                kind: code("establish_log"),
                by,
                form: code("digital"),
                scan: None,
                renews: None,
                services: [].into(),
                valid_from: None,
                valid_through: None,
                occurred_at: None,
                remark: String::new(),
            };
            return vec![
                (Guardian, CaseCommand::GiveConsent(gives(mother()))),
                (Young, CaseCommand::GiveConsent(gives(young()))),
            ];
        }
        Action::WithdrawConsent => {
            let takes_back = |by| WithdrawConsent {
                consent: consent(),
                by,
                reason: String::new(),
                occurred_at: None,
            };
            return vec![
                (Guardian, CaseCommand::WithdrawConsent(takes_back(mother()))),
                (Young, CaseCommand::WithdrawConsent(takes_back(young()))),
            ];
        }
        Action::DeclineConsent => {
            let command = DeclineConsent {
                kind: code("establish_log"),
                by: mother(),
                services: std::collections::BTreeSet::new(),
                reason: String::new(),
            };
            (Guardian, CaseCommand::DeclineConsent(command))
        }
        Action::InvalidateConsent => {
            let (consent, reason) = (consent(), some());
            let command = InvalidateConsent { consent, reason };
            (Leader, CaseCommand::InvalidateConsent(command))
        }
        Action::RecordComingOfAge => {
            let command = RecordComingOfAge {
                party: young(),
                birth_date: day("2010-03-02"),
            };
            (BatonHolder, CaseCommand::RecordComingOfAge(command))
        }
        Action::AddParty => {
            let command = AddParty {
                role: code("guardian"),
                account: None,
                service: None,
                name: some(),
                task: None,
            };
            (BatonHolder, CaseCommand::AddParty(command))
        }
        Action::RemoveParty => {
            let (party, reason) = (nurse(), some());
            let command = RemoveParty {
                party,
                reason,
                occurred_at: None,
            };
            (BatonHolder, CaseCommand::RemoveParty(command))
        }
        Action::AddNote => {
            let command = AddNote {
                section: code("notes"),
                title: some(),
                text: some(),
            };
            (BatonHolder, CaseCommand::AddNote(command))
        }
        Action::AddDocument => {
            let files = |section| AddDocument {
                document: DocumentId::from_ulid(99_u128.into()),
                section: code(section),
                format: code("pdf"),
                size_bytes: 10,
                body_commitment: Digest([1; 32]),
                title: some(),
                file_name: some(),
            };
            return ["documents", "consents"]
                .map(|section| (BatonHolder, CaseCommand::AddDocument(files(section))))
                .into();
        }
        Action::AddService => {
            let service = OrganisationId::from_ulid(99_u128.into());
            let command = AddService {
                service,
                task: some(),
            };
            (BatonHolder, CaseCommand::AddService(command))
        }
        Action::RemoveService => {
            let (service, reason) = (health(), some());
            let command = RemoveService { service, reason };
            (BatonHolder, CaseCommand::RemoveService(command))
        }
        Action::AssignTask => {
            let (party, task) = (nurse(), some());
            let command = AssignTask { party, task };
            (BatonHolder, CaseCommand::AssignTask(command))
        }
        Action::OfferBaton => {
            let command = OfferBaton {
                to: colleague(),
                message: some(),
            };
            (BatonHolder, CaseCommand::OfferBaton(command))
        }
        Action::AcceptBaton => {
            let handover = handover();
            let command = AcceptBaton { handover };
            (Colleague, CaseCommand::AcceptBaton(command))
        }
        Action::DeclineBaton => {
            let (handover, reason) = (handover(), some());
            let command = DeclineBaton { handover, reason };
            (Colleague, CaseCommand::DeclineBaton(command))
        }
        Action::PlanMeasure => {
            let command = PlanMeasure(described());
            (BatonHolder, CaseCommand::PlanMeasure(command))
        }
        Action::BeginMeasure => {
            let measure = measure();
            let command = BeginMeasure { measure };
            (BatonHolder, CaseCommand::BeginMeasure(command))
        }
        Action::ChangeMeasure => {
            let (measure, described) = (measure(), described());
            let command = ChangeMeasure { measure, described };
            (BatonHolder, CaseCommand::ChangeMeasure(command))
        }
        Action::EvaluateMeasure => {
            let command = EvaluateMeasure {
                measure: measure(),
                effect: code("some"),
                evaluate_on: day("2026-06-01"),
                assessment: some(),
            };
            (BatonHolder, CaseCommand::EvaluateMeasure(command))
        }
        Action::EndMeasure => {
            let command = EndMeasure {
                measure: measure(),
                effect: code("wished_for"),
                assessment: some(),
            };
            (BatonHolder, CaseCommand::EndMeasure(command))
        }
        Action::PlanMeeting => {
            let command = PlanMeeting {
                at: now(),
                title: some(),
                place: some(),
                agenda: some(),
            };
            (BatonHolder, CaseCommand::PlanMeeting(command))
        }
        Action::MoveMeeting => {
            let (meeting, at) = (meeting(), now());
            let command = MoveMeeting { meeting, at };
            (BatonHolder, CaseCommand::MoveMeeting(command))
        }
        Action::HoldMeeting => {
            let command = HoldMeeting {
                meeting: meeting(),
                present: [mother(), teacher()].into(),
                minutes: some(),
            };
            (BatonHolder, CaseCommand::HoldMeeting(command))
        }
        Action::CancelMeeting => {
            let (meeting, reason) = (meeting(), some());
            let command = CancelMeeting { meeting, reason };
            (BatonHolder, CaseCommand::CancelMeeting(command))
        }
        Action::MakeAgreement => {
            let command = MakeAgreement {
                meeting: Some(meeting()),
                responsible: Some(teacher()),
                due: None,
                text: some(),
            };
            (BatonHolder, CaseCommand::MakeAgreement(command))
        }
        Action::SettleAgreement => {
            let command = SettleAgreement {
                agreement: agreement(),
                kept: true,
                remark: some(),
            };
            (BatonHolder, CaseCommand::SettleAgreement(command))
        }
        Action::RecordChange => {
            let description = some();
            let command = RecordChange { description };
            (BatonHolder, CaseCommand::RecordChange(command))
        }
        Action::RecordInformation => {
            let command = RecordInformation {
                to: mother(),
                items: [code("purpose")].into(),
                about: None,
                told_at: None,
                remark: some(),
            };
            (BatonHolder, CaseCommand::RecordInformation(command))
        }
        Action::MakeReferral => {
            let command = MakeReferral {
                kind: code("psychosocial"),
                subtype: code("welfare"),
                receiver: Some(health()),
                remark: some(),
            };
            (BatonHolder, CaseCommand::MakeReferral(command))
        }
        Action::PrepareTransmission => {
            let body = |number: u128| SealedBody {
                document: DocumentId::from_ulid(number.into()),
                size_bytes: 10,
                commitment: Digest([1; 32]),
            };
            let named = |number| NamedBody {
                body: body(number),
                title: some(),
                file_name: some(),
            };
            let command = PrepareTransmission {
                transmission: transmission(),
                referral: referral(),
                about: [mother()].into(),
                form: named(97),
                print: named(98),
                working_copy: body(99),
            };
            (BatonHolder, CaseCommand::PrepareTransmission(command))
        }
        Action::SendTransmission => {
            let command = SendTransmission {
                transmission: transmission(),
                agreement: agreement(),
                signed_by: (health(), 1),
                mailbox: some(),
                message_id: some(),
                again: false,
            };
            (BatonHolder, CaseCommand::SendTransmission(command))
        }
        Action::ConcludeSending => {
            let command = ConcludeSending {
                transmission: transmission(),
                sending: None,
                outcome: SendingOutcome::FoundSent,
            };
            (BatonHolder, CaseCommand::ConcludeSending(command))
        }
        Action::ConveyPassword => {
            let command = ConveyPassword {
                transmission: transmission(),
                channel: code("sms"),
                remark: some(),
            };
            (BatonHolder, CaseCommand::ConveyPassword(command))
        }
        Action::ConfirmReceipt => {
            let command = ConfirmReceipt {
                transmission: transmission(),
                remark: some(),
            };
            (BatonHolder, CaseCommand::ConfirmReceipt(command))
        }
        Action::DestroyWorkingCopy => {
            let transmission = transmission();
            let command = DestroyWorkingCopy { transmission };
            (BatonHolder, CaseCommand::DestroyWorkingCopy(command))
        }
        Action::CorrectEntry => {
            let command = CorrectEntry {
                target: the_note(),
                text: some(),
                reason: some(),
            };
            (Guardian, CaseCommand::CorrectEntry(command))
        }
        Action::RedactContent => {
            let command = RedactContent {
                positions: [the_note()].into(),
                documents: [document()].into(),
                reason_code: code("wrong_case"),
                reason: some(),
            };
            (Leader, CaseCommand::RedactContent(command))
        }
        Action::RestCase => {
            let reason = some();
            (Guardian, CaseCommand::Rest(RestCase { reason }))
        }
        Action::ResumeCase => {
            let reason = some();
            (Guardian, CaseCommand::Resume(ResumeCase { reason }))
        }
        Action::ReopenCase => {
            let reason = some();
            (Leader, CaseCommand::Reopen(ReopenCase { reason }))
        }
        Action::BreakGlass => {
            let (reason, hours) = (some(), 2);
            let command = BreakGlass { reason, hours };
            (Leader, CaseCommand::BreakGlass(command))
        }
        Action::ChangeStatus => {
            let (to, reason) = (code("passive"), None);
            (
                BatonHolder,
                CaseCommand::ChangeStatus(ChangeStatus { to, reason }),
            )
        }
        Action::OpenRound => {
            let (topic, ends_on) = (some(), day("2026-04-01"));
            (
                BatonHolder,
                CaseCommand::OpenRound(OpenRound { topic, ends_on }),
            )
        }
        Action::EndRound => {
            let round = RoundId::from_ulid(131_u128.into());
            (BatonHolder, CaseCommand::EndRound(EndRound { round }))
        }
        Action::InviteGuest => {
            let command = InviteGuest {
                invitation: InvitationId::from_ulid(141_u128.into()),
                round: RoundId::from_ulid(131_u128.into()),
                email: "gjest@example.org".to_owned(),
                by_mail: true,
                role: None,
                expires_on: None,
                token_hash: Digest([3; 32]),
                token_digest: Digest([4; 32]),
            };
            (BatonHolder, CaseCommand::InviteGuest(command))
        }
        Action::AcceptInvitation => {
            let invitation = InvitationId::from_ulid(141_u128.into());
            let command = AcceptInvitation {
                invitation,
                name: some(),
            };
            (Colleague, CaseCommand::AcceptInvitation(command))
        }
        Action::ConfirmGuest => {
            let invitation = InvitationId::from_ulid(141_u128.into());
            let command = ConfirmGuest {
                invitation,
                name: some(),
            };
            (BatonHolder, CaseCommand::ConfirmGuest(command))
        }
        Action::RevokeInvitation => {
            let invitation = InvitationId::from_ulid(141_u128.into());
            let command = RevokeInvitation {
                invitation,
                reason: some(),
            };
            (BatonHolder, CaseCommand::RevokeInvitation(command))
        }
        Action::MendGlass => {
            let emergency = emergency();
            let command = MendGlass { emergency };
            (Leader, CaseCommand::MendGlass(command))
        }
        Action::AgreeToClosing => {
            let (reason, by) = (code("thrives"), mother());
            let command = AgreeToClosing { reason, by };
            (Guardian, CaseCommand::AgreeToClosing(command))
        }
        Action::TakeBackClosing => {
            let (reason, by) = (code("thrives"), mother());
            let command = TakeBackClosing { reason, by };
            (Guardian, CaseCommand::TakeBackClosing(command))
        }
        Action::CloseCase => {
            let (reason, summary) = (code("thrives"), some());
            let command = CloseCase { reason, summary };
            (BatonHolder, CaseCommand::Close(command))
        }
        Action::ArchiveCase => {
            let reference = some();
            (Archivist, CaseCommand::Archive(ArchiveCase { reference }))
        }
        Action::EraseCase => {
            let (keys, contents) = (1, 1);
            let finish = FinishErasure { keys, contents };
            return vec![
                (Archivist, CaseCommand::StartErasure(StartErasure {})),
                (Archivist, CaseCommand::FinishErasure(finish)),
            ];
        }
        Action::BuildPackage => {
            let command = BuildPackage {
                format: code("bundle"),
                manifest_sha256: Digest([6; 32]),
                cut: Position(1),
                case_version: 1,
                views_version: 0,
            };
            (Archivist, CaseCommand::BuildPackage(command))
        }
        Action::PlaceHold => {
            let (reason, reference) = (code("supervision"), some());
            let command = PlaceHold { reason, reference };
            (Archivist, CaseCommand::PlaceHold(command))
        }
        Action::LiftHold => {
            let (hold, reason) = (hold(), some());
            let command = LiftHold { hold, reason };
            (Archivist, CaseCommand::LiftHold(command))
        }
        Action::ExportCase
        | Action::ViewCase
        | Action::ListCase
        | Action::DownloadDocument
        | Action::ViewTimeline
        | Action::WatchCase
        | Action::SearchCase
        | Action::PrintCase
        | Action::AuditSaw
        | Action::AuditCould
        | Action::AuditExposure
        | Action::AuditIntervals
        | Action::AuditHindsight
        | Action::AuditKnew
        | Action::AuditChanged
        | Action::AuditEmergencies
        | Action::AuditOwn
        | Action::AuditPerson
        | Action::AuditAllEmergencies
        | Action::AuditAllExposures
        | Action::AuditUnusual
        | Action::AuditWhy
        | Action::ExportLog
        | Action::RegisterOrganisation
        | Action::ActivateAccount
        | Action::DeactivateAccount
        | Action::SignAgreement
        | Action::EndAgreement
        | Action::AssignRole
        | Action::EndRole
        | Action::SetContact
        | Action::SetNotificationPreferences
        | Action::ViewContact
        | Action::OpenContact
        | Action::AddWebhook
        | Action::RemoveWebhook
        | Action::ViewDeliveries
        | Action::RetryDelivery
        | Action::AdoptProfile
        | Action::ViewNumbers => return Vec::new(),
    };
    vec![(person, command)]
}

static ASKER: LazyLock<Account> = LazyLock::new(Account::default);

fn setting(person: Person, case: &Case) -> Setting<'static> {
    let account = person.caller().account;
    Setting {
        case: case_id(),
        profile: KVAM.profile(),
        now: now(),
        account,
        asker: &ASKER,
        party: case.party_of(account).map(|(party, _)| party),
        entropy: CHANCE,
    }
}

/// What a command leads to, and whether it names the requirement that stands in its way.
fn answer(case: &Case, person: Person, command: CaseCommand) -> (String, bool) {
    let caller = person.caller();
    let decision = situation::decide(
        &KVAM,
        &caller,
        &person.account(),
        case_id(),
        case,
        &Organisations::default(),
        command.action(),
        &command.asked(case),
        now(),
    );
    if !decision.is_allowed() {
        let policies: Vec<_> = decision
            .policies
            .iter()
            .map(|policy| format!("`{}`", policy.id))
            .collect();
        let by = if policies.is_empty() {
            "no rule allows it".to_owned()
        } else {
            policies.join(", ")
        };
        let named = decision.requirement.map(|named| named.to_string());
        let told = format!("refused {} ({by})", named.as_deref().unwrap_or("?"));
        return (told, named.is_some() && decision.fault.is_none());
    }
    match command.decide(case, &setting(person, case)) {
        Ok(decided) => {
            let events: Vec<_> = decided
                .iter()
                .map(|decided| match &decided.event {
                    Event::StatusChanged(facts) => format!("**→ {}**", facts.to),
                    event => format!("`{}`", event.event_type()),
                })
                .collect();
            (events.join(" "), !events.is_empty())
        }
        Err(rejection) => {
            let named = rejection.requirement.map(|named| named.to_string());
            let code = serde_json::to_value(rejection.code).expect("a word");
            let code = code.as_str().expect("a word").replace('_', " ");
            let told = format!(
                "rejected {} ({code}: {rejection})",
                named.as_deref().unwrap_or("?")
            );
            (told, named.is_some())
        }
    }
}

fn table() -> String {
    let mut text = HEADING.to_owned();
    let all: Vec<_> = Action::ALL
        .iter()
        .flat_map(|action| commands(*action))
        .collect();
    for (state, events) in states() {
        let case = case_with_family(&events);
        write!(
            text,
            "\n## {state}\n\n| command | given by | answer |\n|---|---|---|\n"
        )
        .expect("writing to a string cannot fail");
        for (person, command) in &all {
            let (answer, named) = answer(&case, *person, command.clone());
            assert!(named, "{state}: {}: {answer}", command.action());
            writeln!(text, "| {} | {} | {answer} |", row(command), person.name())
                .expect("writing to a string cannot fail");
        }
    }
    text
}

/// What the table calls a command: its action, and what tells it from the others of that action.
fn row(command: &CaseCommand) -> String {
    match command {
        CaseCommand::StartErasure(_) => "erase_case, begin".to_owned(),
        CaseCommand::FinishErasure(_) => "erase_case, finish".to_owned(),
        CaseCommand::AddDocument(command) => format!("add_document, {}", command.section),
        other => other.action().to_string(),
    }
}

#[test]
fn the_committed_table_says_what_every_command_leads_to_in_every_state() {
    let made = table();
    if std::env::var_os("CASELEDGER_WRITE_TABLE").is_some() {
        fs::write(FILE, &made).expect("the table can be written");
    }
    let committed = fs::read_to_string(FILE).expect("the table is committed");
    assert!(
        committed == made,
        "docs/state-command-table.md says something else than the rules; look at the difference after \
         `CASELEDGER_WRITE_TABLE=1 cargo test --workspace --lib the_committed_table`"
    );
}

#[test]
fn every_command_stands_in_the_table() {
    for action in Action::ALL {
        let is_command = !matches!(
            action.group(),
            ActionGroup::Read | ActionGroup::Audit | ActionGroup::Oversee | ActionGroup::Administer
        ) && *action != Action::ExportCase;
        let commands = commands(*action);
        assert_eq!(!commands.is_empty(), is_command, "{action}");
        for (_, command) in commands {
            assert_eq!(command.action(), *action);
        }
    }
    assert_ne!(father(), mother());
}
