//! One of every event type in its current shape, and one of every old shape.
//!
//! A new event type is one entry here and the files that `write_what_is_missing` makes of it.

use ledger_core::{
    events::{
        AccessRefused, AccountActivated, AccountActivatedContent, AuditAnswered, CaseArchived,
        CaseArchivedContent, CaseClosed, CaseClosedContent, CaseErased, CaseExported, CaseFound,
        CaseFoundContent, CaseListed, CaseOpened, CaseOpenedContent, CasePrinted, CaseViewed,
        CaseWatched, ConsentDeclined, ConsentDeclinedContent, ConsentGiven, ConsentGivenContent,
        ConsentWithdrawn, ConsentWithdrawnContent, ContentRedacted, ContentRedactedContent,
        DocumentAdded, DocumentAddedContent, DocumentDownloaded, ErasureStarted, Facts,
        LedgerOpened, LedgerOpenedContent, LedgerRecovered, LedgerRecoveredContent, LogExported,
        NoteAdded, NoteAddedContent, OrganisationRegistered, OrganisationRegisteredContent,
        PackageBuilt, PartyAdded, PartyAddedContent, PartyRemoved, PartyRemovedContent, PastMoment,
        ProfileAdopted, ProfileAdoptedContent, RoleAssigned, RoleEnded, SigningKeyRotated,
        StatusChanged, TimelineViewed,
    },
    ids::{AccountId, ConsentId, NoteId, OrganisationId, Position, StreamId},
};

use super::golden::{
    Golden, account, at, bare, case, case_id, code, consent, digest, document, old, party, school,
    sealed, text, views,
};
use super::life::{of_agreements, of_people, of_rounds, of_the_course, of_the_plan};
use super::{handing_over::of_handing_over, importing::of_importing};

