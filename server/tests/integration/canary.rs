//! What people write is nowhere to be read but through the service. A canary goes into every field that takes text;
//! then it is looked for where an intruder, an operator or a thief of backups would look.

mod handover;
mod story;

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use caseledger::{
    config::{Config, ConfigArgs, Environment},
    embedded_postgres::{Durability, EmbeddedPostgres, EmbeddedSettings},
    instance::{Instance, MachineClock},
};
use ledger_core::{
    access::RuleBook,
    clock::{Clock as _, SystemEntropy},
    directory::AdoptProfile,
    ids::{AccountId, CaseId},
    ledger::{Caller, Look},
    profile::{Assurance, RuleBookText},
};

use self::story::Story;
use crate::{
    cli::Program,
    support::{
        eventually,
        postgres::{made_cluster, new_directory},
        service::{Client, PROFILE},
        story::{code, occasion},
    },
};

/// What every canary begins with.
const CANARY: &str = "kanarifuglen";
const SECRET: &str = "a secret of the development issuer";

fn config(data_dir: &Path, database_url: Option<&str>) -> Config {
    let args = ConfigArgs {
        data_dir: Some(data_dir.to_owned()),
        ..ConfigArgs::default()
    };
    let variables = database_url.map(|url| ("DATABASE_URL", url));
    let superuser = rustix::process::geteuid().is_root();
    Config::load(&args, &Environment::new(variables, superuser)).unwrap()
}

/// A server of its own that says everything it can say; killed at the end.
struct Server {
    child: Child,
    client: Client,
    log: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

async fn serve(program: &Program, folder: &Path, settings: &[(&str, &str)]) -> Server {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let log = folder.join("server.log");
    let temporary = folder.join("tmp");
    fs::create_dir_all(&temporary).unwrap();
    let output = fs::File::create(&log).unwrap();
    let child = program
        .command()
        .arg("serve")
        .env("CASELEDGER_LISTEN", format!("127.0.0.1:{port}"))
        .env("CASELEDGER_LOG_LEVEL", "trace")
        .env("CASELEDGER_DEV_TOKENS", "true")
        .env("CASELEDGER_DEV_TOKEN_SECRET", SECRET)
        .env("TMPDIR", &temporary)
        .envs(settings.iter().copied())
        .stdout(Stdio::from(output.try_clone().unwrap()))
        .stderr(Stdio::from(output))
        .spawn()
        .unwrap();
    let client = Client::at(&format!("http://127.0.0.1:{port}"));
    eventually("the service is ready", async || {
        let ready = client.request(reqwest::Method::GET, "/readyz").send().await;
        ready.ok().filter(|answer| answer.status().is_success())
    })
    .await;
    Server { child, client, log }
}

/// A canary for a field.
fn canary(field: &str) -> String {
    format!("{CANARY} {field}")
}

/// In which forms a word could stand somewhere: as it is, in hexadecimal, in base64 at each alignment.
fn forms(word: &str) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    // A national id is written in capitals.
    for word in [word.to_owned(), word.to_uppercase()] {
        let hex: Vec<String> = word.bytes().map(|byte| format!("{byte:02x}")).collect();
        forms.extend([word.as_bytes().to_vec(), hex.concat().into_bytes()]);
        for before in 0..3 {
            let encoded = STANDARD.encode([&vec![b'x'; before], word.as_bytes()].concat());
            // Without the characters that also depend on what stands around it.
            forms.push(encoded.as_bytes()[4..encoded.len() - 4].to_vec());
        }
    }
    forms
}

fn is_silent(what: &str, bytes: &[u8]) {
    is_silent_of(&[CANARY], what, bytes);
}

/// None of these words stands in it, in any form.
fn is_silent_of(words: &[&str], what: &str, bytes: &[u8]) {
    for form in words.iter().flat_map(|word| forms(word)) {
        let found = bytes.windows(form.len()).position(|window| window == form);
        if let Some(at) = found {
            let around = &bytes[at.saturating_sub(80)..(at + 80).min(bytes.len())];
            panic!(
                "{what} holds a canary: …{}…",
                String::from_utf8_lossy(around)
            );
        }
    }
}

/// A ledger of its own in which this system's rules are in force, with its first administrator.
async fn begin(program: &Program, folder: &Path, profile: &str) -> AccountId {
    let data_dir = &program.data_dir;
    fs::create_dir_all(data_dir).unwrap();
    fs::create_dir_all(folder).unwrap();
    fs::rename(
        made_cluster(Durability::Durable).directory,
        data_dir.join("postgres"),
    )
    .unwrap();
    let administrator = AccountId::generate(MachineClock.now(), &SystemEntropy);
    let instance = Instance::open(config(data_dir, None)).await.unwrap();
    let rule_book = RuleBook::load(&RuleBookText::built_in(profile).unwrap()).unwrap();
    let adopt = AdoptProfile {
        rule_book: rule_book.into(),
    };
    let name = canary("administrator");
    let role = code("administrator");
    instance
        .ledger
        .appoint_first_administrator(instance.tenant(), adopt, administrator, &name, role)
        .await
        .unwrap();
    instance.close().await.unwrap();
    administrator
}

/// The cluster on which the server runs.
async fn cluster_of(data_dir: &Path) -> EmbeddedPostgres {
    let settings = EmbeddedSettings {
        directory: data_dir.join("postgres"),
        bin_dir: None,
        durability: Durability::Durable,
    };
    tokio::task::spawn_blocking(move || EmbeddedPostgres::start(&settings))
        .await
        .unwrap()
        .unwrap()
}

