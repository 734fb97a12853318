//! Who may ask, in which situations, and for what: everything that a rule book, or one of two, can tell apart.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{AttributeName, AttributeSet, RuleBook, mentioned};
use crate::{
    access::{Action, ActionGroup},
    ids::Code,
    profile::{Assurance, Filed, Part, Scope},
};

/// Where somebody stands, with the role they hold there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Signed in, with no role and no part.
    Nobody,
    /// In the tenant as a whole.
    Tenant(Code),
    /// In the unit that keeps the case; no participant.
    Unit(Code),
    /// In the unit that keeps the case, and a participant in the same role.
    UnitAndCase(Code),
    /// In the organisation at whose desk the case is discussed.
    Receiver(Code),
    /// In an organisation that the unit is part of.
    Parent(Code),
    /// A participant, for another service.
    Case(Code),
    /// A participant, as someone of the family.
    Family(Code),
}

impl Standing {
    /// The role that is held.
    pub const fn role(&self) -> Option<&Code> {
        match self {
            Self::Nobody => None,
            Self::Tenant(role)
            | Self::Unit(role)
            | Self::Receiver(role)
            | Self::Parent(role)
            | Self::UnitAndCase(role)
            | Self::Case(role)
            | Self::Family(role) => Some(role),
        }
    }

    /// The role in the case, for a participant.
    pub const fn role_in_case(&self) -> Option<&Code> {
        match self {
            Self::UnitAndCase(role) | Self::Case(role) | Self::Family(role) => Some(role),
            Self::Nobody
            | Self::Tenant(_)
            | Self::Unit(_)
            | Self::Receiver(_)
            | Self::Parent(_) => None,
        }
    }

    const fn place(&self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Tenant(_) => "tenant",
            Self::Unit(_) => "unit",
            Self::Receiver(_) => "receiver",
            Self::Parent(_) => "parent",
            Self::UnitAndCase(_) => "unit+case",
            Self::Case(_) => "case",
            Self::Family(_) => "family",
        }
    }
}

/// What is so of a person besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Besides {
    /// Nothing.
    Nothing,
    /// A consent names their service.
    ServiceCovered,
    /// They have broken the glass.
    GlassBroken,
    /// They have come of age.
    OfAge,
}

/// Somebody who may ask.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person {
    /// Where they stand.
    pub standing: Standing,
    /// What is so of them besides.
    pub besides: Besides,
}

impl fmt::Display for Person {
    /// `professional@case, covered`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(role) = self.standing.role() {
            write!(f, "{role}@")?;
        }
        f.write_str(self.standing.place())?;
        f.write_str(match self.besides {
            Besides::Nothing => "",
            Besides::ServiceCovered => " covered",
            Besides::GlassBroken => " glass",
            Besides::OfAge => " of-age",
        })
    }
}

/// What is so besides status and consents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Beyond {
    /// Nothing: every agreement is in force, nobody holds the case back, and whoever asks is known as surely as can be.
    Nothing,
    /// No agreement of this kind is in force that the unit has signed.
    UnitWithout(Code),
    /// No agreement of this kind is in force that the receiver has signed.
    ReceiverWithout(Code),
    /// No consent names the receiver of a referral.
    ReceiverNotNamed,
    /// No agreement binds the receiver by professional secrecy.
    ReceiverNotBound,
    /// A legal hold is in force.
    Held,
    /// The erasure has begun.
    Erasing,
    /// The case was erased.
    Erased,
    /// Whoever asks is known less surely.
    SignedInAt(Assurance),
    /// The account of whoever asks is not active.
    AccountClosed,
}

/// How a case stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Situation {
    /// Its status; none where there is no case.
    pub status: Option<Code>,
    /// The consents in force.
    pub consents: BTreeSet<Code>,
    /// What is so besides.
    pub beyond: Beyond,
}

