//! How a ledger begins, and how roles are handed down in it.

use ledger_core::{
    command::RejectionCode,
    directory::{EndRole, RegisterOrganisation},
    events::Event,
    ids::{OrganisationId, Position},
    ledger::{DirectoryCommand, LedgerError},
};

use crate::story::{Kvam, assert_refused_by, code, occasion, profile, rule_book, tenant};

#[tokio::test]
async fn a_ledger_is_opened_once_and_says_so_in_its_first_event() {
    let kvam = Kvam::in_memory().await;
    let before = kvam.parts.store.tip(&tenant()).await.expect("a tip");
    let origin = "ledger.example/kvam".parse().expect("an origin");
    kvam.ledger
        .open_ledger(&tenant(), &origin)
        .await
        .expect("opens");
    assert_eq!(
        kvam.parts.store.tip(&tenant()).await.expect("a tip"),
        before
    );
    let first = kvam
        .parts
        .store
        .read_at(&tenant(), &[Position(0)])
        .await
        .expect("reads");
    let Event::LedgerOpened(facts) = first[0].decode().expect("decodes").event else {
        panic!("the first event is another");
    };
    let keys = kvam.ledger.verifier_keys(&tenant()).await.expect("keys");
    assert_eq!(&facts.signing_key.0, keys[0].public_key());
}

#[tokio::test]
async fn the_operator_appoints_the_first_administrator_and_no_second_one() {
    let kvam = Kvam::in_memory().await;
    let (account, role) = (kvam.colleague.account, code("administrator"));
    let again = kvam
        .ledger
        .appoint_first_administrator(&tenant(), rule_book(), account, "Kolbein", role)
        .await;
    match again {
        Err(LedgerError::Rejected(rejection)) => {
            assert_eq!(rejection.code, RejectionCode::AlreadyThere);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn roles_are_handed_down_one_step_at_a_time() {
    let kvam = Kvam::in_memory().await;
    let school = Some(kvam.school);
    for (by, to, role, unit, requirement) in [
        // Not by somebody without a role that may, not past a step, not in another unit, not to oneself.
        (&kvam.teacher, &kvam.nurse, "baton_holder", school, "V8"),
        (&kvam.leader, &kvam.nurse, "auditor", None, "V8"),
        (
            &kvam.administrator,
            &kvam.nurse,
            "baton_holder",
            school,
            "V8",
        ),
        (
            &kvam.administrator,
            &kvam.administrator,
            "auditor",
            None,
            "X1",
        ),
    ] {
        let command = kvam.assign(to, role, unit);
        let outcome = kvam
            .ledger
            .administer(by, &profile(), command, &occasion())
            .await;
        assert_refused_by(&outcome.expect_err("is refused"), requirement);
    }
    kvam.administers(
        &kvam.leader,
        kvam.assign(&kvam.nurse, "professional", school),
    )
    .await;
}

#[tokio::test]
async fn a_role_that_was_taken_back_carries_nothing_any_more() {
    let kvam = Kvam::in_memory().await;
    let end = DirectoryCommand::EndRole(EndRole {
        account: kvam.leader.account,
        role: code("unit_leader"),
        unit: Some(kvam.school),
        occurred_at: None,
    });
    kvam.administers(&kvam.administrator, end).await;
    let command = kvam.assign(&kvam.nurse, "professional", Some(kvam.school));
    let outcome = kvam
        .ledger
        .administer(&kvam.leader, &profile(), command, &occasion())
        .await;
    assert_refused_by(&outcome.expect_err("is refused"), "V8");
}

#[tokio::test]
async fn what_a_command_names_must_be_known() {
    let kvam = Kvam::in_memory().await;
    let unknown = OrganisationId::from_ulid(99_u128.into());
    let command = DirectoryCommand::RegisterOrganisation(RegisterOrganisation {
        organisation: OrganisationId::from_ulid(98_u128.into()),
        kind: code("school"),
        parent: Some(unknown),
        name: "Ei eining utan eigar".to_owned(),
    });
    let outcome = kvam
        .ledger
        .administer(&kvam.administrator, &profile(), command, &occasion())
        .await;
    match outcome {
        Err(LedgerError::Rejected(rejection)) => {
            assert_eq!(rejection.code, RejectionCode::NotFound);
            assert!(rejection.message.contains(&unknown.to_string()));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_account_follows_from_who_vouches_for_whom_in_which_ledger() {
    let kvam = Kvam::in_memory().await;
    let bergen = "bergen".parse().expect("a tenant");
    let origin = "ledger.example/bergen".parse().expect("an origin");
    kvam.ledger
        .open_ledger(&bergen, &origin)
        .await
        .expect("opens");
    let kvam_herad = tenant();
    let of = async |tenant, issuer: &str, subject| {
        let issuer = code(issuer);
        let account = kvam.ledger.account_of_identity(tenant, &issuer, subject);
        account.await.expect("an account")
    };
    let account = of(&kvam_herad, "id_porten", "01010112345").await;
    assert_eq!(account, of(&kvam_herad, "id_porten", "01010112345").await);
    for other in [
        of(&kvam_herad, "id_porten", "01010112346").await,
        of(&kvam_herad, "health_id", "01010112345").await,
        of(&bergen, "id_porten", "01010112345").await,
    ] {
        assert_ne!(account, other);
    }
}
