//! A small cast and the steps that most stories begin with, in-process over any ledger.

use std::{collections::BTreeSet, sync::Arc};

use chrono::NaiveDate;
use ledger_core::{
    access::RuleBook,
    case::{
        AddNote, AddParty, ArchiveCase, Beginning, BuildPackage, ClearOpening, CloseCase,
        GiveConsent, OpenCase, WithdrawConsent,
    },
    clock::SystemEntropy,
    directory::{ActivateAccount, AdoptProfile, AssignRole, RegisterOrganisation},
    event::CorrelationId,
    events::Event,
    ids::{
        AccountId, CaseId, Code, ConsentId, Digest, OrganisationId, PartyId, Position, ProfileId,
        TenantId,
    },
    ledger::{Caller, CaseCommand, DirectoryCommand, Executed, Ledger, LedgerError, Occasion},
    profile::{Assurance, RuleBookText},
};

pub(crate) const PROFILE: &str = "stafettloggen-kvam";

pub(crate) fn code(text: &str) -> Code {
    text.parse().unwrap()
}

pub(crate) fn occasion() -> Occasion {
    Occasion::new(CorrelationId::generate(&SystemEntropy))
}

/// Everybody who takes part.
#[derive(Clone)]
pub(crate) struct Cast {
    pub(crate) administrator: Caller,
    pub(crate) leader: Caller,
    /// Baton holder of the school.
    pub(crate) teacher: Caller,
    /// Professional of another service.
    pub(crate) nurse: Caller,
    pub(crate) guardian: Caller,
    pub(crate) auditor: Caller,
    pub(crate) archivist: Caller,
    pub(crate) school: OrganisationId,
    pub(crate) health: OrganisationId,
}

/// A case with its guardian.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenedCase {
    pub(crate) id: CaseId,
    pub(crate) guardian: PartyId,
}

/// Appoints everybody, with names that begin with `mark`.
pub(crate) async fn cast(ledger: &Ledger, tenant: &TenantId, mark: &str) -> Cast {
    let now = ledger.now();
    let profile: ProfileId = PROFILE.parse().unwrap();
    let text = RuleBookText::built_in(PROFILE).unwrap();
    let rule_book = AdoptProfile {
        rule_book: Arc::new(RuleBook::load(&text).unwrap()),
    };
    let person = || Caller {
        tenant: tenant.clone(),
        account: AccountId::generate(now, &SystemEntropy),
        issuer: code("dev"),
        assurance: Assurance::High,
    };
    let organisation = || OrganisationId::generate(now, &SystemEntropy);
    let cast = Cast {
        administrator: person(),
        leader: person(),
        teacher: person(),
        nurse: person(),
        guardian: person(),
        auditor: person(),
        archivist: person(),
        school: organisation(),
        health: organisation(),
    };
    let name = format!("{mark} administrator");
    ledger
        .appoint_first_administrator(
            tenant,
            rule_book,
            cast.administrator.account,
            &name,
            code("administrator"),
        )
        .await
        .unwrap();
    let register = |organisation, kind: &str| {
        DirectoryCommand::RegisterOrganisation(RegisterOrganisation {
            organisation,
            kind: code(kind),
            parent: None,
            name: format!("{mark} {kind}"),
        })
    };
    let activate = |who: &Caller, organisation, name: &str| {
        DirectoryCommand::ActivateAccount(ActivateAccount {
            account: who.account,
            organisation,
            name: format!("{mark} {name}"),
        })
    };
    let assign = |who: &Caller, role: &str, unit| {
        DirectoryCommand::AssignRole(AssignRole {
            account: who.account,
            role: code(role),
            unit,
            until: None,
        })
    };
    let by_administrator = [
        register(cast.school, "school"),
        register(cast.health, "health_service"),
        activate(&cast.leader, Some(cast.school), "leader"),
        activate(&cast.teacher, Some(cast.school), "teacher"),
        activate(&cast.nurse, Some(cast.health), "nurse"),
        activate(&cast.guardian, None, "guardian"),
        activate(&cast.auditor, None, "auditor"),
        activate(&cast.archivist, None, "archivist"),
        assign(&cast.leader, "unit_leader", Some(cast.school)),
        assign(&cast.auditor, "auditor", None),
        assign(&cast.archivist, "archivist", None),
    ];
    for command in by_administrator {
        ledger
            .administer(&cast.administrator, &profile, command, &occasion())
            .await
            .unwrap();
    }
    let baton = assign(&cast.teacher, "baton_holder", Some(cast.school));
    ledger
        .administer(&cast.leader, &profile, baton, &occasion())
        .await
        .unwrap();
    cast
}