impl Situation {
    /// Whether it is special by who asks, and not by how the case stands.
    pub const fn is_of_the_asker(&self) -> bool {
        matches!(self.beyond, Beyond::SignedInAt(_) | Beyond::AccountClosed)
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing of its own that a rule may look at"
)]
pub struct Question {
    /// What they want to do.
    pub action: Action,
    /// Which section; none = the whole.
    pub section: Option<Code>,
    /// The form of a consent that is to be recorded.
    pub form: Option<Code>,
    /// The status in which the case is to begin, or into which it is to be changed.
    pub into: Option<Code>,
    /// The reason for which the case is to be closed.
    pub reason: Option<Code>,
    /// Whether it was recorded before the case was reopened.
    pub earlier: bool,
    /// Whether a round is under way, of which they are if they are a guest.
    pub in_round: bool,
    /// Whether the referral shares data with its receiver.
    pub shares_data: bool,
    /// Whether they act upon themselves.
    pub upon_self: bool,
    /// Whether the role that is given or taken is one that their own may appoint.
    pub appointable: bool,
    /// Whether it was cleared that they open this case.
    pub cleared: bool,
}

/// Everything that can be told apart.
pub struct Space {
    people: Vec<Person>,
    situations: Vec<Situation>,
    questions: Vec<Question>,
    mentioned: BTreeMap<Action, AttributeSet>,
}

/// The words of one rule book or of two.
#[derive(Default)]
struct Words {
    roles: BTreeMap<Code, BTreeSet<Scope>>,
    statuses: BTreeSet<Code>,
    erasing_in: BTreeSet<Code>,
    erased_in: BTreeSet<Code>,
    consents: BTreeSet<Code>,
    sections: BTreeSet<Code>,
    of_part: BTreeMap<Part, BTreeSet<Code>>,
    takes: BTreeMap<Filed, BTreeSet<Code>>,
    forms: BTreeSet<Code>,
    reasons: BTreeSet<Code>,
    agreements: BTreeSet<Code>,
    mentioned: BTreeMap<Action, AttributeSet>,
}

impl Space {
    /// What some rule books can tell apart, together.
    pub fn of<'a>(rule_books: impl IntoIterator<Item = &'a RuleBook>) -> Self {
        let mut words = Words::default();
        for rule_book in rule_books {
            words.take(rule_book);
        }
        Self {
            people: words.people(),
            situations: words.situations(),
            questions: words.questions(),
            mentioned: words.mentioned,
        }
    }

    /// What may be asked for.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.questions.iter()
    }

    /// The situations in which an action is asked for, as far as the rules tell them apart: what concerns no case, where
    /// there is none.
    pub fn situations(&self, action: Action) -> impl Iterator<Item = &Situation> {
        let consents_count = self.mentions(action, AttributeName::Consents);
        self.situations.iter().filter(move |so| {
            let counts = match &so.beyond {
                Beyond::Nothing => consents_count || so.consents.is_empty(),
                Beyond::UnitWithout(_) => self.mentions(action, AttributeName::UnitAgreements),
                Beyond::ReceiverWithout(_) => {
                    self.mentions(action, AttributeName::ReceiverAgreements)
                }
                Beyond::ReceiverNotNamed => self.mentions(action, AttributeName::ReceiverConsented),
                Beyond::ReceiverNotBound => self.mentions(action, AttributeName::ReceiverBound),
                Beyond::Held => self.mentions(action, AttributeName::Held),
                Beyond::Erasing => self.mentions(action, AttributeName::Erasing),
                Beyond::Erased => self.mentions(action, AttributeName::Erased),
                Beyond::SignedInAt(_) => self.mentions(action, AttributeName::Assurance),
                Beyond::AccountClosed => self.mentions(action, AttributeName::AccountActive),
            };
            counts && (action.is_about_a_case() || so.status.is_none())
        })
    }

    /// Those who may ask for an action in a situation, as far as the rules tell them apart. In no case, nobody takes
    /// part.
    pub fn people(&self, action: Action, situation: &Situation) -> impl Iterator<Item = &Person> {
        let is_there = situation.status.is_some();
        self.people.iter().filter(move |person| {
            let counts = match person.besides {
                Besides::Nothing => true,
                Besides::ServiceCovered => self.mentions(action, AttributeName::ServiceConsented),
                Besides::GlassBroken => self.mentions(action, AttributeName::Emergency),
                Besides::OfAge => self.mentions(action, AttributeName::OfAge),
            };
            counts && (is_there || person.standing.role_in_case().is_none())
        })
    }

    fn mentions(&self, action: Action, name: AttributeName) -> bool {
        let all = self.mentioned.get(&action);
        all.is_some_and(|all| all.contains(name))
    }
}

