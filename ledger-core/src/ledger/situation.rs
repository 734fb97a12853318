//! Everything that a decision about a case consults, with the versions that it stood at.

use std::sync::Arc;

use futures::future;

use super::{
    Caller, Ledger, LedgerError, Refusal,
    around::Around,
    states::{Freshness, Versioned},
};
use crate::{
    access::{Action, Asker, Decision, Question, RuleBook},
    case::{Case, Party},
    clock::{Span, Timestamp},
    directory::{Account, AdoptedProfile, Organisations},
    event::{Actor, Basis},
    ids::{
        CaseId, OrganisationId, PartyId, Position, ProfileId, ReferralId, StreamId, TenantId,
        TransmissionId,
    },
    profile::{Part, Profile},
    standing::{self, Asked, Asking},
};

/// What a command names because the case does not say it, or not yet.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Named<'a> {
    /// The system of a case that does not exist yet.
    pub(super) profile: Option<&'a ProfileId>,
    /// The unit that would be responsible for it.
    pub(super) unit: Option<OrganisationId>,
    /// The organisation to which it is submitted, or something of it passed on.
    pub(super) receiver: Option<OrganisationId>,
    /// A referral of the case: its receiver is looked up, too.
    pub(super) referral: Option<ReferralId>,
    /// A transmission of the case, in the same way.
    pub(super) transmission: Option<TransmissionId>,
}

pub(super) struct Situation<'a> {
    caller: &'a Caller,
    pub(super) case_id: CaseId,
    pub(super) case: Arc<Versioned<Case>>,
    pub(super) account: Arc<Versioned<Account>>,
    adopted: Arc<Versioned<AdoptedProfile>>,
    rule_book: Arc<RuleBook>,
    around: Around,
}

impl Ledger {
    /// `named` is what a command says beside the case.
    pub(super) async fn situation<'a>(
        &self,
        caller: &'a Caller,
        case_id: CaseId,
        named: Option<Named<'_>>,
        freshness: Freshness,
    ) -> Result<Situation<'a>, LedgerError> {
        let tenant = &caller.tenant;
        let case = self.case(tenant, case_id, freshness);
        let account = self.account(tenant, caller.account, freshness);
        let (case, account) = future::try_join(case, account).await?;
        let named = named.unwrap_or_default();
        let profile_id = match (&case.state.opened, named.profile) {
            (Some(opened), _) => &opened.profile,
            (None, Some(opening)) => opening,
            (None, None) => return Err(LedgerError::NotFound),
        };
        let adopted = self.profile(tenant, profile_id, freshness).await?;
        let current = adopted.state.current.as_ref();
        let (_, rule_book) = current.ok_or_else(|| LedgerError::NoProfile(profile_id.clone()))?;
        let rule_book = Arc::clone(rule_book);
        let around = match &case.state.opened {
            Some(opened) => [
                Some(opened.unit),
                opened.submitted_to,
                named
                    .receiver
                    .or_else(|| case.state.receiver_of(named.referral, named.transmission)),
            ],
            None => [named.unit, named.receiver, None],
        };
        let around = self
            .around(tenant, &rule_book, around.into_iter().flatten(), freshness)
            .await?;
        Ok(Situation {
            caller,
            case_id,
            case,
            account,
            adopted,
            rule_book,
            around,
        })
    }
}

