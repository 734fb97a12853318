//! Who could have seen a case at a moment, which parts, and why.

use std::collections::BTreeSet;

use super::{
    Answered, Could,
    answer::Question,
    history::{History, NamesOfPeople, Scene},
    in_order,
    sight::Watching,
};
use crate::{
    access::Action,
    clock::Timestamp,
    ids::{AccountId, CaseId, PartyId, Position, TenantId},
    ledger::{AsOf, Caller, Ledger, LedgerError, Occasion},
};

/// Who could have seen a case, and why.
pub struct CouldHave {
    /// The moment that was asked about.
    pub at: Timestamp,
    /// Everybody who takes part or holds a role that a rule may look at.
    pub people: Vec<Could>,
    /// The event that this answer left.
    pub answer: Answered,
}

impl CouldHave {
    /// The events that the answer rests on.
    pub fn cited(&self) -> Vec<Position> {
        in_order(
            self.people
                .iter()
                .flat_map(|could| could.decision.citations.iter().copied()),
        )
    }
}

impl Ledger {
    /// Who could have seen the case, and why.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] or [`LedgerError::Refused`] for whoever may not ask; [`LedgerError::NotFound`] also
    /// where the case was not open yet.
    pub async fn could(
        &self,
        caller: &Caller,
        case_id: CaseId,
        as_of: AsOf,
        occasion: &Occasion,
    ) -> Result<CouldHave, LedgerError> {
        let tenant = &caller.tenant;
        let question = Question {
            as_of,
            ..Question::of(Action::AuditCould)
        };
        let (answer, history) = self
            .answer_from_history(caller, case_id, question, occasion)
            .await?;
        let at = self.moment_of(tenant, as_of, &answer).await?;
        let scene = history.scene_as_of(as_of);
        if scene.case.opened.is_none() {
            return Err(LedgerError::NotFound);
        }
        let people = everybody(&history, &scene, at).into_iter();
        let mut people: Vec<Could> = people.map(|(_, could)| could).collect();
        self.name_all(tenant, &history, people.iter_mut()).await?;
        Ok(CouldHave { at, people, answer })
    }

    /// Notes that somebody asks who could see a case, for an answer that comes from elsewhere than from the events,
    /// such as a read model. What it is answered with is shown only after this.
    ///
    /// # Errors
    /// As [`Ledger::could`].
    pub async fn note_audit(
        &self,
        caller: &Caller,
        case_id: CaseId,
        occasion: &Occasion,
    ) -> Result<Answered, LedgerError> {
        let question = Question::of(Action::AuditCould);
        self.answer(caller, case_id, question, occasion).await
    }

    /// The moment that is asked about; for now, that of the answer.
    pub(super) async fn moment_of(
        &self,
        tenant: &TenantId,
        as_of: AsOf,
        answer: &Answered,
    ) -> Result<Timestamp, LedgerError> {
        let at = self.time_of(tenant, as_of).await?;
        Ok(at.unwrap_or(answer.event.recorded_at))
    }

    /// Gives everybody their names, as far as they can still be read.
    pub(super) async fn name_all<'a>(
        &self,
        tenant: &TenantId,
        history: &History,
        people: impl Iterator<Item = &'a mut Could> + Send,
    ) -> Result<(), LedgerError> {
        let people: Vec<&mut Could> = people.collect();
        let accounts = people.iter().filter_map(|could| could.account).collect();
        let parties: BTreeSet<PartyId> = people.iter().filter_map(|could| could.party).collect();
        let names = self.names(tenant, history, &accounts, &parties).await?;
        for could in people {
            could.name = names.of(could);
        }
        Ok(())
    }
}

impl NamesOfPeople {
    pub(super) fn of(&self, could: &Could) -> Option<String> {
        let name = match (could.account, could.party) {
            (Some(account), _) => self.accounts.get(&account),
            (None, Some(party)) => self.parties.get(&party),
            (None, None) => None,
        };
        name.cloned()
    }
}

/// Everybody who could, or could not, have seen the case in a scene; nobody, while it was not open.
pub(super) fn everybody(
    history: &History,
    scene: &Scene,
    at: Timestamp,
) -> Vec<(AccountId, Could)> {
    let watching = Watching::new(history.case_id, scene, at);
    let people = watching.iter().flat_map(Watching::everybody);
    people
        .map(|(id, onlooker)| (id, onlooker.into_could(id)))
        .collect()
}