/// Every event type in its current shape, and every old shape.
pub(crate) fn golden() -> Vec<Golden> {
    [
        of_the_ledger(),
        of_cases(),
        of_agreements(),
        of_people(),
        of_rounds(),
        of_the_plan(),
        of_handing_over(),
        of_importing(),
        of_the_course(),
        of_the_end(),
        of_views(),
        old_shapes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_the_ledger() -> Vec<Golden> {
    let profile = || "stafettloggen-kvam".parse().expect("a profile");
    let origin = || text("ledger.example/kvam");
    vec![
        sealed(
            StreamId::Ledger,
            LedgerOpened {
                signing_key: digest(1),
            },
            &LedgerOpenedContent { origin: origin() },
        ),
        bare(
            StreamId::Ledger,
            SigningKeyRotated {
                old_key: digest(1),
                new_key: digest(2),
            },
        ),
        sealed(
            StreamId::Ledger,
            LedgerRecovered {
                published_size: 1_000,
                published_root: digest(3),
                restored_size: 990,
                signing_key: digest(2),
            },
            &LedgerRecoveredContent {
                former_origin: origin(),
                origin: text("ledger.example/kvam-2"),
            },
        ),
        sealed(
            StreamId::Profile(profile()),
            ProfileAdopted {
                profile: profile(),
                digest: digest(4),
            },
            &ProfileAdoptedContent {
                profile_toml: text("id = \"stafettloggen-kvam\"\n"),
                access_cedar: text("permit (principal, action, resource);\n"),
            },
        ),
        sealed(
            StreamId::Organisation(school()),
            OrganisationRegistered {
                organisation: school(),
                kind: code("school"),
                parent: Some(OrganisationId::from_ulid(7_u128.into())),
            },
            &OrganisationRegisteredContent {
                name: text("Strandebarm skule"),
            },
        ),
        sealed(
            StreamId::Account(account()),
            AccountActivated {
                account: account(),
                organisation: Some(school()),
            },
            &AccountActivatedContent {
                name: text("Torunn Lærar"),
            },
        ),
        bare(
            StreamId::Account(account()),
            RoleAssigned {
                account: account(),
                profile: Some(profile()),
                role: code("baton_holder"),
                unit: Some(school()),
                until: Some(at("2027-08-01T00:00:00Z")),
            },
        ),
        bare(
            StreamId::Account(account()),
            RoleEnded {
                account: account(),
                profile: Some(profile()),
                role: code("baton_holder"),
                unit: Some(school()),
            },
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "one entry an event")]
fn of_cases() -> Vec<Golden> {
    vec![
        sealed(
            case(),
            CaseOpened {
                case: case_id(),
                profile: "stafettloggen-kvam".parse().expect("a profile"),
                unit: school(),
                status: code("active"),
                kind: Some(code("advice")),
                submitted_to: Some(OrganisationId::from_ulid(7_u128.into())),
            },
            &CaseOpenedContent {
                child_name: text("Ola Nordmann"),
                national_id: Some(text("01011212345")),
                birth_date: None,
                concern: text("Trivst ikkje på skulen"),
            },
        ),
        bare(
            case(),
            StatusChanged {
                from: code("active"),
                to: code("closed"),
            },
        ),
        sealed(
            case(),
            ConsentGiven {
                consent: consent(),
                kind: code("cooperation"),
                by: party(),
                form: code("paper"),
                scan: Some(document()),
                renews: Some(ConsentId::from_ulid(9_u128.into())),
                services: vec![school(), OrganisationId::from_ulid(7_u128.into())],
                valid_from: Some("2026-03-01".parse().expect("a date")),
                valid_through: Some("2028-02-29".parse().expect("a date")),
            },
            &ConsentGivenContent {
                remark: text("Skjemaet ligg i mappa"),
            },
        ),
        sealed(
            case(),
            ConsentWithdrawn {
                consent: consent(),
                by: party(),
            },
            &ConsentWithdrawnContent {
                reason: text("Ønskjer det ikkje lenger"),
            },
        ),
        sealed(
            case(),
            ConsentDeclined {
                kind: code("cooperation"),
                by: party(),
                services: vec![school()],
                lapsed: vec![consent()],
            },
            &ConsentDeclinedContent {
                reason: text("Ikkje no"),
            },
        ),
        sealed(
            case(),
            PartyAdded {
                party: party(),
                role: code("professional"),
                staff: Some(account()),
                service: Some(school()),
            },
            &PartyAddedContent {
                name: text("Marit Mor"),
                account: Some(account()),
                task: None,
            },
        ),
        sealed(
            case(),
            PartyRemoved { party: party() },
            &PartyRemovedContent {
                reason: text("Har slutta"),
            },
        ),
        sealed(
            case(),
            NoteAdded {
                note: NoteId::from_ulid(8_u128.into()),
                section: code("notes"),
            },
            &NoteAddedContent {
                title: text("Møte"),
                text: text("To linjer\nmed tekst"),
            },
        ),
        sealed(
            case(),
            DocumentAdded {
                document: document(),
                section: code("documents"),
                format: code("pdf"),
                size_bytes: 123_456,
                body_commitment: digest(5),
            },
            &DocumentAddedContent {
                title: text("Rapport"),
                file_name: text("rapport.pdf"),
            },
        ),
    ]
}

fn of_the_end() -> Vec<Golden> {
    vec![
        sealed(
            case(),
            ContentRedacted {
                targets: vec![Position(17), Position(19)],
                documents: vec![document()],
                reason: code("wrong_case"),
                backups_end: at("2026-04-01T09:00:00Z"),
            },
            &ContentRedactedContent {
                reason: text("Gjeld ein annan"),
            },
        ),
        sealed(
            case(),
            CaseClosed {
                reason: code("thrives"),
            },
            &CaseClosedContent {
                summary: text("Barnet trivst"),
            },
        ),
        bare(
            case(),
            PackageBuilt {
                format: code("bundle"),
                manifest_sha256: digest(6),
                cut: Position(40),
                case_version: 12,
                views_version: 9,
            },
        ),
        sealed(
            case(),
            CaseArchived {
                package: Position(41),
            },
            &CaseArchivedContent {
                reference: text("ARK-2026-17"),
            },
        ),
        bare(case(), ErasureStarted {}),
        bare(
            case(),
            CaseErased {
                keys: 3,
                contents: 14,
                backups_end: at("2026-04-01T09:00:00.123456Z"),
            },
        ),
    ]
}

fn of_views() -> Vec<Golden> {
    let sections = || vec![code("basics"), code("notes")];
    vec![
        bare(
            views(),
            CaseViewed {
                sections: sections(),
                without_earlier: vec![code("notes")],
                through_version: 12,
                as_of: past(),
            },
        ),
        bare(views(), CaseListed {}),
        sealed(
            views(),
            CaseFound {
                by: code("national_id"),
            },
            &CaseFoundContent {
                term: text("01011212345"),
            },
        ),
        bare(
            views(),
            TimelineViewed {
                with_content: true,
                without_earlier: true,
                through_version: 12,
                as_of: past(),
            },
        ),
        bare(
            views(),
            CaseWatched {
                sections: sections(),
                without_earlier: vec![code("notes")],
                after_version: 12,
                through_version: 14,
            },
        ),
        bare(
            views(),
            DocumentDownloaded {
                document: document(),
                from_byte: 65_536,
            },
        ),
        bare(
            views(),
            CasePrinted {
                sections: sections(),
                without_earlier: vec![code("notes")],
                through_version: 12,
                as_of: past(),
            },
        ),
        bare(
            views(),
            CaseExported {
                format: code("bundle"),
                cut: Position(40),
            },
        ),
        bare(
            views(),
            LogExported {
                format: code("audit_event"),
                from: Some(at("2026-01-01T00:00:00Z")),
                until: Some(at("2026-02-01T00:00:00Z")),
                with_content: true,
                cut: Position(40),
            },
        ),
        bare(
            views(),
            AuditAnswered {
                question: code("could"),
                at_position: Some(Position(40)),
                at_time: Some(at("2026-03-02T09:00:00Z")),
                from: Some(at("2026-02-01T00:00:00Z")),
                until: Some(at("2026-03-01T00:00:00Z")),
                about: Some(AccountId::from_ulid(7.into())),
            },
        ),
        bare(
            views(),
            AccessRefused {
                action: code("view_case"),
                count: 4,
            },
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "one entry a shape")]
fn old_shapes() -> Vec<Golden> {
    let first = format!(
        r#"{{"consent":"{}","kind":"cooperation","by":"{}","service":"{}","validThrough":"2028-02-29"}}"#,
        consent(),
        party(),
        school()
    );
    let second = format!(
        r#"{{"consent":"{}","kind":"cooperation","by":"{}","services":["{}","{}"],"validFrom":"2026-03-01","validThrough":"2028-02-29"}}"#,
        consent(),
        party(),
        school(),
        OrganisationId::from_ulid(7_u128.into())
    );
    let day = |text: &str| text.parse().expect("a date");
    let reads_as = ConsentGiven {
        consent: consent(),
        kind: code("cooperation"),
        by: party(),
        form: code("unspecified"),
        scan: None,
        renews: None,
        services: vec![school()],
        valid_from: None,
        valid_through: Some(day("2028-02-29")),
    };
    let of_second = ConsentGiven {
        services: vec![school(), OrganisationId::from_ulid(7_u128.into())],
        valid_from: Some(day("2026-03-01")),
        ..reads_as.clone()
    };
    let remark = ConsentGivenContent {
        remark: text("Skjemaet ligg i mappa"),
    };
    let with_content = Golden {
        content: serde_json::to_vec(&remark).ok(),
        ..old(2, &second, of_second)
    };
    let sections = || vec![code("basics"), code("notes")];
    let seen = r#"{"sections":["basics","notes"],"throughVersion":12}"#;
    let opened = format!(
        r#"{{"case":"{}","profile":"stafettloggen-kvam","unit":"{}","status":"active"}}"#,
        case_id(),
        school()
    );
    let opened_content = CaseOpenedContent {
        child_name: text("Ola Nordmann"),
        national_id: Some(text("01011212345")),
        birth_date: None,
        concern: text("Trivst ikkje på skulen"),
    };
    let opened = Golden {
        content: serde_json::to_vec(&opened_content).ok(),
        ..old(
            1,
            &opened,
            CaseOpened {
                case: case_id(),
                profile: "stafettloggen-kvam".parse().expect("a profile"),
                unit: school(),
                status: code("active"),
                kind: None,
                submitted_to: None,
            },
        )
    };
    let shown = r#""sections":["basics","notes"],"throughVersion":12"#;
    let as_of = r#""asOf":{"atPosition":40,"validAt":"2026-03-01T00:00:00Z"}"#;
    let of_no_system = r#"{"account":"01K5EHR001248J48HK6D248NAN","role":"baton_holder","unit":"01K5EHR002248J48HK6D248NAN"}"#;
    let until = of_no_system.replace('}', r#","until":"2027-08-01T00:00:00Z"}"#);
    vec![
        old(1, &first, reads_as),
        with_content,
        opened,
        old_role(
            &until,
            RoleAssigned {
                account: account(),
                profile: None,
                role: code("baton_holder"),
                unit: Some(school()),
                until: Some(at("2027-08-01T00:00:00Z")),
            },
        ),
        old_role(
            of_no_system,
            RoleEnded {
                account: account(),
                profile: None,
                role: code("baton_holder"),
                unit: Some(school()),
            },
        ),
        old_view(
            seen,
            CaseViewed {
                sections: sections(),
                without_earlier: Vec::new(),
                through_version: 12,
                as_of: None,
            },
        ),
        old_view(
            seen,
            CasePrinted {
                sections: sections(),
                without_earlier: Vec::new(),
                through_version: 12,
                as_of: None,
            },
        ),
        old_view(
            r#"{"withContent":true,"throughVersion":12}"#,
            TimelineViewed {
                with_content: true,
                without_earlier: false,
                through_version: 12,
                as_of: None,
            },
        ),
        old_view(
            r#"{"question":"could","atPosition":40,"atTime":"2026-03-02T09:00:00Z"}"#,
            AuditAnswered {
                question: code("could"),
                at_position: Some(Position(40)),
                at_time: Some(at("2026-03-02T09:00:00Z")),
                from: None,
                until: None,
                about: None,
            },
        ),
        Golden {
            schema_version: 2,
            ..old_view(
                &format!("{{{shown},{as_of}}}"),
                CaseViewed {
                    sections: sections(),
                    without_earlier: Vec::new(),
                    through_version: 12,
                    as_of: past(),
                },
            )
        },
        Golden {
            schema_version: 2,
            ..old_view(
                &format!("{{{shown},{as_of}}}"),
                CasePrinted {
                    sections: sections(),
                    without_earlier: Vec::new(),
                    through_version: 12,
                    as_of: past(),
                },
            )
        },
        Golden {
            schema_version: 2,
            ..old_view(
                &format!(r#"{{"withContent":true,"throughVersion":12,{as_of}}}"#),
                TimelineViewed {
                    with_content: true,
                    without_earlier: false,
                    through_version: 12,
                    as_of: past(),
                },
            )
        },
        old_view(
            r#"{"sections":["basics","notes"],"afterVersion":12,"throughVersion":14}"#,
            CaseWatched {
                sections: sections(),
                without_earlier: Vec::new(),
                after_version: 12,
                through_version: 14,
            },
        ),
    ]
}

/// The moment of the past that the views show.
#[expect(clippy::unnecessary_wraps, reason = "the facts hold a moment, or none")]
fn past() -> Option<PastMoment> {
    Some(PastMoment {
        at_position: Some(Position(40)),
        at_time: None,
        valid_at: Some(at("2026-03-01T00:00:00Z")),
    })
}

fn old_role<F: Facts>(facts: &str, reads_as: F) -> Golden {
    Golden {
        stream: StreamId::Account(account()),
        ..old(1, facts, reads_as)
    }
}

fn old_view<F: Facts>(facts: &str, reads_as: F) -> Golden {
    Golden {
        stream: views(),
        ..old(1, facts, reads_as)
    }
}
