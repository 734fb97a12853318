//! The first administrator of a new ledger.

use super::Program;

#[test]
fn a_new_ledger_gets_its_first_administrator_once() {
    let program = Program::new();
    let empty = program.run(&["appoint", "--name", " "]).ends_with(3);
    assert!(empty.err.contains("name is empty"), "{}", empty.err);
    let appointed = program.run(&["appoint", "--name", "Gro Eksempel", "--json"]);
    let appointed = appointed.ends_with(0).json();
    assert_eq!(appointed["role"], "administrator");
    assert_eq!(appointed["account"].as_str().map(str::len), Some(26));
    let again = program
        .run(&["appoint", "--name", "Nokon Annan"])
        .ends_with(3);
    assert!(again.err.contains("ask an administrator"), "{}", again.err);
}
