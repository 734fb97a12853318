//! The demo: invented stories, one of each system, played through the service's own commands, and a tour of what the
//! ledger makes of them.
//!
//! A story is data (`fixtures/stories`), and so is its tour; here belongs how it is staged, remembered and shown. What a
//! person of a story may do and see is decided by the rules, as for anybody else.

mod cast;
mod commands;
mod handover;
mod page;
mod player;
mod state;
mod story;
mod tour;

use std::{fs, path::Path, sync::Arc};

use anyhow::Context as _;
use ledger_core::{access::RuleBook, profile::RuleBookText};

use self::{
    page::Pages,
    player::Player,
    state::{Played, Stage, State},
    story::{Story, When},
    tour::Tour,
};
use crate::{
    cli::{Failure, Invocation, Progress, curl_examples, listen, serve_until, stop_signal},
    config::Config,
    instance::Instance,
};

/// The stories and the tour, and nothing after them.
pub(crate) async fn show(
    config: Config,
    invocation: &Invocation,
    folder: Option<&Path>,
) -> anyhow::Result<()> {
    let stories = stories(folder)?;
    let instance = open(config).await?;
    let shown = stage(&instance, invocation, &stories).await;
    let closed = instance.close().await;
    shown.and(closed)
}

/// The stories and the tour, then the service until Ctrl-C.
pub(crate) async fn show_and_serve(
    config: Config,
    invocation: &Invocation,
    folder: Option<&Path>,
) -> anyhow::Result<()> {
    let stories = stories(folder)?;
    // First the address: whoever has a service running already is told so at once.
    let listener = listen(config.listen).await?;
    let instance = open(config).await?;
    if let Err(error) = stage(&instance, invocation, &stories).await {
        // Why it failed says more than whether it then closed well.
        let _ = instance.close().await;
        return Err(error);
    }
    let stop = stop_signal()?;
    let address = listener.local_addr()?.to_string();
    invite(&instance, invocation, &stories, &address)?;
    serve_until(Arc::new(instance), listener, stop).await
}

/// Those that come with the program, or the one in a folder, beside its rule book.
fn stories(folder: Option<&Path>) -> anyhow::Result<Vec<Story>> {
    let Some(folder) = folder else {
        return Ok(Story::built_in());
    };
    let read = |file: &str| {
        let path = folder.join(file);
        let text = fs::read_to_string(&path);
        text.map_err(|error| Failure::usage(format!("{} cannot be read: {error}", path.display())))
    };
    let rule_book = RuleBookText {
        profile_toml: read("profile.toml")?,
        access_cedar: read("access.cedar")?,
    };
    let story = Story::by(rule_book, &read("story.toml")?)
        .map_err(|error| Failure::usage(format!("story.toml: {error}")))?;
    Ok(vec![story])
}

async fn open(config: Config) -> anyhow::Result<Instance> {
    let _progress = Progress::begin("starting the ledger and its Postgres", false);
    Instance::open(config).await
}

/// Plays each story that was not played yet, and shows what there is.
async fn stage(
    instance: &Instance,
    invocation: &Invocation,
    stories: &[Story],
) -> anyhow::Result<()> {
    let (data_dir, tenant) = (&instance.config.data_dir, instance.tenant());
    let remembered = State::load(data_dir, tenant)?;
    let mut state = remembered.unwrap_or_else(|| State::new(tenant.clone()));
    for story in stories {
        take_the_stage(instance, story, &mut state).await?;
    }
    let mut pages = Pages::new(invocation);
    introduce(&pages, instance, stories.len())?;
    for story in stories {
        show_story(instance, story, &mut state, &mut pages).await?;
    }
    Ok(())
}

