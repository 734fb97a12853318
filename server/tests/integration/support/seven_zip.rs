//! The real 7-Zip of Debian's p7zip-full, which is not ours.

use std::{
    fs,
    io::Write as _,
    process::{Command, Output, Stdio},
};

/// A packed file in a folder of its own.
pub(crate) struct Packed {
    folder: tempfile::TempDir,
}

impl Packed {
    /// Says aloud that something is skipped where there is no 7z.
    pub(crate) fn take(bytes: &[u8]) -> Option<Self> {
        let there = Command::new("7z")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if there.is_err() {
            // Past the test harness, which shows nothing of a test that passes.
            let skipped = "\n*** SKIPPED: 7z is not there, so no packed file was opened; install p7zip-full ***\n";
            std::io::stderr().write_all(skipped.as_bytes()).unwrap();
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("packed.7z"), bytes).unwrap();
        Some(Self { folder })
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new("7z")
            .args(arguments)
            .arg("packed.7z")
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// What it lists with a password, in every detail.
    pub(crate) fn listed(&self, password: &str) -> String {
        let said = self.run(&["l", "-slt", &format!("-p{password}")]);
        format!(
            "{}{}",
            String::from_utf8_lossy(&said.stdout),
            String::from_utf8_lossy(&said.stderr)
        )
    }

    /// The only file in it; nothing, where the password does not open it.
    pub(crate) fn opened(&self, password: &str) -> Option<Vec<u8>> {
        let said = self.run(&["x", "-so", &format!("-p{password}")]);
        (said.status.success() && !said.stdout.is_empty()).then_some(said.stdout)
    }
}
