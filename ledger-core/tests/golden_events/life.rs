//! The life of a case: agreements, people, the plan, the course. One of every event type, as in `list.rs`.

use chrono::NaiveDate;
use ledger_core::{
    events::{
        AccountDeactivated, AgreementEnded, AgreementEndedContent, AgreementMade,
        AgreementMadeContent, AgreementSettled, AgreementSettledContent, AgreementSigned,
        AgreementSignedContent, BatonAccepted, BatonDeclined, BatonDeclinedContent, BatonOffered,
        BatonOfferedContent, CameOfAge, CameOfAgeContent, CaseReopened, CaseReopenedContent,
        CaseRested, CaseRestedContent, CaseResumed, CaseResumedContent, ClosingAgreed,
        ClosingAgreementTakenBack, ConsentInvalidated, ConsentInvalidatedContent, ContactOpened,
        ContactOpenedContent, ContactSet, ContactSetContent, EntryCorrected, EntryCorrectedContent,
        GlassBroken, GlassBrokenContent, GlassMended, GuestConfirmed, GuestInvited,
        GuestInvitedContent, HoldLifted, HoldLiftedContent, HoldPlaced, HoldPlacedContent,
        InvitationAccepted, InvitationAcceptedContent, InvitationAddressOpened,
        InvitationAddressOpenedContent, InvitationRevoked, InvitationRevokedContent, MeasureBegun,
        MeasureChanged, MeasureEnded, MeasureEndedContent, MeasureEvaluated,
        MeasureEvaluatedContent, MeasurePlanned, MeasurePlannedContent, MeetingCancelled,
        MeetingCancelledContent, MeetingHeld, MeetingHeldContent, MeetingMoved, MeetingPlanned,
        MeetingPlannedContent, NotificationPreferencesSet, OpeningCleared, RoundEnded, RoundOpened,
        RoundOpenedContent, ServiceAdded, ServiceAddedContent, ServiceRemoved,
        ServiceRemovedContent, SituationChanged, SituationChangedContent, TaskAssigned,
        TaskAssignedContent, WebhookAdded, WebhookAddedContent, WebhookRemoved,
    },
    ids::{
        AgreementId, CorrectionId, EmergencyId, HandoverId, HoldId, InvitationId, MeasureId,
        MeetingId, OrganisationId, PartyId, Position, RoundId, StreamId, WebhookId,
    },
    profile::Language,
};

use super::golden::{
    Golden, account, at, bare, case, case_id, code, consent, digest, old, party, school, sealed,
    text, views,
};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn agreement() -> AgreementId {
    AgreementId::from_ulid(17_u128.into())
}

fn webhook() -> WebhookId {
    WebhookId::from_ulid(24_u128.into())
}

fn meeting() -> MeetingId {
    MeetingId::from_ulid(18_u128.into())
}

pub(crate) fn of_agreements() -> Vec<Golden> {
    let organisation = || StreamId::Organisation(school());
    vec![
        bare(
            StreamId::Account(account()),
            AccountDeactivated { account: account() },
        ),
        sealed(
            StreamId::Contacts(account()),
            ContactSet {
                account: account(),
                channels: vec![code("email")],
            },
            &ContactSetContent {
                email: Some(text("testperson@mail.example")),
                language: Some(Language::Nn),
            },
        ),
        bare(
            StreamId::Contacts(account()),
            NotificationPreferencesSet {
                account: account(),
                preferences: [(code("case_changed"), code("none"))].into(),
            },
        ),
        sealed(
            StreamId::Contacts(account()),
            ContactOpened {
                account: account(),
                reason: code("meeting"),
            },
            &ContactOpenedContent {
                delivery: Some(text("0a1b2c3d4e5f60718293a4b5c6d7e8f9")),
            },
        ),
        sealed(
            StreamId::Webhooks,
            WebhookAdded {
                webhook: webhook(),
                kinds: [code("meeting")].into(),
            },
            &WebhookAddedContent {
                url: text("https://hooks.example/caseledger"),
                secret: text("whsec_bm90IGEgc2VjcmV0"),
            },
        ),
        bare(StreamId::Webhooks, WebhookRemoved { webhook: webhook() }),
        sealed(
            organisation(),
            AgreementSigned {
                agreement: agreement(),
                organisation: school(),
                kind: code("data_processing"),
                valid_from: day("2026-01-01"),
                valid_through: Some(day("2029-12-31")),
                bound_by_secrecy: false,
                with: Some(OrganisationId::from_ulid(7_u128.into())),
                profile: Some("stafettloggen-kvam".parse().expect("a profile")),
            },
            &AgreementSignedContent {
                title: text("Databehandlaravtale"),
                reference: text("2026/117"),
                items: [].into(),
                mailbox: None,
            },
        ),
        first_agreement(),
        sealed(
            organisation(),
            AgreementEnded {
                agreement: agreement(),
            },
            &AgreementEndedContent {
                reason: text("Sagt opp"),
            },
        ),
        sealed(
            case(),
            AgreementMade {
                agreement: agreement(),
                meeting: Some(meeting()),
                responsible: Some(party()),
                due: Some(day("2026-05-01")),
            },
            &AgreementMadeContent {
                text: text("Mor ringjer skulen"),
            },
        ),
        sealed(
            case(),
            AgreementSettled {
                agreement: agreement(),
                kept: true,
            },
            &AgreementSettledContent {
                remark: text("Ho ringde"),
            },
        ),
    ]
}

