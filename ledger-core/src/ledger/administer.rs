//! Commands about organisations, accounts and rules: the same path as for a case, on other streams. And questions about
//! the ledger as a whole that show nothing of any person.

use std::sync::Arc;

use super::{
    Caller, DirectoryCommand, Executed, Ledger, LedgerError, Occasion, Refusal,
    execute::{ATTEMPTS_MAX, Proposal},
    situation,
    states::Freshness,
};
use crate::{
    access::{Action, RuleBook},
    case::Case,
    clock::Timestamp,
    command::Decided,
    event::Actor,
    ids::{CaseId, OrganisationId, ProfileId, StreamId},
    profile::Profile,
    standing::Asked,
    store::AppendError,
};

impl Ledger {
    /// Carries out a command about organisations, accounts or rules, by the rule book `profile`.
    ///
    /// # Errors
    /// As [`Ledger::execute`].
    #[expect(
        clippy::too_many_lines,
        reason = "one path, from the question to the append"
    )]
    pub async fn administer(
        &self,
        caller: &Caller,
        profile: &ProfileId,
        command: DirectoryCommand,
        occasion: &Occasion,
    ) -> Result<Executed, LedgerError> {
        let idempotency = self.idempotency(caller, occasion).await?;
        if let Some(repeated) = self.repeated(caller, idempotency.as_ref()).await? {
            return Ok(repeated);
        }
        let action = command.action();
        let tenant = &caller.tenant;
        let mut now = self.now();
        let mut freshness = Freshness::FromMemory;
        for _ in 0..ATTEMPTS_MAX {
            let adopted = self.profile(tenant, profile, freshness).await?;
            let current = adopted.state.current.as_ref();
            let Some((_, rule_book)) = current else {
                if freshness.read_again() {
                    continue;
                }
                return Err(LedgerError::NoProfile(profile.clone()));
            };
            let account = self.account(tenant, caller.account, freshness).await?;
            let asked = command.asked();
            let around = self
                .around(tenant, rule_book, asked.unit.into_iter(), freshness)
                .await?;
            // A question about no case has an empty one, and an id that nothing looks at.
            let nobody = CaseId::from_ulid(ulid::Ulid::nil());
            let decision = situation::decide(
                rule_book,
                caller,
                &account.state,
                nobody,
                &Case::default(),
                &around.organisations,
                action,
                &asked,
                now,
            );
            if !decision.is_allowed() {
                if freshness.read_again() {
                    continue;
                }
                self.parts.observer.refused(action);
                return Err(LedgerError::Refused(Box::new(Refusal::of(
                    action, decision,
                ))));
            }
            let decided = self
                .decide_directory(caller, rule_book.profile(), command.clone(), now, freshness)
                .await
                .map_err(|error| match error {
                    LedgerError::Rejected(rejection) => LedgerError::Rejected(
                        rejection.by_the_rules_of(rule_book.profile(), action),
                    ),
                    other => other,
                });
            let (target, decided) = match decided {
                Ok(decided) => decided,
                Err(LedgerError::Rejected(_)) if freshness.read_again() => continue,
                Err(error) => return Err(error),
            };
            let own = [
                (StreamId::Account(caller.account), account.version),
                (StreamId::Profile(profile.clone()), adopted.version),
            ];
            let consulted = own.into_iter().chain(target).chain(around.expected);
            let mut expected: Vec<(StreamId, u64)> = Vec::new();
            for (stream, version) in consulted {
                if !expected.iter().any(|(known, _)| *known == stream) {
                    expected.push((stream, version));
                }
            }
            let proposal = Proposal {
                actor: Actor::Staff {
                    account: caller.account,
                    role: account
                        .state
                        .roles_in(profile, now)
                        .find(|held| {
                            held.unit.is_none_or(|unit| {
                                Some(unit) == asked.unit || around.organisations.contains_key(&unit)
                            })
                        })
                        .map(|held| held.role.clone()),
                    organisation: account.state.organisation,
                    on_behalf_of: None,
                    issuer: caller.issuer.clone(),
                    assurance: caller.assurance,
                },
                basis: Some(situation::basis(rule_book.profile(), &[&decision])),
                expected,
                holds: decision.holds,
                decided: &decided,
                idempotency: idempotency.clone(),
            };
            match self.append(caller, None, occasion, proposal).await {
                Ok((appended, events)) => {
                    return Ok(Executed::done(None, &appended, decided, events));
                }
                Err(LedgerError::Append(AppendError::Repeated { first, count })) => {
                    return self.what_was_done(caller, first, count).await;
                }
                Err(error) => now = self.again(error, &mut freshness)?,
            }
        }
        Err(LedgerError::TooBusy)
    }

    /// Decides whether the caller may do something of the group `administer` that changes nothing and shows nothing
    /// personal, such as seeing numbers; in one unit, or in the whole tenant. Gives the rule book that decided. No event
    /// is needed, because nobody's data is shown; refusals are counted as always.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] by the rules, [`LedgerError::NoProfile`] where there are none.
    pub async fn permit_overview(
        &self,
        caller: &Caller,
        profile: &ProfileId,
        action: Action,
        unit: Option<OrganisationId>,
    ) -> Result<Arc<RuleBook>, LedgerError> {
        debug_assert!(!action.is_about_a_case(), "a case is looked at");
        let tenant = &caller.tenant;
        let adopted = self.profile(tenant, profile, Freshness::ReadAgain).await?;
        let current = adopted.state.current.as_ref();
        let (_, rule_book) = current.ok_or_else(|| LedgerError::NoProfile(profile.clone()))?;
        let account = self
            .account(tenant, caller.account, Freshness::ReadAgain)
            .await?;
        let asked = Asked {
            unit,
            ..Asked::default()
        };
        let around = self
            .around(tenant, rule_book, unit.into_iter(), Freshness::ReadAgain)
            .await?;
        let decision = situation::decide(
            rule_book,
            caller,
            &account.state,
            // A question about no case has an empty one, and an id that nothing looks at.
            CaseId::from_ulid(ulid::Ulid::nil()),
            &Case::default(),
            &around.organisations,
            action,
            &asked,
            self.now(),
        );
        if decision.is_allowed() {
            return Ok(Arc::clone(rule_book));
        }
        self.parts.observer.refused(action);
        Err(LedgerError::Refused(Box::new(Refusal::of(
            action, decision,
        ))))
    }

    /// Decides a directory command; gives the stream that it depends on beside the caller's own.
    async fn decide_directory(
        &self,
        caller: &Caller,
        profile: &Profile,
        command: DirectoryCommand,
        now: Timestamp,
        freshness: Freshness,
    ) -> Result<(Vec<(StreamId, u64)>, Vec<Decided>), LedgerError> {
        let tenant = &caller.tenant;
        match command {
            DirectoryCommand::RegisterOrganisation(command) => {
                let organisation = self
                    .organisation(tenant, command.organisation, freshness)
                    .await?;
                let mut expected = vec![(
                    StreamId::Organisation(command.organisation),
                    organisation.version,
                )];
                if let Some(parent) = command.parent {
                    expected.extend(self.known_organisation(caller, parent, freshness).await?);
                }
                Ok((expected, command.decide(&organisation.state)?))
            }
            DirectoryCommand::ActivateAccount(command) => {
                let account = self.account(tenant, command.account, freshness).await?;
                let mut expected = vec![(StreamId::Account(command.account), account.version)];
                if let Some(organisation) = command.organisation {
                    expected.extend(
                        self.known_organisation(caller, organisation, freshness)
                            .await?,
                    );
                }
                Ok((expected, command.decide(&account.state)?))
            }
            DirectoryCommand::DeactivateAccount(command) => {
                let account = self.account(tenant, command.account, freshness).await?;
                let expected = vec![(StreamId::Account(command.account), account.version)];
                Ok((expected, command.decide(&account.state)?))
            }
            DirectoryCommand::SignAgreement(command) => {
                let id = command.organisation;
                let organisation = self.organisation(tenant, id, freshness).await?;
                let mut expected = vec![(StreamId::Organisation(id), organisation.version)];
                if let Some(with) = command.with.filter(|with| *with != id) {
                    expected.extend(self.known_organisation(caller, with, freshness).await?);
                }
                Ok((expected, command.decide(&organisation.state, profile, now)?))
            }
            DirectoryCommand::EndAgreement(command) => {
                let id = command.organisation;
                let organisation = self.organisation(tenant, id, freshness).await?;
                let expected = vec![(StreamId::Organisation(id), organisation.version)];
                Ok((expected, command.decide(&organisation.state)?))
            }
            DirectoryCommand::AssignRole(command) => {
                let account = self.account(tenant, command.account, freshness).await?;
                let mut expected = vec![(StreamId::Account(command.account), account.version)];
                if let Some(unit) = command.unit {
                    expected.extend(self.known_organisation(caller, unit, freshness).await?);
                }
                Ok((expected, command.decide(&account.state, profile, now)?))
            }
            DirectoryCommand::EndRole(command) => {
                let account = self.account(tenant, command.account, freshness).await?;
                let expected = vec![(StreamId::Account(command.account), account.version)];
                Ok((expected, command.decide(&account.state, profile, now)?))
            }
            DirectoryCommand::SetContact(command) => {
                let id = command.account;
                let contact = self.contact(tenant, id, freshness).await?;
                let expected = vec![(StreamId::Contacts(id), contact.version)];
                Ok((expected, command.decide()?))
            }
            DirectoryCommand::SetNotificationPreferences(command) => {
                let id = command.account;
                let contact = self.contact(tenant, id, freshness).await?;
                let expected = vec![(StreamId::Contacts(id), contact.version)];
                Ok((expected, command.decide()?))
            }
            DirectoryCommand::AddWebhook(command) => {
                let known = self.webhooks(tenant).await?;
                let expected = vec![(StreamId::Webhooks, known.version)];
                Ok((expected, command.decide(&known.state)?))
            }
            DirectoryCommand::RemoveWebhook(command) => {
                let known = self.webhooks(tenant).await?;
                let expected = vec![(StreamId::Webhooks, known.version)];
                Ok((expected, command.decide(&known.state)?))
            }
            DirectoryCommand::AdoptProfile(command) => {
                let id = command.rule_book.profile().id.clone();
                let adopted = self.profile(tenant, &id, freshness).await?;
                Ok((
                    vec![(StreamId::Profile(id), adopted.version)],
                    command.decide(&adopted.state)?,
                ))
            }
        }
    }
}
