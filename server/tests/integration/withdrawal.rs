//! Nothing is shown on a view that is ordered after the withdrawal or the expiry that forbids it: many readers at two
//! servers, in every shape in which a case can be read, downloads and streams under way, one consent withdrawn and
//! another one ending at midnight.

mod agreement;
mod readers;
mod server;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Instant,
};

use caseledger::instance::MachineClock;
use chrono::{DateTime, Days, TimeDelta, Utc};
use ledger_core::{
    clock::{Clock as _, SystemEntropy},
    event::CorrelationId,
    events::Event,
    ids::StreamId,
    profile::{Profile, RuleBookText},
    store::StoredEvent,
};
use serde_json::{Value, json};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Duration, timeout},
};

use self::{
    readers::{BY_HOLDER, BY_PROFESSIONAL, Read, Reader, Shape, Target},
    server::{Server, Work},
};
use crate::support::{
    moved_clock,
    service::{Client, PROFILE},
    story_by_http::{CaseOfStory, Person, Story, text},
};

/// How many reads there are at the least.
const READS_MIN: usize = 10_000;
/// How many good answers of each shape from each server there are before the right ends, and refusals after it.
const OF_EACH_MIN: usize = 20;
/// Events that a stream has sent before the right ends, its opening included.
const OF_STREAM_MIN: usize = 5;
/// Reads after midnight while the servers' clocks are still slow.
const OF_SLOW_CLOCKS: usize = 500;
/// Notes that are written in each case while it is read.
const NOTES: usize = 6;
/// More than the connection holds on its way to a reader who is slow.
const LARGE: usize = 20 << 20;
/// How long before midnight the readers begin. Midnight comes when the test wants it; no farther away than servers and
/// database may differ.
const BEFORE_MIDNIGHT: TimeDelta = TimeDelta::minutes(4);
const GIVE_UP_AFTER: Duration = Duration::from_mins(5);

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one story, told in one go")]
async fn two_servers_show_nothing_after_a_withdrawal_or_an_expiry() {
    let mut story = Story::begin().await;
    let profile = Profile::parse(&RuleBookText::built_in(PROFILE).unwrap()).unwrap();
    let now = MachineClock.now();
    let last_day = profile.date_of(now) + Days::new(1);
    let midnight = profile.expires_at(last_day);
    let cases = [
        told(&story, "01010112345", None).await,
        told(&story, "02020212345", Some(last_day.to_string())).await,
    ];
    let [(withdrawn_case, first), (_, second)] = cases;
    let targets = Arc::new(vec![first, second]);
    // From here on there are the two servers alone.
    story.service.begin_to_stop().await.unwrap().unwrap();

    let shift = midnight - BEFORE_MIDNIGHT - MachineClock.now();
    let database = &story.service.database;
    let work = Work {
        database_url: moved_clock::put_before(database, shift).await,
        data_dir: story.service.folder.path().display().to_string(),
        shift_micros: shift.num_microseconds().unwrap(),
    };
    let mut servers = [Server::start(&work), Server::start(&work)];
    let at_both = async |person: &Person| -> [Client; 2] {
        let client = |server: usize| Client::at(&servers[server].url);
        [
            client(0).sign_in(&person.id).await,
            client(1).sign_in(&person.id).await,
        ]
    };
    let guardian = at_both(&story.guardian).await;
    let auditor = at_both(&story.auditor).await;

    let (seen, mut reads) = mpsc::unbounded_channel();
    let (end, ended) = watch::channel([false; 2]);
    let mut tasks = JoinSet::new();
    for (by, person, shapes) in [
        ("professional", &story.professional, &BY_PROFESSIONAL[..]),
        ("baton holder", &story.holder, &BY_HOLDER[..]),
    ] {
        let reader = Reader {
            by,
            servers: at_both(person).await,
            targets: Arc::clone(&targets),
            seen: seen.clone(),
            ended: ended.clone(),
        };
        for shape in shapes {
            tasks.spawn(reader.clone().read_on(*shape));
        }
        for (server, target) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            tasks.spawn(reader.clone().follow(server, target));
            tasks.spawn(reader.clone().fetch_slowly(server, target));
        }
    }
    drop(seen);

    let begun = Instant::now();
    let mut all: Vec<Read> = Vec::new();
    let (mut counts, mut written) = (Counts::default(), 0);
    let (mut withdrawn, mut slow_until) = (None, None);
    while all.len() < READS_MIN || withdrawn.is_none() || !counts.is_enough(false) {
        let waiting = GIVE_UP_AFTER.saturating_sub(begun.elapsed());
        let read = timeout(waiting, reads.recv()).await;
        let read = read.unwrap_or_else(|_| panic!("never enough: {}", counts.missing()));
        counts.take(read.as_ref().expect("they read on"), withdrawn.is_some());
        all.extend(read);
        while let Some(failed) = tasks.try_join_next() {
            failed.expect("readers go on");
        }
        if written < NOTES && all.len() > written * 100 {
            for (server, target) in targets.iter().enumerate() {
                note(&guardian[server], target).await;
            }
            written += 1;
        }
        if withdrawn.is_none() && counts.is_enough(true) && all.len() > READS_MIN / 3 {
            withdrawn = Some(withdraw(&guardian[0], &withdrawn_case).await);
            moved_clock::move_to(database, shift + BEFORE_MIDNIGHT).await;
            slow_until = Some(all.len() + OF_SLOW_CLOCKS);
            end.send_replace([true; 2]);
            // The family goes on writing where the consent has only run out; nobody is sent it.
            note(&guardian[1], &targets[1]).await;
        }
        // Until then the servers believe that the day has not ended, and the database's time alone stands against it.
        if slow_until.take_if(|until| all.len() > *until).is_some() {
            for server in &mut servers {
                server.move_clock(shift + BEFORE_MIDNIGHT);
            }
        }
    }
    tasks.shutdown().await;
    while let Ok(read) = reads.try_recv() {
        all.push(read);
    }

    let withdrawn = withdrawn.expect("the consent was withdrawn");
    let may_stand = |target: usize, position: u64, at: DateTime<Utc>| match target {
        0 => position < withdrawn,
        _ => at < midnight,
    };
    for (index, target) in targets.iter().enumerate() {
        let views = views(&story, target).await;
        let mut told: BTreeSet<u64> = BTreeSet::new();
        let mut after = 0;
        loop {
            let saw = format!("/v1/cases/{}/audit/saw?cursor={after}", target.case);
            let saw = auditor[1].get(&saw).await.good();
            told.extend(saw["views"].as_array().unwrap().iter().map(place));
            match saw["nextCursor"].as_u64() {
                Some(next) => after = next,
                None => break,
            }
        }
        for read in all.iter().filter(|read| read.target == index && read.shown) {
            let own: Vec<&Seen> = views
                .get(&read.correlation_id)
                .into_iter()
                .flatten()
                .filter(|seen| seen.shows(read))
                .collect();
            assert!(!own.is_empty(), "no view stands for {read:?}");
            for seen in own {
                assert!(
                    may_stand(index, seen.position, seen.at),
                    "{read:?} was shown after the withdrawal at {withdrawn} or the expiry at {midnight}: {seen:?}"
                );
                assert!(told.contains(&seen.position), "the auditor misses {seen:?}");
            }
            if read.shape != Shape::Stream && !read.shape.is_document() {
                assert!(read.view.is_some(), "{read:?} names no view");
            }
        }
    }
    println!(
        "{} reads in {:?}; {}",
        all.len(),
        begun.elapsed(),
        counts.told()
    );
    let ledger = &story.service.instance.ledger;
    let tenant = story.service.instance.tenant();
    let verified = ledger.verify(tenant, true, &|_, _| ()).await.unwrap();
    assert_eq!(verified.errors, []);
}

