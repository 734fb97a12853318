//! The demo, and the commands on what it leaves behind. One ledger, one test: making it takes longer than asking.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ledger_core::log::SigningKey;
use serde_json::Value;

use super::{Program, log_export::the_log_leaves_in_the_formats_of_the_field, remembered};

const PROFILE: &str = "stafettloggen-kvam";

const HEADINGS: [&str; 6] = [
    "1. What happened: the timeline of a log, as a guardian reads it\n──",
    "2. Who may see it today, and why\n──",
    "3. The same question, as of the moment before a consent was withdrawn\n──",
    "4. Who actually saw it, and when\n──",
    "5. The receipt of one event, and its verification\n──",
    "6. Archived, verified from the bundle alone, erased, verified again\n──",
];

/// What is remarkable about handing over data, on every tour.
const HANDING_OVER: [&str; 8] = [
    "9. Who was told what, before anything was shared\n──",
    "without sharing data",
    "told Mieke Testpersoon (what to expect)",
    "packed the form about Mieke Testpersoon",
    "WAS REFUSED: make referral",
    "WAS REFUSED: send transmission",
    "10. On what sharing rested\n──",
    "agreement signed",
];

/// Ids of the story.
struct Story {
    closed: String,
    open: String,
    auditor: String,
    archivist: String,
    withdrawn: u64,
    bundle: PathBuf,
}

impl Story {
    fn of(state: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let stage = &state["stages"][PROFILE];
        let played = &stage["played"];
        Self {
            closed: text(&played["logs"]["ola"]["case"]),
            open: text(&played["logs"]["kari"]["case"]),
            auditor: text(&stage["accounts"]["ragna"]),
            archivist: text(&stage["accounts"]["arne"]),
            withdrawn: played["labels"]["cooperation_withdrawn"].as_u64().unwrap(),
            bundle: text(&played["erased"]["bundle"]).into(),
        }
    }
}

#[test]
fn the_demo_shows_its_tour_and_its_ledger_can_be_asked_afterwards() {
    let program = Program::new();
    the_first_tour(&program);
    let story = Story::of(&remembered(&program.data_dir));
    the_second_tour_finds_the_data_of_the_first(&program);
    the_ledger_and_the_bundle_verify(&program, &story);
    an_auditor_can_ask(&program, &story);
    an_open_case_is_not_taken_out(&program, &story);
    the_log_leaves_in_the_formats_of_the_field(&program);
    the_operator_can_work(&program);
    an_interrupted_story_is_played_anew(&program, &story);
    a_ledger_of_others_is_left_alone(&program);
}

fn the_first_tour(program: &Program) {
    let run = program.run(&["demo", "--once"]).ends_with(0);
    run.says_in_order(&HEADINGS);
    run.says_in_order(&[
        "Ola Testperson",
        "WITHDREW the consent \"cooperation\"",
        "Helga Liksom · professional\n    may see    nothing",
        "other_services_need_their_own_consent",
        "as of the moment before",
        "Helga Liksom · professional\n    may see    basics, consents, documents, notes, plan, timeline",
        "WAS REFUSED: view case",
        "c2sp.org/tlog-proof@v1",
        "The bundle is whole.",
        "keys destroyed",
        "The ledger is whole",
    ]);
    run.says_in_order(&HANDING_OVER);
    assert!(run.err.is_empty(), "{}", run.err);
    assert!(!run.out.contains('\x1b'), "colours without a terminal");
}

fn the_second_tour_finds_the_data_of_the_first(program: &Program) {
    let run = program.run(&["demo", "--once"]).ends_with(0);
    run.says_in_order(&HEADINGS);
    run.says_in_order(&[
        "played at an earlier start",
        "Kari Oppdikta",
        "nothing_once_erasure_begins",
        "case erased",
        "The bundle is whole.",
        "The ledger is whole",
    ]);
    run.says_in_order(&HANDING_OVER);
    assert!(
        !run.out.contains("Ola trekkjer seg unna"),
        "an erased text was shown"
    );
}