impl Words {
    fn take(&mut self, rule_book: &RuleBook) {
        let profile = rule_book.profile();
        for (code, role) in &profile.roles {
            let scopes = self.roles.entry(code.clone()).or_default();
            scopes.extend(&role.scopes);
        }
        self.statuses.extend(profile.statuses.keys().cloned());
        let erasures = profile.transitions.iter();
        for step in erasures.filter(|step| step.command == Action::EraseCase) {
            self.erasing_in.extend(step.from.iter().cloned());
            self.erased_in.insert(step.to.clone());
        }
        let consents = profile.consents.iter();
        self.consents.extend(consents.map(|rule| rule.kind.clone()));
        self.sections.extend(profile.sections.keys().cloned());
        for (code, section) in &profile.sections {
            for filed in &section.takes {
                let sections = self.takes.entry(*filed).or_default();
                sections.insert(code.clone());
            }
        }
        for part in [Part::Child, Part::Timeline] {
            let sections = self.of_part.entry(part).or_default();
            sections.insert(profile.section_of(part).clone());
        }
        let agreements = profile.agreements.keys();
        self.agreements.extend(agreements.cloned());
        let reasons = profile.reasons.closing.keys();
        self.reasons.extend(reasons.cloned());
        self.forms.extend(profile.consent_forms.keys().cloned());
        for action in Action::ALL {
            let here = mentioned(rule_book, *action);
            let all = self.mentioned.entry(*action).or_default();
            *all = all.union(here);
        }
    }

    fn mentions(&self, action: Action, name: AttributeName) -> bool {
        let all = self.mentioned.get(&action);
        all.is_some_and(|all| all.contains(name))
    }

    fn people(&self) -> Vec<Person> {
        let ever = |name| {
            Action::ALL
                .iter()
                .any(|action| self.mentions(*action, name))
        };
        let glass = ever(AttributeName::Emergency).then_some(Besides::GlassBroken);
        let covered = ever(AttributeName::ServiceConsented).then_some(Besides::ServiceCovered);
        let of_age = ever(AttributeName::OfAge).then_some(Besides::OfAge);
        let mut people = vec![Person {
            standing: Standing::Nobody,
            besides: Besides::Nothing,
        }];
        let mut stand = |standing: Standing, besides: &[Option<Besides>]| {
            let besides = besides.iter().copied().flatten();
            people.extend(
                [Besides::Nothing]
                    .into_iter()
                    .chain(besides)
                    .map(|besides| Person {
                        standing: standing.clone(),
                        besides,
                    }),
            );
        };
        for (role, scopes) in &self.roles {
            if scopes.contains(&Scope::Tenant) {
                stand(Standing::Tenant(role.clone()), &[glass]);
            }
            if scopes.contains(&Scope::Unit) {
                stand(Standing::Unit(role.clone()), &[glass]);
            }
            if scopes.contains(&Scope::Unit) && ever(AttributeName::ReceiverRoles) {
                stand(Standing::Receiver(role.clone()), &[]);
            }
            if scopes.contains(&Scope::Unit) && ever(AttributeName::ParentRoles) {
                stand(Standing::Parent(role.clone()), &[]);
            }
            if scopes.contains(&Scope::Unit) && scopes.contains(&Scope::Case) {
                stand(Standing::UnitAndCase(role.clone()), &[glass]);
            }
            if scopes.contains(&Scope::Case) {
                stand(Standing::Case(role.clone()), &[covered, glass]);
            }
            if scopes.contains(&Scope::Family) {
                stand(Standing::Family(role.clone()), &[of_age]);
            }
        }
        people
    }

    /// Each status with no consent, with each alone, and with all; the last one also as it is in a special case.
    fn situations(&self) -> Vec<Situation> {
        let none = BTreeSet::new();
        let alone = self
            .consents
            .iter()
            .map(|kind| BTreeSet::from([kind.clone()]));
        let mut sets: Vec<_> = [none.clone()].into_iter().chain(alone).collect();
        if self.consents.len() > 1 {
            sets.push(self.consents.clone());
        }
        let mut special = vec![
            Beyond::SignedInAt(Assurance::Low),
            Beyond::SignedInAt(Assurance::Substantial),
            Beyond::AccountClosed,
        ];
        special.extend([Beyond::ReceiverNotNamed, Beyond::ReceiverNotBound]);
        for kind in &self.agreements {
            special.push(Beyond::UnitWithout(kind.clone()));
            special.push(Beyond::ReceiverWithout(kind.clone()));
        }
        let mut situations: Vec<_> = [Beyond::Nothing]
            .into_iter()
            .chain(special.clone())
            .map(|beyond| Situation {
                status: None,
                consents: none.clone(),
                beyond,
            })
            .collect();
        for status in &self.statuses {
            let so = |consents: &BTreeSet<Code>, beyond| Situation {
                status: Some(status.clone()),
                consents: consents.clone(),
                beyond,
            };
            situations.extend(sets.iter().map(|set| so(set, Beyond::Nothing)));
            let erasing = self.erasing_in.contains(status).then_some(Beyond::Erasing);
            let erased = self.erased_in.contains(status).then_some(Beyond::Erased);
            let of_the_case = [Some(Beyond::Held), erasing, erased].into_iter().flatten();
            let special = of_the_case.chain(special.clone());
            situations.extend(special.map(|beyond| so(&self.consents, beyond)));
        }
        situations
    }