/// A case in which there is something of everything.
async fn told(story: &Story, national_id: &str, through: Option<String>) -> (CaseOfStory, Target) {
    let mark = CorrelationId::generate(&SystemEntropy).to_string();
    let secret = format!("{mark} løynd");
    let id = story.open(&mark, national_id).await;
    let guardian_party = story
        .add_party(&id, "guardian", &story.guardian, None, &mark)
        .await;
    let body = json!({
        "kind": "establish_log", "by": guardian_party, "form": "digital", "validThrough": through,
        "remark": mark,
    });
    let consents = format!("/v1/cases/{id}/consents");
    let given = story.guardian.client.post(&consents, &body).await.good();
    let services = [story.counselling.as_str()];
    story
        .consent(&id, "cooperation", &guardian_party, &services)
        .await;
    let service = Some(story.counselling.as_str());
    story
        .add_party(&id, "professional", &story.professional, service, "Frida")
        .await;
    something_of_everything(story, &id, &guardian_party, &mark, &secret).await;
    let noted = story.note(&id, &secret).await;
    let document = story.document(&id, secret.clone().into_bytes()).await;
    let large = secret.repeat(LARGE / secret.len()).into_bytes();
    let target = Target {
        case: id.clone(),
        national_id: national_id.to_owned(),
        document,
        large_document: story.document(&id, large).await,
        position: noted["position"].as_u64().unwrap(),
        recorded_at: text(&noted, "recordedAt"),
        mark,
        secret,
    };
    let case = CaseOfStory {
        id,
        guardian_party,
        consent: text(&given, "consentId"),
    };
    (case, target)
}