fn the_ledger_and_the_bundle_verify(program: &Program, story: &Story) {
    let live = program
        .run(&["verify", "--contents", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(live["whole"], true);
    assert_eq!(live["published"], live["events"]);
    assert!(live["contents"].as_u64().unwrap() > 0);

    let bundle = story.bundle.display().to_string();
    let whole = program
        .run(&["verify", &bundle, "--json"])
        .ends_with(0)
        .json();
    assert_eq!(whole["whole"], true);
    assert_eq!(whole["case"], story.closed.as_str());

    let key = whole["signedBy"].as_str().expect("the key that signed");
    program.run(&["verify", &bundle, "--key", key]).ends_with(0);
    let other = SigningKey::from_seed("caseledger.localhost/local".parse().unwrap(), &[9; 32]);
    let other = other.verifier().to_string();
    program
        .run(&["verify", &bundle, "--key", &other])
        .ends_with(4);
    program
        .run(&["verify", &bundle, "--key", "no key"])
        .ends_with(2);

    let copy = tempfile::tempdir().unwrap();
    let tampered = copy.path().join("bundle");
    copy_folder(&story.bundle, &tampered);
    let file = some_file(&tampered.join("data"));
    let mut bytes = fs::read(&file).unwrap();
    bytes[0] ^= 1;
    fs::write(&file, bytes).unwrap();
    let run = program
        .run(&["verify", &tampered.display().to_string()])
        .ends_with(4);
    assert!(run.out.starts_with("VERIFICATION FAILED"), "{}", run.out);
}

fn an_auditor_can_ask(program: &Program, story: &Story) {
    let asking = |question: &str, more: &[&str]| {
        let who = ["--case", &story.closed, "--as", &story.auditor, "--json"];
        let run = program.run(&[&["audit", question], &who[..], more].concat());
        run.ends_with(0).json()
    };
    let saw = asking("saw", &[]);
    let views = saw["views"].as_array().unwrap();
    let by = |name: &str, what: &str| {
        let matches = |view: &&Value| view["name"] == name && view["what"] == what;
        views.iter().filter(matches).count()
    };
    assert_eq!(by("Helga Liksom", "case_viewed"), 1);
    assert_eq!(by("Helga Liksom", "access_refused"), 2);
    assert_eq!(by("Nils Nysgjerrig Påfunn", "access_refused"), 1);
    assert!(saw["answer"]["position"].is_u64());

    let before = (story.withdrawn - 1).to_string();
    let could = asking("could", &["--at", &before]);
    let people = could["people"].as_array().unwrap();
    let nurse = people
        .iter()
        .find(|one| one["name"] == "Helga Liksom")
        .unwrap();
    assert_eq!(nurse["decision"]["outcome"], "allow");
    let now = asking("could", &[]);
    let everyone = now["people"].as_array().unwrap();
    assert!(
        everyone
            .iter()
            .all(|one| one["decision"]["outcome"] == "deny")
    );

    let why = asking("why", &["--at", &story.withdrawn.to_string()]);
    assert_eq!(why["event"]["envelope"]["type"], "consent_withdrawn");
    assert_eq!(why["policies"][0]["requirement"], "V18");

    an_answer_is_kept_with_its_proofs(program, story);
    an_answer_about_a_system_is_kept_with_its_proofs(program);

    let facts = ["timeline", "--case", &story.open, "--as", &story.auditor];
    let facts = program.run(&facts).ends_with(0);
    assert!(
        !facts.out.contains("Kari"),
        "an auditor sees facts alone:\n{}",
        facts.out
    );
}

/// What somebody does to an answer; the number is that of one of its views.
type Forgery = fn(&mut Value, usize);

/// Each question can be kept with its proofs, and whoever gets the file checks it without the ledger.
fn an_answer_is_kept_with_its_proofs(program: &Program, story: &Story) {
    let folder = tempfile::tempdir().unwrap();
    let withdrawn = story.withdrawn.to_string();
    let questions: [(&str, &[&str]); 9] = [
        ("saw", &[]),
        ("could", &["--at", &withdrawn]),
        ("intervals", &[]),
        ("hindsight", &[]),
        ("exposure", &[]),
        ("knew", &["--at", &withdrawn]),
        ("changed", &["--after", "1"]),
        ("emergencies", &[]),
        ("why", &["--at", &withdrawn]),
    ];
    for (question, more) in questions {
        let file = folder.path().join(question).display().to_string();
        let who = ["--case", &story.closed, "--as", &story.auditor];
        let keep = ["--bundle", &file];
        let asked = [&["audit", question], &who[..], more, &keep].concat();
        program.run(&asked).ends_with(0);
        let run = program.run(&["verify", &file]).ends_with(0);
        assert!(run.out.contains("The answer verifies"), "{}", run.out);
        // What is there is not written over.
        program.run(&asked).ends_with(1);
    }
    // What changed is told in words, with names.
    let asked = [
        "audit",
        "changed",
        "--case",
        &story.closed,
        "--as",
        &story.auditor,
    ];
    let told = program.run(&asked).ends_with(0).out;
    for said in ["opened the log", "let in ", "WITHDREW the consent", "WHO"] {
        assert!(told.contains(said), "{told}");
    }
    assert!(!told.contains("{\""), "{told}");
    let file = folder.path().join("saw");
    let text = fs::read_to_string(&file).unwrap();
    let checked = program.run(&["verify", &file.display().to_string(), "--json"]);
    let checked = checked.ends_with(0).json();
    let whole = checked["wholeStreams"].as_object().unwrap();
    assert!(whole.contains_key(&format!("views/{}", story.closed)));
    let answer: Value = serde_json::from_str(&text).unwrap();
    let views = answer["answer"]["views"].as_array().unwrap();
    let refused = views
        .iter()
        .position(|view| view["what"] == "access_refused");
    let refused = refused.unwrap();
    // Somebody tones it down, or leaves it out, or changes the event itself.
    let forgeries: [(&str, Forgery); 3] = [
        ("it says what", |answer, n| {
            answer["answer"]["views"][n]["what"] = "case_listed".into();
        }),
        ("leaves out the view", |answer, n| {
            answer["answer"]["views"].as_array_mut().unwrap().remove(n);
        }),
        ("are not those that were recorded", |answer, _| {
            answer["events"][0]["salt"] = answer["events"][1]["salt"].clone();
        }),
    ];
    for (number, (complaint, forge)) in forgeries.into_iter().enumerate() {
        let mut forged = answer.clone();
        forge(&mut forged, refused);
        let file = folder.path().join(format!("forged-{number}"));
        fs::write(&file, forged.to_string()).unwrap();
        let run = program.run(&["verify", &file.display().to_string()]);
        let run = run.ends_with(4);
        assert!(run.err.contains(complaint), "{}", run.err);
    }
    // Signed by the key that somebody has from elsewhere, or not at all.
    let other = SigningKey::from_seed("other.example/kvam".parse().unwrap(), &[7; 32]);
    let other = other.verifier().to_string();
    program
        .run(&["verify", &file.display().to_string(), "--key", &other])
        .ends_with(4);
}

/// So can what is asked of a whole system.
fn an_answer_about_a_system_is_kept_with_its_proofs(program: &Program) {
    let state = remembered(&program.data_dir);
    let folder = tempfile::tempdir().unwrap();
    for (question, noted_as, system, auditor) in [
        ("emergencies", "all_emergencies", PROFILE, "ragna"),
        ("exposure", "all_exposures", "kindkans-berseba", "carlo"),
    ] {
        let auditor = state["stages"][system]["accounts"][auditor].as_str();
        let file = folder.path().join(question).display().to_string();
        let asked = ["audit", question, "--system", system, "--json"];
        let keep = ["--as", auditor.unwrap(), "--bundle", &file];
        let run = program.run(&[&asked[..], &keep].concat());
        let told = run.ends_with(0).json();
        let cases = told.as_array().unwrap();
        assert!(!cases.is_empty(), "{question}");
        let checked = program.run(&["verify", &file, "--json"]).ends_with(0);
        let checked = checked.json();
        assert_eq!(checked["question"], noted_as);
        assert!(checked["statements"].as_u64().unwrap() >= cases.len() as u64);
        // The events that it left in the cases are there too.
        let text = fs::read_to_string(&file).unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        let noted = &answer["answer"][0]["answer"]["position"];
        let cited = answer["cited"].as_array().unwrap();
        assert!(cited.contains(noted), "{cited:?} without {noted}");
        let mut forged = answer.clone();
        forged["answer"][0]["answer"]["position"] = answer["asked"].clone();
        forged["answer"][0]["answer"]["recordedAt"] = "2026-01-01T00:00:00Z".into();
        let file = folder.path().join("forged").display().to_string();
        fs::write(&file, forged.to_string()).unwrap();
        let run = program.run(&["verify", &file]).ends_with(4);
        assert!(run.err.contains("it says recordedAt"), "{}", run.err);
    }
}

fn an_open_case_is_not_taken_out(program: &Program, story: &Story) {
    let acting = ["--case", &story.open, "--as", &story.archivist];
    let erase = program.run(&[&["erase", "--yes", "--json"], &acting[..]].concat());
    let erase = erase.ends_with(3);
    // While a log is in use nothing tells an archivist that it is there.
    assert!(erase.err.contains("nothing here"), "{}", erase.err);

    let out = program.data_dir.join("exports").display().to_string();
    let export = program.run(&[&["export", "--out", &out], &acting[..]].concat());
    let export = export.ends_with(3);
    assert!(export.err.contains("nothing here"), "{}", export.err);

    let mistyped = program.run_typing(&[&["erase"], &acting[..]].concat(), "yes");
    let mistyped = mistyped.ends_with(2);
    assert!(
        mistyped.err.contains("nothing was erased"),
        "{}",
        mistyped.err
    );
}

fn the_operator_can_work(program: &Program) {
    let migrated = program.run(&["migrate", "--json"]).ends_with(0).json();
    assert_eq!(migrated["applied"], Value::Array(Vec::new()));

    let rebuilt = program.run(&["rebuild", "--json"]).ends_with(0).json();
    assert_eq!(rebuilt["rebuilt"][0]["projection"], "access_intervals");
    program.run(&["rebuild", "no_such_thing"]).ends_with(2);

    let before = program.run(&["receipt", "0", "--json"]).ends_with(0).json();
    let rotated = program.run(&["rotate-key", "--json"]).ends_with(0).json();
    let keys = rotated["verifierKeys"].as_array().unwrap();
    assert_eq!((keys.len(), &keys[0]), (2, &before["verifierKeys"][0]));
    let proof = program.run(&["receipt", "0", "--tlog-proof"]).ends_with(0);
    assert!(proof.out.starts_with("c2sp.org/tlog-proof@v1\nindex 0\n"));
    program.run(&["receipt", "1000000"]).ends_with(3);

    let nothing_missing = ["recover", "--origin", "caseledger.localhost/new", "--json"];
    let recovered = program.run(&nothing_missing).ends_with(0).json();
    assert_eq!(recovered["eventsMissing"], 0);
    assert_eq!(recovered["origin"], "caseledger.localhost/local");
}

fn an_interrupted_story_is_played_anew(program: &Program, story: &Story) {
    let mut state = remembered(&program.data_dir);
    state["stages"][PROFILE]["played"] = Value::Null;
    fs::write(program.data_dir.join("demo.json"), state.to_string()).unwrap();
    let run = program.run(&["demo", "--once"]).ends_with(0);
    run.says_in_order(&HEADINGS);
    let anew = Story::of(&remembered(&program.data_dir));
    assert_eq!(anew.auditor, story.auditor);
    assert_ne!(anew.closed, story.closed);
}

fn a_ledger_of_others_is_left_alone(program: &Program) {
    fs::remove_file(program.data_dir.join("demo.json")).unwrap();
    let run = program.run(&["demo", "--once"]).ends_with(3);
    assert!(run.err.contains("in use"), "{}", run.err);
    assert!(!program.data_dir.join("demo.json").exists());
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn some_file(folder: &Path) -> PathBuf {
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().find(|path| path.is_file()).unwrap()
}