/// One story: played now, or at an earlier start.
async fn show_story(
    instance: &Instance,
    story: &Story,
    state: &mut State,
    pages: &mut Pages<'_>,
) -> anyhow::Result<()> {
    let rule_book = Arc::new(RuleBook::load(&player::rule_book_text(story)?)?);
    let stage = state
        .stages
        .get_mut(&story.profile)
        .context("every story has its stage")?;
    pages.system(&rule_book.profile().title)?;
    pages.say(&story.introduction)?;
    if let Some(played) = &stage.played {
        pages.say(
            "The story was played at an earlier start, and its data were found. So nothing was played again: this is \
             what stands today.",
        )?;
        let tour = Tour::new(instance, stage, played, pages);
        return tour.show(&story.tour, When::Again).await.map(drop);
    }
    let mut played = play(instance, story, stage, &rule_book).await?;
    let tour = Tour::new(instance, stage, &played, pages);
    played.erased = tour.show(&story.tour, When::First).await?;
    // Only now: a story that was interrupted is played anew, with other logs.
    stage.played = Some(played);
    state.save(&instance.config.data_dir)
}

async fn play(
    instance: &Instance,
    story: &Story,
    stage: &Stage,
    rule_book: &Arc<RuleBook>,
) -> anyhow::Result<Played> {
    let progress = Progress::begin("playing the story", false);
    cast::introduce(&instance.ledger, story, stage, rule_book).await?;
    Player::new(&instance.ledger, story, rule_book.profile(), stage)
        .play(|done, steps| progress.set(done, steps))
        .await
}

/// What an earlier start has left of a story, or a new cast for a system that nobody uses.
async fn take_the_stage(
    instance: &Instance,
    story: &Story,
    state: &mut State,
) -> anyhow::Result<()> {
    let (ledger, tenant) = (&instance.ledger, instance.tenant());
    let in_use = cast::is_in_use(ledger, story, tenant).await?;
    match state.stages.contains_key(&story.profile) {
        true if in_use => Ok(()),
        false if in_use => Err(Failure::refused(format!(
            "the ledger of {tenant} is in use, and not by the demo: invented people have no business in it. Give the \
             demo a folder of its own, for example --data-dir ./demo"
        ))
        .into()),
        // The cast of a ledger that is gone, or one that never entered, is of no use.
        _ => {
            let cast = cast::gather(ledger, story, tenant);
            state.stages.insert(story.profile.clone(), cast);
            state.save(&instance.config.data_dir)
        }
    }
}

fn introduce(pages: &Pages<'_>, instance: &Instance, stories: usize) -> anyhow::Result<()> {
    pages.print("Caseledger: a tour\n")?;
    let systems = match stories {
        1 => {
            "One system lives in this ledger, on a rule book of its own. It has a story,".to_owned()
        }
        several => format!(
            "{several} systems live side by side in one ledger here, each on a rule book of its own. Each has a story,"
        ),
    };
    pages.say(&format!(
        "{systems} played through the service's own commands, by its rules. All of the people in them are invented."
    ))?;
    let database = match instance.postgres() {
        Some(postgres) => format!(
            "a Postgres of its own in {}",
            postgres.directory().display()
        ),
        None => "the database that you have named".to_owned(),
    };
    pages.say(&format!(
        "Everything lies in {database}; the keys lie in {}.",
        instance.config.key_store.display()
    ))
}

/// What to do with the API that is about to answer.
fn invite(
    instance: &Instance,
    invocation: &Invocation,
    stories: &[Story],
    address: &str,
) -> anyhow::Result<()> {
    let pages = Pages::new(invocation);
    pages.print(&format!(
        "The API answers at http://{address} until Ctrl-C.\n"
    ))?;
    let state = State::load(&instance.config.data_dir, instance.tenant())?;
    let open = stories.iter().find_map(|story| {
        let invitation = story.invitation.as_ref()?;
        let stage = state.as_ref()?.stages.get(&story.profile)?;
        let log = stage.played.as_ref()?.logs.get(&invitation.log)?;
        Some((invitation, stage, log))
    });
    let Some((invitation, stage, log)) = open else {
        return Ok(());
    };
    pages.say(&invitation.say)?;
    let person = player::account(stage, &invitation.who)?;
    for line in curl_examples(address, instance.tenant(), person, log.case) {
        pages.print(&format!("  $ {line}"))?;
    }
    pages.print("")
}