impl Cast {
    /// Carries out a command that must succeed.
    pub(crate) async fn run(
        &self,
        ledger: &Ledger,
        who: &Caller,
        case: CaseId,
        command: CaseCommand,
    ) -> Executed {
        ledger
            .execute(who, case, command, &occasion())
            .await
            .unwrap()
    }

    /// A case whose guardian takes part and has consented to nothing yet.
    pub(crate) async fn open_case(&self, ledger: &Ledger, mark: &str) -> OpenedCase {
        let id = CaseId::generate(ledger.now(), &SystemEntropy);
        let clear = ClearOpening {
            unit: self.school,
            account: self.teacher.account,
        };
        let clear = CaseCommand::ClearOpening(PROFILE.parse().unwrap(), clear);
        self.run(ledger, &self.leader, id, clear).await;
        let open = OpenCase {
            unit: self.school,
            child_name: format!("{mark} child"),
            national_id: Some("010112 34567".to_owned()),
            birth_date: None,
            concern: format!("{mark} concern"),
            opener_role: code("baton_holder"),
            opener_name: format!("{mark} opener"),
            begins: Beginning::default(),
        };
        self.run(
            ledger,
            &self.teacher,
            id,
            CaseCommand::Open(PROFILE.parse().unwrap(), open),
        )
        .await;
        let guardian = AddParty {
            role: code("guardian"),
            account: Some(self.guardian.account),
            service: None,
            name: format!("{mark} party"),
            task: None,
        };
        let added = self
            .run(ledger, &self.teacher, id, CaseCommand::AddParty(guardian))
            .await;
        let party = added.decided.iter().find_map(|event| match event {
            Event::PartyAdded(facts) => Some(facts.party),
            _ => None,
        });
        OpenedCase {
            id,
            guardian: party.unwrap(),
        }
    }

    /// The guardian consents to the log.
    pub(crate) async fn consent(
        &self,
        ledger: &Ledger,
        case: OpenedCase,
        through: Option<NaiveDate>,
        mark: &str,
    ) -> ConsentId {
        let consent = GiveConsent {
            kind: code("establish_log"),
            by: case.guardian,
            form: code("digital"),
            scan: None,
            renews: None,
            services: BTreeSet::new(),
            valid_from: None,
            valid_through: through,
            occurred_at: None,
            remark: format!("{mark} remark"),
        };
        let given = self
            .run(
                ledger,
                &self.guardian,
                case.id,
                CaseCommand::GiveConsent(consent),
            )
            .await;
        let consent = given.decided.iter().find_map(|event| match event {
            Event::ConsentGiven(facts) => Some(facts.consent),
            _ => None,
        });
        consent.unwrap()
    }

    pub(crate) async fn withdraw(
        &self,
        ledger: &Ledger,
        case: OpenedCase,
        consent: ConsentId,
        mark: &str,
    ) -> Executed {
        let command = WithdrawConsent {
            consent,
            by: case.guardian,
            reason: format!("{mark} withdrawal"),
            occurred_at: None,
        };
        self.run(
            ledger,
            &self.guardian,
            case.id,
            CaseCommand::WithdrawConsent(command),
        )
        .await
    }

    pub(crate) async fn note(&self, ledger: &Ledger, case: CaseId, mark: &str) -> Executed {
        let note = AddNote {
            section: code("notes"),
            title: format!("{mark} title"),
            text: format!("{mark} text"),
        };
        self.run(ledger, &self.teacher, case, CaseCommand::AddNote(note))
            .await
    }

    /// Closed, packaged and archived, so that it may be erased.
    pub(crate) async fn archive(&self, ledger: &Ledger, case: CaseId, mark: &str) {
        let close = CloseCase {
            reason: code("thrives"),
            summary: format!("{mark} summary"),
        };
        let closed = self
            .run(ledger, &self.teacher, case, CaseCommand::Close(close))
            .await;
        let package = BuildPackage {
            format: code("bundle"),
            manifest_sha256: Digest([7; 32]),
            cut: Position(closed.first.0 + closed.count - 1),
            case_version: closed.version.unwrap(),
            views_version: 0,
        };
        self.run(
            ledger,
            &self.archivist,
            case,
            CaseCommand::BuildPackage(package),
        )
        .await;
        let archive = ArchiveCase {
            reference: format!("{mark} reference"),
        };
        self.run(ledger, &self.archivist, case, CaseCommand::Archive(archive))
            .await;
    }
}

/// Whether somebody was told no, one way or the other.
pub(crate) fn is_refused<T>(answer: &Result<T, LedgerError>) -> bool {
    matches!(answer, Err(LedgerError::NotFound | LedgerError::Refused(_)))
}
