//! Lists the stories that the demo plays: every folder of `fixtures/stories/` that holds a `story.toml`. So a new
//! system brings its story along, and no line of code names it.

use std::{env, fmt::Write as _, fs, io, path::Path};

fn main() -> io::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let stories = Path::new(&root).join("../fixtures/stories");
    println!("cargo:rerun-if-changed={}", stories.display());
    let mut files = fs::read_dir(&stories)?
        .map(|entry| Ok(entry?.path().join("story.toml")))
        .collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| file.is_file());
    files.sort();
    let mut list = "&[\n".to_owned();
    for file in files {
        println!("cargo:rerun-if-changed={}", file.display());
        let file = file.to_string_lossy();
        writeln!(list, "    include_str!({file:?}),").map_err(io::Error::other)?;
    }
    list += "]\n";
    fs::write(Path::new(&out).join("stories.rs"), list)
}