/// A service, a measure, a meeting, an agreement and a document's title in which something is looked for.
async fn something_of_everything(story: &Story, id: &str, party: &str, mark: &str, secret: &str) {
    let holder = &story.holder.client;
    for (part, body) in [
        (
            "services",
            json!({ "service": story.counselling, "task": mark }),
        ),
        (
            "measures",
            json!({
                "title": secret, "developmentArea": "Trygge morgonar", "responsible": party,
                "evaluateOn": "2040-01-15",
            }),
        ),
        (
            "meetings",
            json!({ "at": "2040-01-15T10:00:00Z", "title": secret }),
        ),
        ("agreements", json!({ "text": secret })),
    ] {
        let path = format!("/v1/cases/{id}/{part}");
        holder.post(&path, &body).await.good();
    }
    let metadata = json!({ "section": "documents", "title": secret, "fileName": "vedlegg.pdf" });
    let filed = holder.file(id, &metadata, b"%PDF-1.7".to_vec()).await;
    filed.good();
}

async fn note(guardian: &Client, target: &Target) {
    let body =
        json!({ "section": "notes", "title": target.secret, "text": "Heime går det betre." });
    let path = format!("/v1/cases/{}/notes", target.case);
    guardian.post(&path, &body).await.good();
}

/// The guardian withdraws the consent; gives its position.
async fn withdraw(guardian: &Client, case: &CaseOfStory) -> u64 {
    let path = format!("/v1/cases/{}/consents/{}/withdrawal", case.id, case.consent);
    let body = json!({ "by": case.guardian_party });
    place(&guardian.post(&path, &body).await.good())
}

fn place(of: &Value) -> u64 {
    of["position"].as_u64().unwrap()
}

/// A view as it stands in the ledger.
#[derive(Debug)]
struct Seen {
    position: u64,
    at: DateTime<Utc>,
    event: Event,
}

