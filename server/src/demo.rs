//! The demo: an invented story, played through the service's own commands, and a tour of what the ledger makes of it.
//!
//! The story is data (`fixtures/stories`); here belongs how it is staged, remembered and shown. What a person of the
//! story may do and see is decided by the rules, as for anybody else.

mod cast;
mod commands;
mod page;
mod player;
mod state;
mod story;
mod tour;

use std::sync::Arc;

use ledger_core::access::RuleBook;

use self::{
    page::Pages,
    player::Player,
    state::{Played, State},
    story::Story,
    tour::Tour,
};
use crate::{
    cli::{Failure, Invocation, Progress, curl_examples, listen, serve_until, stop_signal},
    config::Config,
    instance::Instance,
};

/// The story and the tour, and nothing after them.
pub(crate) async fn show(config: Config, invocation: &Invocation) -> anyhow::Result<()> {
    let instance = open(config).await?;
    let shown = stage(&instance, invocation).await;
    let closed = instance.close().await;
    shown.and(closed)
}

/// The story and the tour, then the service until Ctrl-C.
pub(crate) async fn show_and_serve(config: Config, invocation: &Invocation) -> anyhow::Result<()> {
    // First the address: whoever has a service running already is told so at once.
    let listener = listen(config.listen).await?;
    let instance = open(config).await?;
    if let Err(error) = stage(&instance, invocation).await {
        // Why it failed says more than whether it then closed well.
        let _ = instance.close().await;
        return Err(error);
    }
    let stop = stop_signal()?;
    let address = listener.local_addr()?.to_string();
    invite(&instance, invocation, &address)?;
    serve_until(Arc::new(instance), listener, stop).await
}

async fn open(config: Config) -> anyhow::Result<Instance> {
    let _progress = Progress::begin("starting the ledger and its Postgres", false);
    Instance::open(config).await
}

/// Plays the story if it was not played yet, and shows what there is.
async fn stage(instance: &Instance, invocation: &Invocation) -> anyhow::Result<()> {
    let story = Story::built_in();
    let rule_book = Arc::new(RuleBook::load(&player::rule_book_text(&story.profile)?)?);
    let mut state = remembered_or_new(instance, &story).await?;
    let mut pages = Pages::new(invocation);
    if let Some(played) = &state.played {
        introduce(&pages, instance, true)?;
        return Tour::new(instance, &state, played, &mut pages)
            .again()
            .await;
    }
    introduce(&pages, instance, false)?;
    let mut played = play(instance, &story, &state, &rule_book).await?;
    let erased = Tour::new(instance, &state, &played, &mut pages)
        .first()
        .await?;
    // Only now: a story that was interrupted is played anew, with other logs.
    played.erased = Some(erased);
    state.played = Some(played);
    state.save(&instance.config.data_dir)
}

async fn play(
    instance: &Instance,
    story: &Story,
    state: &State,
    rule_book: &Arc<RuleBook>,
) -> anyhow::Result<Played> {
    let progress = Progress::begin("playing the story", false);
    cast::introduce(&instance.ledger, story, state, rule_book).await?;
    Player::new(&instance.ledger, story, rule_book.profile(), state)
        .play(|done, steps| progress.set(done, steps))
        .await
}

/// What an earlier start has left, or a new cast in a ledger that nobody uses.
async fn remembered_or_new(instance: &Instance, story: &Story) -> anyhow::Result<State> {
    let (data_dir, tenant) = (&instance.config.data_dir, instance.tenant());
    let remembered = State::load(data_dir, tenant)?;
    let in_use = cast::is_in_use(&instance.ledger, story, tenant).await?;
    match remembered {
        Some(state) if in_use => Ok(state),
        None if in_use => Err(Failure::refused(format!(
            "the ledger of {tenant} is in use, and not by the demo: invented people have no business in it. Give the \
             demo a folder of its own, for example --data-dir ./demo"
        ))
        .into()),
        // The cast of a ledger that is gone, or one that never entered, is of no use.
        _ => {
            let state = cast::gather(&instance.ledger, story, tenant);
            state.save(data_dir)?;
            Ok(state)
        }
    }
}

fn introduce(pages: &Pages<'_>, instance: &Instance, again: bool) -> anyhow::Result<()> {
    pages.print("Caseledger: a tour\n")?;
    pages.say(if again {
        "The story was played at an earlier start, and its data were found. So nothing was played again: this is what \
         stands today."
    } else {
        "Two relay logs (stafettloggar) of an invented school in Kvam have just been played through the service's own \
         commands, by its rules. One, about Ola Testperson, was cleared by the leader, opened, begun with a measure, \
         worked in, and ended when his parents took their consents back. In the other, about Kari Oppdikta, the baton \
         has changed hands; it rested for a while, and goes on. All of these people are invented."
    })?;
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
fn invite(instance: &Instance, invocation: &Invocation, address: &str) -> anyhow::Result<()> {
    let pages = Pages::new(invocation);
    pages.print(&format!(
        "The API answers at http://{address} until Ctrl-C.\n"
    ))?;
    let state = State::load(&instance.config.data_dir, instance.tenant())?;
    let Some((state, played)) = state
        .as_ref()
        .and_then(|state| Some((state, state.played.as_ref()?)))
    else {
        return Ok(());
    };
    let Some(log) = played.logs.get(tour::OPEN_LOG) else {
        return Ok(());
    };
    pages.say(
        "In another terminal: sign in as Siri, Kari's mother (development tokens let anyone on this machine sign in \
         as anyone), and look. Each look is recorded, as everything above was.",
    )?;
    let siri = player::account(state, tour::MOTHER)?;
    for line in curl_examples(address, siri, log.case) {
        pages.print(&format!("  $ {line}"))?;
    }
    pages.print("")
}
