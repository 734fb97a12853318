//! The first administrator of a new ledger.

use super::Program;

const APPOINT: [&str; 3] = ["appoint", "--profile", "stafettloggen-kvam"];

#[test]
fn a_new_ledger_gets_its_first_administrator_once() {
    let program = Program::new();
    let empty = program
        .run(&[&APPOINT[..], &["--name", " "]].concat())
        .ends_with(3);
    assert!(empty.err.contains("name is empty"), "{}", empty.err);
    let appointed = program.run(&[&APPOINT[..], &["--name", "Gro Eksempel", "--json"]].concat());
    let appointed = appointed.ends_with(0).json();
    assert_eq!(appointed["role"], "administrator");
    assert_eq!(appointed["account"].as_str().map(str::len), Some(26));
    let again = program
        .run(&[&APPOINT[..], &["--name", "Nokon Annan"]].concat())
        .ends_with(3);
    assert!(again.err.contains("ask an administrator"), "{}", again.err);
}

#[test]
fn the_first_administrator_can_be_whoever_an_issuer_will_vouch_for() {
    let program = Program::new();
    let issuers = r#"issuers=[{"name": "id_porten", "issuer": "https://idporten.example", "audience": "a",
        "algorithms": ["RS256"], "subject_claim": "pid", "assurance": {"idporten-loa-high": "high"}}]"#;
    let subject = program.data_dir.join("subject.txt");
    let appoint = |issuer: &str, written: &str| {
        std::fs::create_dir_all(&program.data_dir).unwrap();
        std::fs::write(&subject, written).unwrap();
        let path = subject.to_str().unwrap();
        let arguments = [
            "appoint",
            "--profile",
            "stafettloggen-kvam",
            "--name",
            "Gro Eksempel",
            "--json",
            "--set",
            issuers,
        ];
        let identity = ["--issuer", issuer, "--subject-file", path];
        program.run(&[&arguments[..], &identity[..]].concat())
    };
    let unknown = appoint("somebody", "01017012345").ends_with(2);
    assert!(unknown.err.contains("somebody"), "{}", unknown.err);
    let nobody = appoint("id_porten", "\n").ends_with(2);
    assert!(nobody.err.contains("1 to 255"), "{}", nobody.err);
    let appointed = appoint("id_porten", "01017012345\n").ends_with(0);
    assert_eq!(appointed.json()["account"].as_str().map(str::len), Some(26));
    assert!(!appointed.out.contains("01017012345"));
}
