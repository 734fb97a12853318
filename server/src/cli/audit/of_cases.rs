//! The way of a question about one case or about every case of a system: as [`super::asking`], page by page.

use anyhow::Context as _;
use ledger_core::{
    ids::{CaseId, ProfileId},
    ledger::{Caller, Ledger, LedgerError, Occasion, OfCase, OfSystem},
};
use serde::Serialize;

use super::{Keeping, Kept};
use crate::{
    cli::{
        Exit, Failure, Progress,
        acting::{ActingArgs, occasion},
        output::OutputArgs,
        session::{self, Session},
    },
    instance::Instance,
};

#[derive(Debug, clap::Args)]
#[group(id = "which", required = true, multiple = false, args = ["case", "system"])]
pub(super) struct AboutCases {
    /// The case
    #[arg(long, value_name = "CASE")]
    case: Option<CaseId>,
    /// Every case of a system
    #[arg(long, value_name = "PROFILE")]
    system: Option<ProfileId>,
    #[command(flatten)]
    acting: ActingArgs,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

/// An answer about a case, as it and its like are told.
pub(super) trait ToldOfCases: OfCase + Sized {
    /// The question about one case, as the event of its answer names it.
    const OF_CASE: &'static str;
    /// The question about a system.
    const OF_SYSTEM: &'static str;
    /// What could not be done, where it could not be asked.
    const FAILED: &'static str;

    async fn of_case(
        ledger: &Ledger,
        caller: &Caller,
        case: CaseId,
        occasion: &Occasion,
    ) -> Result<Self, LedgerError>;

    /// The next of them, after `after`.
    async fn of_system(
        ledger: &Ledger,
        caller: &Caller,
        system: &ProfileId,
        after: Option<CaseId>,
        occasion: &Occasion,
    ) -> Result<OfSystem<Self>, LedgerError>;

    /// The answer about one case, as it is kept.
    fn kept(&self) -> impl Serialize;

    /// The answers as JSON.
    fn shape(of: &[Self]) -> impl Serialize;

    /// The answers as text.
    fn text(of: &[Self]) -> String;
}

impl AboutCases {
    /// Asks, keeps and prints.
    pub(super) async fn ask<T: ToldOfCases>(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let caller = self.acting.caller(&config)?;
        let output = self.output;
        let told: Vec<T> = session::with_instance(config, output.json, async |instance| {
            match (self.case, &self.system) {
                (Some(case), _) => self.ask_of_case(instance, &caller, case).await,
                (None, Some(system)) => self.ask_of_system(instance, &caller, system).await,
                (None, None) => Err(Failure::usage("give --case or --system").into()),
            }
        })
        .await?;
        output.print(&T::shape(&told), || T::text(&told))?;
        Ok(Exit::Done)
    }

    async fn ask_of_case<T: ToldOfCases>(
        &self,
        instance: &Instance,
        caller: &Caller,
        case: CaseId,
    ) -> anyhow::Result<Vec<T>> {
        let ledger = &instance.ledger;
        let told = T::of_case(ledger, caller, case, &occasion(ledger)).await;
        let told = told.context(T::FAILED)?;
        {
            let kept = Kept {
                question: T::OF_CASE,
                case: Some(case),
                whole: true,
                shape: &told.kept(),
                answer: told.answer(),
                cited: told.cited(),
            };
            self.keeping.keep(instance, kept).await?;
        }
        Ok(vec![told])
    }

    async fn ask_of_system<T: ToldOfCases>(
        &self,
        instance: &Instance,
        caller: &Caller,
        system: &ProfileId,
    ) -> anyhow::Result<Vec<T>> {
        let ledger = &instance.ledger;
        let occasion = occasion(ledger);
        let progress = Progress::begin("looking through the cases", self.output.json);
        let ask = async |after| {
            let page = T::of_system(ledger, caller, system, after, &occasion).await;
            page.context(T::FAILED)
        };
        let mut found = ask(None).await?;
        while let Some(more) = found.more {
            let number = found.cases.len();
            progress.say(format!("looking through the cases: {number} found"));
            let page = ask(Some(more)).await?;
            found.cases.extend(page.cases);
            (found.more, found.answer) = (page.more, page.answer);
        }
        // What the question left in each of the cases goes along.
        let left = found.cases.iter().map(|told| told.answer().event.first);
        let mut cited = found.cited();
        cited.extend(left);
        cited.sort_unstable();
        {
            let kept = Kept {
                question: T::OF_SYSTEM,
                case: None,
                whole: false,
                shape: &T::shape(&found.cases),
                answer: &found.answer,
                cited,
            };
            self.keeping.keep(instance, kept).await?;
        }
        Ok(found.cases)
    }
}