impl Seen {
    /// Whether this is what stands for a reading, or a part of it.
    fn shows(&self, read: &Read) -> bool {
        let by_name = read
            .view
            .is_none_or(|view| view == (self.position, self.at));
        by_name
            && match (&self.event, read.shape) {
                (Event::CaseViewed(facts), Shape::Single) => facts.as_of.is_none(),
                (Event::CaseViewed(facts), shape) if shape.is_excerpt() => facts.as_of.is_none(),
                (Event::CasePrinted(facts), Shape::PrintAsKnown) => facts.as_of.is_some(),
                (Event::TimelineViewed(facts), Shape::TimelineAsKnown) => facts.as_of.is_some(),
                (
                    Event::CaseViewed(facts),
                    Shape::AsKnownAtPosition | Shape::AsKnownAtTime | Shape::AsTrueAt,
                ) => facts.as_of.is_some(),
                (Event::CasePrinted(_), Shape::Print)
                | (Event::TimelineViewed(_), Shape::Timeline)
                | (Event::CaseListed(_), Shape::List | Shape::Due)
                | (Event::CaseFound(_), Shape::Search)
                | (Event::DocumentDownloaded(_), Shape::Document | Shape::SlowDocument) => true,
                (Event::CaseWatched(facts), Shape::Stream) => read.version.is_none_or(|version| {
                    (facts.after_version + 1..=facts.through_version).contains(&version)
                }),
                _ => false,
            }
    }
}

/// Every view of a case, by the request that it belongs to.
async fn views(story: &Story, target: &Target) -> HashMap<String, Vec<Seen>> {
    let instance = &story.service.instance;
    let stream = StreamId::Views(target.case.parse().unwrap());
    let store = instance.store();
    let stored = store.read_stream(instance.tenant(), &stream, 0, 1_000_000);
    let mut views: HashMap<String, Vec<Seen>> = HashMap::new();
    for recorded in stored.await.unwrap().iter().map(StoredEvent::decode) {
        let recorded = recorded.unwrap();
        let seen = Seen {
            position: recorded.position.0,
            at: recorded.envelope.recorded_at,
            event: recorded.event,
        };
        let request = recorded.envelope.correlation_id.to_string();
        views.entry(request).or_default().push(seen);
    }
    views
}

/// By whom, in which shape, at which server, of which case.
type Kind = (&'static str, Shape, usize, usize);

/// How often something was shown, and how often it was not after that.
#[derive(Default)]
struct Counts(BTreeMap<Kind, (usize, usize, bool)>);

impl Counts {
    fn take(&mut self, read: &Read, is_over: bool) {
        let kind = (read.by, read.shape, read.server, read.target);
        let (shown, refused, cut) = self.0.entry(kind).or_default();
        if read.shown {
            *shown += 1;
        } else if is_over {
            *refused += 1;
        }
        *cut |= read.cut;
    }

    /// Whether enough was shown, or refused and cut off, in each shape.
    fn is_enough(&self, shown: bool) -> bool {
        let kinds = 2 * 2 * (BY_PROFESSIONAL.len() + BY_HOLDER.len() + 4);
        self.0.len() == kinds && self.0.iter().all(|one| is_enough(one, shown))
    }

    fn missing(&self) -> String {
        let missing = self
            .0
            .iter()
            .filter(|(kind, count)| !is_enough((*kind, *count), false));
        format!("{:?}", missing.collect::<Vec<_>>())
    }

    fn told(&self) -> String {
        let (mut shown, mut refused) = (0, 0);
        for count in self.0.values() {
            shown += count.0;
            refused += count.1;
        }
        format!("{shown} shown and {refused} not, of {} kinds", self.0.len())
    }
}

fn is_enough((kind, count): (&Kind, &(usize, usize, bool)), shown: bool) -> bool {
    let shape = kind.1;
    let (good, refused, cut) = *count;
    match (shape, shown) {
        (Shape::SlowDocument, true) => good >= 1,
        (Shape::Stream, true) => good >= OF_STREAM_MIN,
        (_, true) => good >= OF_EACH_MIN,
        (Shape::SlowDocument | Shape::Stream, false) => refused >= OF_EACH_MIN && cut,
        (_, false) => refused >= OF_EACH_MIN,
    }
}
