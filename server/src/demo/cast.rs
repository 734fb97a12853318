//! The people of the story, before it begins: rule book, organisations, accounts, roles. Interrupted, it goes on where
//! it stopped.

use std::sync::Arc;

use ledger_core::{
    access::RuleBook,
    directory::{ActivateAccount, AdoptProfile, AssignRole, RegisterOrganisation, SignAgreement},
    ids::{AccountId, AgreementId, OrganisationId, StreamId, TenantId},
    ledger::{DirectoryCommand, Ledger},
};

use super::{
    player::{account, caller, done_before, occasion},
    state::Stage,
    story::{Name, Story},
};

/// Ids for everybody, and nothing else yet.
pub(super) fn gather(ledger: &Ledger, story: &Story, tenant: &TenantId) -> Stage {
    let accounts = story.people.keys().map(|name| {
        let id = AccountId::generate(ledger.now(), ledger.entropy());
        (name.clone(), id)
    });
    let organisations = story.organisations.keys().map(|name| {
        let id = OrganisationId::generate(ledger.now(), ledger.entropy());
        (name.clone(), id)
    });
    Stage {
        tenant: tenant.clone(),
        accounts: accounts.collect(),
        organisations: organisations.collect(),
        played: None,
    }
}

/// Whether the ledger follows the rule book already: then somebody else uses it, or an earlier demo.
pub(super) async fn is_in_use(
    ledger: &Ledger,
    story: &Story,
    tenant: &TenantId,
) -> anyhow::Result<bool> {
    let adoptions = StreamId::Profile(story.profile.clone());
    let first = ledger.store().read_stream(tenant, &adoptions, 0, 1).await?;
    Ok(!first.is_empty())
}

/// Lets everybody take their place, each by whoever may do that.
pub(super) async fn introduce(
    ledger: &Ledger,
    story: &Story,
    stage: &Stage,
    rule_book: &Arc<RuleBook>,
) -> anyhow::Result<()> {
    let administrator = caller(stage, &story.administrator)?;
    let adopt = AdoptProfile {
        rule_book: Arc::clone(rule_book),
    };
    let name = story.people.get(&story.administrator);
    let appointed = ledger
        .appoint_first_administrator(
            &stage.tenant,
            adopt,
            administrator.account,
            name.map_or("administrator", |person| person.name.as_str()),
            "administrator".parse().expect("a word of a-z is a code"),
        )
        .await;
    done_before(appointed)?;
    let introduction = Introduction {
        ledger,
        story,
        stage,
    };
    introduction.organisations().await?;
    // Whoever lets others in comes before them.
    for by_administrator in [true, false] {
        introduction.people(by_administrator).await?;
        introduction.roles(by_administrator).await?;
    }
    introduction.agreements().await?;
    Ok(())
}

struct Introduction<'a> {
    ledger: &'a Ledger,
    story: &'a Story,
    stage: &'a Stage,
}

impl Introduction<'_> {
    async fn administer(&self, by: &str, command: DirectoryCommand) -> anyhow::Result<()> {
        let by = caller(self.stage, by)?;
        let (ledger, profile) = (self.ledger, &self.story.profile);
        let done = ledger
            .administer(&by, profile, command, &occasion(ledger))
            .await;
        Ok(done_before(done)?)
    }

    /// Those that others are units of come first.
    async fn organisations(&self) -> anyhow::Result<()> {
        let mut waiting: Vec<_> = self.story.organisations.iter().collect();
        while !waiting.is_empty() {
            let is_waiting = |name: &Name| waiting.iter().any(|(other, _)| *other == name);
            let (later, now): (Vec<_>, Vec<_>) = waiting
                .iter()
                .partition(|(_, known)| known.parent.as_ref().is_some_and(is_waiting));
            anyhow::ensure!(!now.is_empty(), "organisations are units of each other");
            for (name, known) in now {
                let parent = known.parent.as_ref();
                let command = RegisterOrganisation {
                    organisation: self.stage.organisations[name],
                    kind: known.kind.clone(),
                    parent: parent.map(|parent| self.stage.organisations[parent]),
                    name: known.name.clone(),
                };
                let command = DirectoryCommand::RegisterOrganisation(command);
                self.administer(&self.story.administrator, command).await?;
            }
            waiting = later;
        }
        Ok(())
    }

    async fn people(&self, by_administrator: bool) -> anyhow::Result<()> {
        let administrator = &self.story.administrator;
        let others = self.story.people.iter();
        let others = others.filter(|(name, person)| {
            *name != administrator
                && !person.invited
                && person.activated_by.is_none() == by_administrator
        });
        for (name, person) in others {
            let works_for = person.works_for.as_ref();
            let command = ActivateAccount {
                account: account(self.stage, name)?,
                organisation: works_for.map(|known| self.stage.organisations[known]),
                name: person.name.clone(),
            };
            let by = person.activated_by.as_ref().unwrap_or(administrator);
            self.administer(by, DirectoryCommand::ActivateAccount(command))
                .await?;
        }
        Ok(())
    }

    async fn agreements(&self) -> anyhow::Result<()> {
        for signed in &self.story.agreements {
            let with = signed.with.as_ref();
            let command = SignAgreement {
                agreement: AgreementId::generate(self.ledger.now(), self.ledger.entropy()),
                organisation: self.stage.organisations[&signed.organisation],
                kind: signed.kind.clone(),
                valid_from: None,
                valid_through: None,
                with: with.map(|name| self.stage.organisations[name]),
                items: signed.items.clone(),
                mailbox: signed.mailbox.clone(),
                bound_by_secrecy: signed.bound_by_secrecy,
                title: signed.title.clone(),
                reference: String::new(),
            };
            self.administer(&signed.by, DirectoryCommand::SignAgreement(command))
                .await?;
        }
        Ok(())
    }

    async fn roles(&self, by_administrator: bool) -> anyhow::Result<()> {
        let given = self.story.roles.iter().filter(|given| {
            let person = self.story.people.get(&given.person);
            person.is_some_and(|person| person.activated_by.is_none() == by_administrator)
        });
        for given in given {
            let command = AssignRole {
                account: account(self.stage, &given.person)?,
                role: given.role.clone(),
                unit: given
                    .unit
                    .as_ref()
                    .map(|unit| self.stage.organisations[unit]),
                until: None,
            };
            self.administer(&given.by, DirectoryCommand::AssignRole(command))
                .await?;
        }
        Ok(())
    }
}
