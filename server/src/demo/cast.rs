//! The people of the story, before it begins: rule book, organisations, accounts, roles. Interrupted, it goes on where
//! it stopped.

use std::sync::Arc;

use ledger_core::{
    access::RuleBook,
    directory::{ActivateAccount, AdoptProfile, AssignRole, RegisterOrganisation},
    ids::{AccountId, OrganisationId, StreamId, TenantId},
    ledger::{DirectoryCommand, Ledger},
};

use super::{
    player::{account, caller, done_before, occasion},
    state::State,
    story::Story,
};

/// Ids for everybody, and nothing else yet.
pub(super) fn gather(ledger: &Ledger, story: &Story, tenant: &TenantId) -> State {
    let accounts = story.people.keys().map(|name| {
        let id = AccountId::generate(ledger.now(), ledger.entropy());
        (name.clone(), id)
    });
    let organisations = story.organisations.keys().map(|name| {
        let id = OrganisationId::generate(ledger.now(), ledger.entropy());
        (name.clone(), id)
    });
    State::new(tenant.clone(), accounts.collect(), organisations.collect())
}

/// Whether the ledger follows a rule book already: then somebody else uses it, or an earlier demo.
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
    state: &State,
    rule_book: &Arc<RuleBook>,
) -> anyhow::Result<()> {
    let administrator = caller(state, &story.administrator)?;
    let adopt = AdoptProfile {
        rule_book: Arc::clone(rule_book),
    };
    let name = story.people.get(&story.administrator);
    let appointed = ledger
        .appoint_first_administrator(
            &state.tenant,
            adopt,
            administrator.account,
            name.map_or("administrator", |person| person.name.as_str()),
            "administrator".parse().expect("a word of a-z is a code"),
        )
        .await;
    done_before(appointed)?;

    let administer = async |by: &str, command: DirectoryCommand| -> anyhow::Result<()> {
        let done = ledger
            .administer(
                &caller(state, by)?,
                &story.profile,
                command,
                &occasion(ledger),
            )
            .await;
        Ok(done_before(done)?)
    };
    for (name, organisation) in &story.organisations {
        let command = RegisterOrganisation {
            organisation: state.organisations[name],
            kind: organisation.kind.clone(),
            parent: None,
            name: organisation.name.clone(),
        };
        let command = DirectoryCommand::RegisterOrganisation(command);
        administer(&story.administrator, command).await?;
    }
    for (name, person) in &story.people {
        if *name == story.administrator {
            continue;
        }
        let works_for = person.works_for.as_ref();
        let command = ActivateAccount {
            account: account(state, name)?,
            organisation: works_for.map(|organisation| state.organisations[organisation]),
            name: person.name.clone(),
        };
        administer(
            &story.administrator,
            DirectoryCommand::ActivateAccount(command),
        )
        .await?;
    }
    for given in &story.roles {
        let command = AssignRole {
            account: account(state, &given.person)?,
            role: given.role.clone(),
            unit: given.unit.as_ref().map(|unit| state.organisations[unit]),
            until: None,
        };
        administer(&given.by, DirectoryCommand::AssignRole(command)).await?;
    }
    Ok(())
}
