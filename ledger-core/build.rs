//! Builds again when a migration is added: `sqlx::migrate!` only notices that a file it has seen was changed.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
