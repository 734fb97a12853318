//! Lists the rule books that come with the program: every folder of `profiles/` that holds a `profile.toml` and an
//! `access.cedar`. So a new system is a folder, and no line of code names it.

use std::{env, fmt::Write as _, fs, io, path::Path};

fn main() -> io::Result<()> {
    // `sqlx::migrate!` only notices that a file it has seen was changed, not that one was added.
    println!("cargo:rerun-if-changed=../migrations");
    println!("cargo:rerun-if-changed=profiles");
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let list = rule_books(&Path::new(&root).join("profiles"))?;
    fs::write(Path::new(&out).join("rule_books.rs"), list)
}

/// A Rust expression: a slice of the folder's name and both texts, in order of the names.
fn rule_books(profiles: &Path) -> io::Result<String> {
    let mut folders = fs::read_dir(profiles)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    folders.retain(|folder| folder.join("profile.toml").is_file());
    folders.sort();
    let mut list = "&[\n".to_owned();
    for folder in folders {
        println!("cargo:rerun-if-changed={}", folder.display());
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let text = |file: &str| folder.join(file).to_string_lossy().into_owned();
        let (toml, cedar) = (text("profile.toml"), text("access.cedar"));
        writeln!(
            list,
            "    ({name:?}, include_str!({toml:?}), include_str!({cedar:?})),"
        )
        .map_err(io::Error::other)?;
    }
    list += "]\n";
    Ok(list)
}
