//! The case ledger.

use std::process::ExitCode;

fn main() -> ExitCode {
    caseledger::cli::main()
}
