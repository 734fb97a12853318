//! Tenants share nothing: whoever signs in to another one finds nothing, even under the same account id.

use ledger_core::{
    command::LookupValue,
    directory::ActivateAccount,
    ids::{CaseId, TenantId},
    ledger::{AsOf, Caller, DirectoryCommand, LedgerError, Look, Moment},
};

use crate::story::{Kvam, occasion, profile, rule_book};

#[tokio::test]
async fn the_same_account_in_another_tenant_sees_nothing() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let position = kvam.sees(&kvam.mother, log.id).await.view.first;
    let bergen: TenantId = "bergen".parse().expect("a tenant");
    let origin = "ledger.example/bergen".parse().expect("an origin");
    let ledger = &kvam.ledger;
    ledger.open_ledger(&bergen, &origin).await.expect("opens");
    let there = |who: &Caller| Caller {
        tenant: bergen.clone(),
        ..who.clone()
    };
    let administrator = there(&kvam.administrator);
    let role = "administrator".parse().expect("a role");
    ledger
        .appoint_first_administrator(&bergen, rule_book(), administrator.account, "Berit", role)
        .await
        .expect("appoints");
    for who in [&kvam.mother, &kvam.teacher, &kvam.auditor] {
        let activate = DirectoryCommand::ActivateAccount(ActivateAccount {
            account: who.account,
            organisation: None,
            name: "Den same".to_owned(),
        });
        ledger
            .administer(&administrator, &profile(), activate, &occasion())
            .await
            .expect("is done");
    }

    for who in [&kvam.mother, &kvam.teacher, &kvam.auditor] {
        let who = there(who);
        let looks = [
            Look::Case,
            Look::Print,
            Look::List,
            Look::Timeline,
            Look::Changes(Some(position)),
        ];
        for look in looks {
            let shown = ledger.look(&who, log.id, &look, &occasion()).await;
            assert!(matches!(shown, Err(LedgerError::NotFound)), "{look:?}");
            let moment = Moment {
                known: AsOf::Now,
                valid_at: Some(kvam.now()),
            };
            let shown = ledger
                .look_back(&who, log.id, &look, moment, &occasion())
                .await;
            assert!(matches!(shown, Err(LedgerError::NotFound)), "{look:?}");
        }
        let watch = ledger.watch(&who, log.id, None, &occasion()).await;
        assert!(matches!(watch.err(), Some(LedgerError::NotFound)));
        assert_eq!(ledger.family_cases(&who).await.expect("asks"), []);
        assert_eq!(ledger.units_of(&who).await.expect("asks"), []);
        let national_id = LookupValue::NationalId("01011212345".to_owned());
        let found = ledger.find(&who, &national_id).await.expect("asks");
        assert_eq!(found, Vec::<CaseId>::new());
        let saw = ledger.saw(&who, log.id, AsOf::Now, &occasion()).await;
        assert!(matches!(saw.err(), Some(LedgerError::NotFound)));
        let could = ledger.could(&who, log.id, AsOf::Now, &occasion()).await;
        assert!(matches!(could.err(), Some(LedgerError::NotFound)));
        let why = ledger.why(&who, log.id, position, &occasion()).await;
        assert!(matches!(why.err(), Some(LedgerError::NotFound)));
        let export = ledger
            .export(&who, log.id, &crate::story::code("bundle"), &occasion())
            .await;
        assert!(matches!(export.err(), Some(LedgerError::NotFound)));
    }
    let found = ledger
        .find(
            &kvam.mother,
            &LookupValue::NationalId("01011212345".to_owned()),
        )
        .await;
    assert_eq!(found.expect("asks"), [log.id], "at home it is found");
}