impl Situation<'_> {
    /// The organisations around the case, with the versions that they stood at.
    pub(super) fn around(&self) -> &Around {
        &self.around
    }

    /// The system, with every adoption of its rules.
    pub(super) fn adopted(&self) -> &Versioned<AdoptedProfile> {
        &self.adopted
    }

    pub(super) fn profile(&self) -> &Profile {
        self.rule_book.profile()
    }

    pub(super) fn rule_book(&self) -> Arc<RuleBook> {
        Arc::clone(&self.rule_book)
    }

    pub(super) fn caller(&self) -> &Caller {
        self.caller
    }

    pub(super) fn tenant(&self) -> &TenantId {
        &self.caller.tenant
    }

    pub(super) fn decide(&self, action: Action, asked: &Asked<'_>, at: Timestamp) -> Decision {
        decide(
            &self.rule_book,
            self.caller,
            &self.account.state,
            self.case_id,
            &self.case.state,
            &self.around.organisations,
            action,
            asked,
            at,
        )
    }

    /// Every stream consulted, with its version.
    pub(super) fn expected(&self) -> Vec<(StreamId, u64)> {
        let mut expected = vec![
            (StreamId::Case(self.case_id), self.case.version),
            (StreamId::Account(self.caller.account), self.account.version),
            (
                StreamId::Profile(self.profile().id.clone()),
                self.adopted.version,
            ),
        ];
        expected.extend(self.around.expected.iter().cloned());
        expected
    }

    /// The party as which the caller takes part.
    pub(super) fn party(&self) -> Option<(PartyId, &Party)> {
        self.case.state.party_of(self.caller.account)
    }

    /// How the caller appears in the event: members of the family by their party id alone.
    pub(super) fn actor(&self, at: Timestamp) -> Actor {
        self.actor_in(None, at)
    }

    /// As [`Situation::actor`], where there may be no case yet: `unit` is the one acted upon.
    pub(super) fn actor_in(&self, unit: Option<OrganisationId>, at: Timestamp) -> Actor {
        let Caller {
            account,
            issuer,
            assurance,
            ..
        } = self.caller;
        match self.party() {
            Some((party, known)) if known.staff.is_none() => Actor::Party {
                party,
                role: known.role.clone(),
                issuer: issuer.clone(),
                assurance: *assurance,
            },
            party => {
                let opened = self.case.state.opened.as_ref();
                let unit = opened.map(|opened| opened.unit).or(unit);
                let receiver = opened.and_then(|opened| opened.submitted_to);
                let account_state = &self.account.state;
                let mut held = account_state
                    .roles_in(&self.profile().id, at)
                    .filter(|held| {
                        held.unit.is_none_or(|held| {
                            Some(held) == unit
                                || Some(held) == receiver
                                || self.around.organisations.contains_key(&held)
                        })
                    });
                Actor::Staff {
                    account: *account,
                    role: party
                        .map(|(_, party)| &party.role)
                        .or_else(|| held.next().map(|held| &held.role))
                        .cloned(),
                    organisation: self.account.state.organisation,
                    on_behalf_of: None,
                    issuer: issuer.clone(),
                    assurance: *assurance,
                }
            }
        }
    }

    pub(super) fn basis(&self, decisions: &[&Decision]) -> Basis {
        basis(self.profile(), decisions)
    }

    /// The refusal of somebody who asks to begin a case, as it would be if nobody had begun it.
    pub(super) fn as_if_never_opened(&self, refusal: Refusal, at: Timestamp) -> Refusal {
        if self.case.state.opened.is_none() {
            return refusal;
        }
        let decision = decide(
            &self.rule_book,
            self.caller,
            &self.account.state,
            self.case_id,
            &Case::default(),
            &self.around.organisations,
            refusal.action,
            &Asked::default(),
            at,
        );
        if decision.is_allowed() {
            // Whoever might have begun it may know that it has been.
            return refusal;
        }
        Refusal::of(refusal.action, decision)
    }

    fn is_guest_of_the_past(&self, at: Timestamp) -> bool {
        let (account, case) = (self.caller.account, &self.case.state);
        standing::is_guest_of_the_past(account, case, self.profile(), at)
    }

    /// Whether the caller may know that the case is there, even though something about it is refused.
    pub(super) fn may_know(&self, at: Timestamp) -> bool {
        let asked = Asked {
            section: Some(self.profile().section_of(Part::Child).clone()),
            ..Asked::default()
        };
        let others = [
            Action::ListCase,
            Action::AuditSaw,
            Action::ExportCase,
            Action::EraseCase,
        ];
        self.case.state.opened.is_some()
            && ((self.party().is_some() && !self.is_guest_of_the_past(at))
                || others
                    .iter()
                    .any(|action| self.decide(*action, &asked, at).is_allowed()))
    }
}

/// The same question for any state: of now, or of some moment in the past.
#[expect(
    clippy::too_many_arguments,
    reason = "each is a different thing that a decision looks at"
)]
pub(super) fn decide(
    rule_book: &RuleBook,
    caller: &Caller,
    account: &Account,
    case_id: CaseId,
    case: &Case,
    organisations: &Organisations,
    action: Action,
    asked: &Asked<'_>,
    at: Timestamp,
) -> Decision {
    let asking = Asking {
        id: caller.account,
        account,
        assurance: caller.assurance,
    };
    let attributes =
        standing::attributes(asking, case, organisations, asked, rule_book.profile(), at);
    let asker = case
        .party_of(caller.account)
        .filter(|(_, party)| party.staff.is_none())
        .map_or(Asker::Account(caller.account), |(party, _)| {
            Asker::Party(party)
        });
    let case = action.is_about_a_case().then_some(case_id);
    rule_book.decide(&Question {
        action,
        asker,
        case,
        at,
        attributes,
    })
}

/// What an event says about the decisions that it rests on.
pub(super) fn basis(profile: &Profile, decisions: &[&Decision]) -> Basis {
    let mut policies: Vec<_> = Vec::new();
    let mut cited: Vec<Position> = Vec::new();
    for decision in decisions {
        for policy in &decision.policies {
            if !policies.contains(&policy.id) {
                policies.push(policy.id.clone());
            }
        }
        cited.extend(&decision.citations);
    }
    cited.sort_unstable();
    cited.dedup();
    Basis {
        profile: profile.id.clone(),
        profile_digest: profile.digest(),
        policies,
        cited,
    }
}

/// The span in which all of these decisions hold.
pub(super) fn holds(decisions: &[&Decision]) -> Span {
    decisions.iter().fold(Span::ALWAYS, |holds, decision| {
        holds.intersect(decision.holds)
    })
}