    fn questions(&self) -> Vec<Question> {
        let mut questions = Vec::new();
        for action in Action::ALL.iter().copied() {
            let either = |name| -> &[bool] {
                if self.mentions(action, name) {
                    &[false, true]
                } else {
                    &[false]
                }
            };
            let each = |name, words: &BTreeSet<Code>| {
                let words = words.iter().cloned().map(Some);
                if self.mentions(action, name) {
                    words.collect()
                } else {
                    vec![None]
                }
            };
            let forms = each(AttributeName::ConsentForm, &self.forms);
            let statuses = each(AttributeName::StatusAsked, &self.statuses);
            let reasons = each(AttributeName::ClosingReason, &self.reasons);
            let mut of_this = vec![Question {
                action,
                section: None,
                form: None,
                into: None,
                reason: None,
                earlier: false,
                in_round: false,
                shares_data: false,
                upon_self: false,
                appointable: false,
                cleared: false,
            }];
            vary(&mut of_this, &self.sections_of(action), |one, it| {
                one.section = it;
            });
            vary(&mut of_this, &forms, |one, it| one.form = it);
            vary(&mut of_this, &statuses, |one, it| one.into = it);
            vary(&mut of_this, &reasons, |one, it| one.reason = it);
            vary(&mut of_this, either(AttributeName::Earlier), |one, it| {
                one.earlier = it;
            });
            vary(&mut of_this, either(AttributeName::RoundOpen), |one, it| {
                one.in_round = it;
            });
            let shares = either(AttributeName::SharesData);
            vary(&mut of_this, shares, |one, it| one.shares_data = it);
            vary(&mut of_this, either(AttributeName::SelfParty), |one, it| {
                one.upon_self = it;
            });
            vary(
                &mut of_this,
                either(AttributeName::MayAppoint),
                |one, it| one.appointable = it,
            );
            vary(&mut of_this, either(AttributeName::Cleared), |one, it| {
                one.cleared = it;
            });
            questions.extend(of_this);
        }
        questions
    }

    /// The sections about which an action is asked. A list tells whom a case is about; a timeline, and what follows it,
    /// are shown as a whole.
    fn sections_of(&self, action: Action) -> Vec<Option<Code>> {
        let looks = [AttributeName::Section, AttributeName::SectionShown];
        if !looks.iter().any(|name| self.mentions(action, *name)) {
            return vec![None];
        }
        let of_part = |part| self.of_part.get(&part).into_iter().flatten();
        let sections: Vec<_> = match action {
            Action::ListCase | Action::SearchCase => of_part(Part::Child).collect(),
            Action::ViewTimeline | Action::WatchCase => of_part(Part::Timeline).collect(),
            Action::AddNote => self
                .takes
                .get(&Filed::Notes)
                .into_iter()
                .flatten()
                .collect(),
            Action::AddDocument => {
                let takes = self.takes.get(&Filed::Documents);
                takes.into_iter().flatten().collect()
            }
            _ if action.group() == ActionGroup::Read => self.sections.iter().collect(),
            _ => return vec![None],
        };
        sections.into_iter().cloned().map(Some).collect()
    }
}

/// Makes of each question one for each value.
fn vary<T: Clone>(questions: &mut Vec<Question>, values: &[T], set: impl Fn(&mut Question, T)) {
    let varied = questions.iter().flat_map(|question| {
        values.iter().map(|value| {
            let mut question = question.clone();
            set(&mut question, value.clone());
            question
        })
    });
    *questions = varied.collect();
}