/// An agreement as it was recorded before it named its other side and its system.
fn first_agreement() -> Golden {
    let facts = format!(
        r#"{{"agreement":"{}","organisation":"{}","kind":"data_processing","validFrom":"2026-01-01","validThrough":"2029-12-31"}}"#,
        agreement(),
        school()
    );
    let content = AgreementSignedContent {
        title: text("Databehandlaravtale"),
        reference: text("2026/117"),
        items: [].into(),
        mailbox: None,
    };
    let reads_as = AgreementSigned {
        bound_by_secrecy: false,
        agreement: agreement(),
        organisation: school(),
        kind: code("data_processing"),
        valid_from: day("2026-01-01"),
        valid_through: Some(day("2029-12-31")),
        with: None,
        profile: None,
    };
    Golden {
        stream: StreamId::Organisation(school()),
        content: serde_json::to_vec(&content).ok(),
        ..old(1, &facts, reads_as)
    }
}

pub(crate) fn of_rounds() -> Vec<Golden> {
    let round = || RoundId::from_ulid(21_u128.into());
    let invitation = || InvitationId::from_ulid(22_u128.into());
    vec![
        sealed(
            case(),
            RoundOpened {
                round: round(),
                ends_on: day("2026-04-01"),
            },
            &RoundOpenedContent {
                topic: text("Overleg ondersteuningsteam"),
            },
        ),
        bare(case(), RoundEnded { round: round() }),
        sealed(
            case(),
            GuestInvited {
                invitation: invitation(),
                round: round(),
                party: party(),
                role: code("guest"),
                expires_on: day("2026-03-14"),
                token_digest: digest(7),
                by_mail: true,
            },
            &GuestInvitedContent {
                email: text("testpersoon@example.org"),
            },
        ),
        first_invitation(),
        sealed(
            views(),
            InvitationAddressOpened {
                invitation: invitation(),
            },
            &InvitationAddressOpenedContent {
                delivery: text("0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
            },
        ),
        sealed(
            case(),
            InvitationAccepted {
                invitation: invitation(),
                account: account(),
            },
            &InvitationAcceptedContent {
                name: text("Testpersoon Voorbeeld"),
            },
        ),
        bare(
            case(),
            GuestConfirmed {
                invitation: invitation(),
                party: party(),
            },
        ),
        sealed(
            case(),
            InvitationRevoked {
                invitation: invitation(),
            },
            &InvitationRevokedContent {
                reason: text("Verkeerd adres"),
            },
        ),
    ]
}

/// An invitation as it was recorded before any was mailed.
fn first_invitation() -> Golden {
    let reads_as = GuestInvited {
        invitation: InvitationId::from_ulid(22_u128.into()),
        round: RoundId::from_ulid(21_u128.into()),
        party: party(),
        role: code("guest"),
        expires_on: day("2026-03-14"),
        token_digest: digest(7),
        by_mail: false,
    };
    let content = GuestInvitedContent {
        email: text("testpersoon@example.org"),
    };
    // Its facts say nothing of mail, then as now.
    let facts = serde_json::to_string(&reads_as).expect("facts are JSON");
    Golden {
        content: serde_json::to_vec(&content).ok(),
        ..old(1, &facts, reads_as)
    }
}

pub(crate) fn of_people() -> Vec<Golden> {
    let handover = || HandoverId::from_ulid(11_u128.into());
    let other = || PartyId::from_ulid(12_u128.into());
    vec![
        sealed(
            case(),
            CameOfAge { party: party() },
            &CameOfAgeContent {
                birth_date: day("2010-02-28"),
            },
        ),
        sealed(
            case(),
            ServiceAdded { service: school() },
            &ServiceAddedContent {
                task: text("Tilrettelegging"),
            },
        ),
        sealed(
            case(),
            ServiceRemoved { service: school() },
            &ServiceRemovedContent {
                reason: text("Ferdig"),
            },
        ),
        sealed(
            case(),
            TaskAssigned { party: party() },
            &TaskAssignedContent {
                task: text("Kontaktlærar"),
            },
        ),
        sealed(
            case(),
            BatonOffered {
                handover: handover(),
                from: party(),
                to: other(),
            },
            &BatonOfferedContent {
                message: text("Kan du ta over?"),
            },
        ),
        bare(
            case(),
            BatonAccepted {
                handover: handover(),
                from: party(),
                to: other(),
                role: code("baton_holder"),
                former_role: code("professional"),
                unit: Some(school()),
            },
        ),
        sealed(
            case(),
            BatonDeclined {
                handover: handover(),
                by: other(),
            },
            &BatonDeclinedContent {
                reason: text("Har ikkje tid"),
            },
        ),
    ]
}

pub(crate) fn of_the_plan() -> Vec<Golden> {
    let measure = || MeasureId::from_ulid(13_u128.into());
    let described = || MeasurePlannedContent {
        title: text("Leseøving"),
        description: text("Kvar dag etter skulen"),
        development_area: text("Språk"),
    };
    vec![
        sealed(
            case(),
            MeasurePlanned {
                measure: measure(),
                responsible: party(),
                evaluate_on: day("2026-06-01"),
                begins_on: Some(day("2026-03-09")),
                ends_on: Some(day("2026-06-19")),
            },
            &described(),
        ),
        bare(case(), MeasureBegun { measure: measure() }),
        sealed(
            case(),
            MeasureChanged {
                measure: measure(),
                responsible: party(),
                evaluate_on: day("2026-06-08"),
                begins_on: None,
                ends_on: None,
            },
            &described(),
        ),
        sealed(
            case(),
            MeasureEvaluated {
                measure: measure(),
                effect: code("some"),
                evaluate_on: day("2026-09-01"),
            },
            &MeasureEvaluatedContent {
                assessment: text("Det går betre"),
            },
        ),
        sealed(
            case(),
            MeasureEnded {
                measure: measure(),
                effect: code("wished_for"),
            },
            &MeasureEndedContent {
                assessment: text("Ho les no"),
            },
        ),
        sealed(
            case(),
            MeetingPlanned {
                meeting: meeting(),
                at: at("2026-03-16T13:00:00Z"),
            },
            &MeetingPlannedContent {
                title: text("Ansvarsgruppe"),
                place: text("Skulen"),
                agenda: text("Tiltaka"),
            },
        ),
        bare(
            case(),
            MeetingMoved {
                meeting: meeting(),
                at: at("2026-03-17T13:00:00Z"),
            },
        ),
        sealed(
            case(),
            MeetingHeld {
                meeting: meeting(),
                present: vec![party()],
            },
            &MeetingHeldContent {
                minutes: text("Alle var einige"),
            },
        ),
        sealed(
            case(),
            MeetingCancelled { meeting: meeting() },
            &MeetingCancelledContent {
                reason: text("Sjukdom"),
            },
        ),
    ]
}

pub(crate) fn of_the_course() -> Vec<Golden> {
    let hold = || HoldId::from_ulid(14_u128.into());
    let emergency = || EmergencyId::from_ulid(15_u128.into());
    let reason = || text("Far ønskjer det");
    vec![
        bare(
            case(),
            OpeningCleared {
                case: case_id(),
                profile: "stafettloggen-kvam".parse().expect("a profile"),
                unit: school(),
                account: account(),
            },
        ),
        sealed(
            case(),
            SituationChanged {},
            &SituationChangedContent {
                description: text("Foreldra flyttar frå kvarandre"),
            },
        ),
        sealed(
            case(),
            ConsentInvalidated { consent: consent() },
            &ConsentInvalidatedContent { reason: reason() },
        ),
        sealed(
            case(),
            CaseRested {},
            &CaseRestedContent { reason: reason() },
        ),
        sealed(
            case(),
            CaseResumed {},
            &CaseResumedContent { reason: reason() },
        ),
        bare(
            case(),
            ClosingAgreed {
                party: party(),
                reason: code("thrives"),
            },
        ),
        bare(
            case(),
            ClosingAgreementTakenBack {
                party: party(),
                reason: code("thrives"),
            },
        ),
        sealed(
            case(),
            CaseReopened {},
            &CaseReopenedContent { reason: reason() },
        ),
        sealed(
            case(),
            EntryCorrected {
                correction: CorrectionId::from_ulid(16_u128.into()),
                target: Position(17),
            },
            &EntryCorrectedContent {
                text: text("Måndag, ikkje tysdag"),
                reason: text("Feil dag"),
            },
        ),
        sealed(
            case(),
            HoldPlaced {
                hold: hold(),
                reason: code("supervision"),
            },
            &HoldPlacedContent {
                reference: text("2026/204"),
            },
        ),
        sealed(
            case(),
            HoldLifted { hold: hold() },
            &HoldLiftedContent {
                reason: text("Tilsynet er avslutta"),
            },
        ),
        sealed(
            case(),
            GlassBroken {
                emergency: emergency(),
                account: account(),
                until: at("2026-03-03T09:00:00Z"),
            },
            &GlassBrokenContent {
                reason: text("Fare for liv og helse"),
            },
        ),
        bare(
            case(),
            GlassMended {
                emergency: emergency(),
            },
        ),
    ]
}
