//! The language of the decision tables: `given([…]).asks(…).is_allowed()` or `.refused_by("V21")`.
//!
//! Each fact given is an event: the first has position 1, the second 2, and so on.

use std::{collections::BTreeSet, sync::LazyLock};

use crate::{
    access::{
        Action, Asker, Attribute, Attributes, Decision, Question, RuleBook, all_sections, no_form,
        no_reason, no_status,
    },
    clock::{Span, Timestamp},
    ids::{AccountId, CaseId, Code, Position},
    profile::{Assurance, RuleBookText},
};

pub(in crate::access) use Given::*;

/// The rule book of Kvam, as it comes with the program.
pub(in crate::access) static KVAM: LazyLock<RuleBook> = LazyLock::new(|| {
    let text = RuleBookText::built_in("stafettloggen-kvam").expect("it comes with the program");
    RuleBook::load(&text).unwrap_or_else(|error| panic!("{error}"))
});

/// Something that is so. Without any, a person of the highest assurance with an active account and no role
/// asks for all of a case that is active and has no consents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::access) enum Given {
    AssuranceOf(Assurance),
    InactiveAccount,
    InTenant(&'static str),
    InUnit(&'static str),
    Party(&'static str),
    PartyUntil(&'static str, Timestamp),
    NoCase,
    Status(&'static str),
    Erasing,
    Erased,
    Consent(&'static str),
    ConsentUntil(&'static str, Timestamp),
    ServiceConsented,
    Cleared,
    OfAge,
    BrokenGlass,
    Held,
    OnPaper,
    SectionHidden,
    Asked(&'static str),
    Earlier,
    Closing(&'static str),
    Myself,
    MayAppoint,
    IntoStatus(&'static str),
    OfTheUnit(&'static str),
    OfTheReceiver(&'static str),
    SharesData,
    ReceiverConsented,
    BothBound,
}

/// The moment at which everything is asked.
pub(in crate::access) fn now() -> Timestamp {
    at("2026-03-02T09:00:00Z")
}

pub(in crate::access) fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

pub(in crate::access) struct Situation {
    facts: Vec<Given>,
}

pub(in crate::access) fn given(facts: impl Into<Vec<Given>>) -> Situation {
    Situation {
        facts: facts.into(),
    }
}

impl Situation {
    pub(in crate::access) fn asks(&self, action: Action) -> Answer {
        self.asks_of(&KVAM, action)
    }

    pub(in crate::access) fn asks_about(&self, action: Action, section: &Code) -> Answer {
        let mut question = self.question(action);
        question.attributes.section = Attribute::given(section.clone());
        Answer {
            decision: KVAM.decide(&question),
            told: format!("{:?} asks {action} about {section}", self.facts),
        }
    }

    pub(in crate::access) fn asks_of(&self, rules: &RuleBook, action: Action) -> Answer {
        Answer {
            decision: rules.decide(&self.question(action)),
            told: format!("{:?} asks {action}", self.facts),
        }
    }

    pub(in crate::access) fn question(&self, action: Action) -> Question {
        let ulid = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
        Question {
            action,
            asker: Asker::Account(ulid.parse::<AccountId>().expect("an id")),
            case: action
                .is_about_a_case()
                .then(|| ulid.parse::<CaseId>().expect("an id")),
            at: now(),
            attributes: self.attributes(),
        }
    }

    pub(in crate::access) fn attributes(&self) -> Attributes {
        let mut attributes = Attributes {
            assurance: Attribute::given(Assurance::High),
            account_active: Attribute::given(true),
            tenant_roles: Attribute::given(BTreeSet::new()),
            unit_roles: Attribute::given(BTreeSet::new()),
            receiver_roles: Attribute::given(BTreeSet::new()),
            parent_roles: Attribute::given(BTreeSet::new()),
            status_asked: Attribute::given(no_status()),
            round_open: Attribute::given(false),
            unit_agreements: Attribute::given(BTreeSet::new()),
            receiver_agreements: Attribute::given(BTreeSet::new()),
            case_roles: Attribute::given(BTreeSet::new()),
            cleared: Attribute::given(false),
            of_age: Attribute::given(false),
            emergency: Attribute::given(false),
            shares_data: Attribute::given(false),
            receiver_consented: Attribute::given(false),
            asker_bound: Attribute::given(false),
            receiver_bound: Attribute::given(false),
            held: Attribute::given(false),
            consent_form: Attribute::given(no_form()),
            section_shown: Attribute::given(true),
            case_exists: Attribute::given(true),
            status: Attribute::given(code("active")),
            erasing: Attribute::given(false),
            erased: Attribute::given(false),
            consents: Attribute::given(BTreeSet::new()),
            service_consented: Attribute::given(false),
            section: Attribute::given(all_sections()),
            earlier: Attribute::given(false),
            closing_reason: Attribute::given(no_reason()),
            self_party: Attribute::given(false),
            may_appoint: Attribute::given(false),
        };
        for (position, fact) in (1..).zip(&self.facts) {
            apply(&mut attributes, *fact, Position(position));
        }
        attributes
    }
}

fn apply(attributes: &mut Attributes, fact: Given, event: Position) {
    match fact {
        AssuranceOf(level) => attributes.assurance.value = level,
        InactiveAccount => set(&mut attributes.account_active, false, event),
        InTenant(role) => add(&mut attributes.tenant_roles, role, event, None),
        InUnit(role) => add(&mut attributes.unit_roles, role, event, None),
        Party(role) => add(&mut attributes.case_roles, role, event, None),
        PartyUntil(role, until) => add(&mut attributes.case_roles, role, event, Some(until)),
        NoCase => {
            attributes.case_exists.value = false;
            attributes.status.value = no_status();
        }
        Status(status) => set(&mut attributes.status, code(status), event),
        Erasing => set(&mut attributes.erasing, true, event),
        Erased => set(&mut attributes.erased, true, event),
        Consent(kind) => add(&mut attributes.consents, kind, event, None),
        ConsentUntil(kind, until) => add(&mut attributes.consents, kind, event, Some(until)),
        ServiceConsented => set(&mut attributes.service_consented, true, event),
        Cleared => set(&mut attributes.cleared, true, event),
        OfAge => set(&mut attributes.of_age, true, event),
        BrokenGlass => set(&mut attributes.emergency, true, event),
        Held => set(&mut attributes.held, true, event),
        OnPaper => attributes.consent_form.value = code("paper"),
        SectionHidden => attributes.section_shown.value = false,
        Asked(section) => attributes.section.value = code(section),
        Earlier => set(&mut attributes.earlier, true, event),
        Closing(reason) => attributes.closing_reason.value = code(reason),
        Myself => attributes.self_party.value = true,
        MayAppoint => set(&mut attributes.may_appoint, true, event),
        IntoStatus(status) => attributes.status_asked.value = code(status),
        OfTheUnit(kind) => add(&mut attributes.unit_agreements, kind, event, None),
        OfTheReceiver(kind) => add(&mut attributes.receiver_agreements, kind, event, None),
        SharesData => set(&mut attributes.shares_data, true, event),
        ReceiverConsented => set(&mut attributes.receiver_consented, true, event),
        BothBound => {
            set(&mut attributes.asker_bound, true, event);
            set(&mut attributes.receiver_bound, true, event);
        }
    }
}

fn set<T>(attribute: &mut Attribute<T>, value: T, event: Position) {
    attribute.value = value;
    attribute.cites.push(event);
}

fn add(
    attribute: &mut Attribute<BTreeSet<Code>>,
    word: &str,
    event: Position,
    until: Option<Timestamp>,
) {
    attribute.value.insert(code(word));
    attribute.cites.push(event);
    attribute.holds = attribute.holds.intersect(Span { from: None, until });
}

pub(in crate::access) fn code(word: &str) -> Code {
    word.parse().expect("a code")
}

/// A decision, with the question in words for when a test fails.
pub(in crate::access) struct Answer {
    pub(in crate::access) decision: Decision,
    told: String,
}

impl Answer {
    #[track_caller]
    pub(in crate::access) fn is_allowed(&self) -> &Self {
        let decision = &self.decision;
        assert!(decision.is_allowed(), "{}: {decision:#?}", self.told);
        assert_eq!(decision.requirement, None);
        self
    }

    #[track_caller]
    pub(in crate::access) fn refused_by(&self, requirement: &str) -> &Self {
        let decision = &self.decision;
        assert!(!decision.is_allowed(), "{} and may", self.told);
        assert_eq!(decision.fault, None, "{}", self.told);
        let named = decision.requirement.map(|named| named.to_string());
        assert_eq!(
            named.as_deref(),
            Some(requirement),
            "{}: {decision:#?}",
            self.told
        );
        self
    }

    #[track_caller]
    pub(in crate::access) fn citing(&self, events: &[u64]) -> &Self {
        let cited: Vec<_> = self
            .decision
            .citations
            .iter()
            .map(|event| event.0)
            .collect();
        assert_eq!(cited, events, "{}", self.told);
        self
    }

    #[track_caller]
    pub(in crate::access) fn until(&self, moment: Option<Timestamp>) -> &Self {
        assert_eq!(self.decision.holds_until(), moment, "{}", self.told);
        self
    }
}
