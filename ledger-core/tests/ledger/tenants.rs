//! Tenants share nothing: whoever signs in to another one finds nothing, even under the same account id.

use ledger_core::{
    command::LookupValue,
    directory::ActivateAccount,
    events::Event,
    ids::{CaseId, DocumentId, TenantId},
    ledger::{
        AsOf, Caller, DirectoryCommand, DocumentDescription, Excerpt, LedgerError, Look, Moment,
        SawFilter,
    },
    profile::Part,
};

use crate::story::{Kvam, code, occasion, profile, rule_book};

/// A document that the teacher has filed.
async fn filed(kvam: &Kvam, log: CaseId) -> DocumentId {
    let (teacher, section) = (&kvam.teacher, code("documents"));
    let upload = kvam
        .ledger
        .upload(teacher, log, section.clone(), 1_000, &occasion())
        .await;
    let mut upload = upload.expect("may be filed");
    upload.write(b"%PDF-1.7").await.expect("is taken in");
    let description = DocumentDescription {
        section,
        format: code("pdf"),
        title: "Referat".to_owned(),
        file_name: "referat.pdf".to_owned(),
    };
    let done = upload.finish(description, &occasion()).await;
    let done = done.expect("is filed");
    let filed = done.decided.iter().find_map(|event| match event {
        Event::DocumentAdded(facts) => Some(facts.document),
        _ => None,
    });
    filed.expect("a document")
}

#[tokio::test]
async fn the_same_account_in_another_tenant_sees_nothing() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let position = kvam.sees(&kvam.mother, log.id).await.view.first;
    let document = filed(&kvam, log.id).await;
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
            Look::Due,
            Look::Document(document, 0),
            Look::Excerpt(Excerpt::Notes),
            Look::Excerpt(Excerpt::Documents),
            Look::Excerpt(Excerpt::Part(Part::Parties)),
            Look::Excerpt(Excerpt::Part(Part::Consents)),
            Look::Excerpt(Excerpt::Part(Part::Measures)),
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
        let download = ledger.download(&who, log.id, document, &occasion()).await;
        assert!(matches!(download.err(), Some(LedgerError::NotFound)));
        let watch = ledger.watch(&who, log.id, None, &occasion()).await;
        assert!(matches!(watch.err(), Some(LedgerError::NotFound)));
        assert_eq!(ledger.family_cases(&who).await.expect("asks"), []);
        assert_eq!(ledger.units_of(&who).await.expect("asks"), []);
        let national_id = LookupValue::NationalId("01011212345".to_owned());
        let found = ledger.find(&who, &national_id).await.expect("asks");
        assert_eq!(found, Vec::<CaseId>::new());
        let saw = ledger
            .saw(&who, log.id, AsOf::Now, &SawFilter::default(), &occasion())
            .await;
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