/// One of PostgreSQL's programs, on this cluster.
fn tool(cluster: &EmbeddedPostgres, name: &str) -> Command {
    let mut tool = Command::new(cluster.bin_dir().join(name));
    tool.arg("-h")
        .arg(cluster.directory())
        .args(["-U", "caseledger"]);
    tool
}

/// The ledger's whole database, as a thief of backups has it.
fn dump(cluster: &EmbeddedPostgres) -> Vec<u8> {
    let dumped = tool(cluster, "pg_dump")
        .args(["--no-owner", "caseledger"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&dumped.stderr);
    assert!(dumped.status.success(), "{said}");
    dumped.stdout
}

#[test]
fn a_canary_is_found_in_every_form() {
    let text = format!("a note with a {CANARY} in it");
    let hex: Vec<String> = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    for said in [
        text.clone(),
        text.to_uppercase(),
        hex.concat(),
        STANDARD.encode(&text),
    ] {
        let looked = std::panic::catch_unwind(|| is_silent("a sample", said.as_bytes()));
        assert!(looked.is_err(), "nothing was found in {said}");
    }
}

fn is_silent_below(folder: &Path, apart: &Path) {
    is_silent_below_of(&[CANARY], folder, apart);
}

fn is_silent_below_of(words: &[&str], folder: &Path, apart: &Path) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path == apart {
            continue;
        }
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            is_silent_below_of(words, &path, apart);
        } else if kind.is_file()
            // Postgres may have removed it in the meantime.
            && let Ok(bytes) = fs::read(&path)
        {
            is_silent_of(words, &path.display().to_string(), &bytes);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one story, told in one go")]
async fn what_people_write_can_be_read_nowhere_else_and_after_erasure_nowhere_at_all() {
    let folder = new_directory();
    let program = Program::new();
    let data_dir = &program.data_dir;
    let administrator = begin(&program, &folder, PROFILE).await;
    let server = serve(&program, &folder, &[]).await;
    let story = Story::tell(&server.client, &administrator.to_string()).await;

    // While the case lives: its people read it, and nobody else reads anything.
    let shown = story
        .guardian
        .get(&format!("/v1/cases/{}", story.case))
        .await
        .text();
    for field in [
        "child",
        "concern",
        "party",
        "note title",
        "note text",
        "document title",
    ] {
        assert!(
            shown.contains(&canary(field)),
            "{field} is not shown to the guardian"
        );
    }
    let path = format!("/v1/cases/{}/documents/{}", story.case, story.document);
    assert!(story.guardian.get(&path).await.text().contains(CANARY));
    is_silent(
        "the metrics",
        server.client.get("/metrics").await.text().as_bytes(),
    );

    let cluster = cluster_of(data_dir).await;
    let dumped = dump(&cluster);
    // The idempotency records are in it too.
    assert!(String::from_utf8_lossy(&dumped).contains("COPY public.idempotency"));
    is_silent("the dump", &dumped);
    is_silent("the log", &fs::read(&server.log).unwrap());
    is_silent_below(data_dir, &data_dir.join("keys"));
    is_silent_below(&folder.join("tmp"), Path::new(""));

    // The case ends, and is erased.
    story.close().await;
    let bundles = folder.join("bundles").display().to_string();
    let acting = ["--case", &story.case, "--as", &story.archivist];
    let reference = canary("reference");
    program
        .run(&[&["export", "--out", &bundles], &acting[..]].concat())
        .ends_with(0);
    program
        .run(&[&["archive", "--reference", &reference], &acting[..]].concat())
        .ends_with(0);
    program
        .run(&[&["erase", "--yes"], &acting[..]].concat())
        .ends_with(0);
    program.run(&["verify", "--contents"]).ends_with(0);
    is_silent("the log", &fs::read(&server.log).unwrap());
    is_silent_below(data_dir, &data_dir.join("keys"));

    // Not even the dump that was taken before helps.
    let stolen = folder.join("dump.sql");
    fs::write(&stolen, &dumped).unwrap();
    assert!(
        tool(&cluster, "createdb")
            .arg("stolen")
            .status()
            .unwrap()
            .success()
    );
    let restored = tool(&cluster, "psql")
        .args(["-q", "-d", "stolen", "-f"])
        .arg(&stolen)
        .output()
        .unwrap();
    assert!(restored.status.success());
    let stolen = Instance::open_unchecked(config(data_dir, Some(&cluster.url("stolen"))))
        .await
        .unwrap();
    let guardian = Caller {
        tenant: stolen.tenant().clone(),
        account: story.guardian_account.parse().unwrap(),
        issuer: code("dev"),
        assurance: Assurance::High,
    };
    let case: CaseId = story.case.parse().unwrap();
    if let Ok(shown) = stolen
        .ledger
        .look(&guardian, case, &Look::Case, &occasion())
        .await
    {
        let contents = shown
            .events
            .iter()
            .filter_map(|event| shown.contents.get(event.position));
        assert_eq!(contents.count(), 0, "an erased content was opened");
    }
    let document = story.document.parse().unwrap();
    assert!(
        stolen
            .ledger
            .download(&guardian, case, document, &occasion())
            .await
            .is_err()
    );
    let verified = stolen
        .ledger
        .verify(stolen.tenant(), true, &|_, _| ())
        .await
        .unwrap();
    // The published head is ahead of the old dump; apart from that it is what was recorded.
    assert!(verified.events > 0);
}
