//! The way of a question from the command line: it is asked, kept with its proofs if that is wanted, and printed.

use std::path::PathBuf;

use anyhow::Context as _;
use ledger_core::{
    ids::{CaseId, Position},
    ledger::{Answered, Caller, Ledger, Occasion},
};
use serde::Serialize;

use crate::{
    cli::{
        Exit,
        acting::{ActingArgs, occasion},
        output::OutputArgs,
        session::{self, Session},
    },
    export::answer,
    instance::Instance,
};

#[derive(Debug, clap::Args)]
pub(super) struct About {
    /// The case
    #[arg(long, value_name = "CASE")]
    pub(super) case: CaseId,
    #[command(flatten)]
    pub(super) acting: ActingArgs,
    #[command(flatten)]
    pub(super) keeping: Keeping,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

/// Whether the answer is kept with its proofs.
#[derive(Debug, clap::Args)]
pub(super) struct Keeping {
    /// Also write the answer to this file, with every event that it rests on and the proofs of them, so that somebody else
    /// can check it: `caseledger verify FILE`
    #[arg(long, value_name = "FILE")]
    pub(super) bundle: Option<PathBuf>,
}

/// What of an answer is kept.
pub(super) struct Kept<'a, T> {
    pub(super) question: &'static str,
    pub(super) case: Option<CaseId>,
    /// Whether everything was asked for, and not only a part.
    pub(super) whole: bool,
    pub(super) shape: &'a T,
    pub(super) answer: &'a Answered,
    pub(super) cited: Vec<Position>,
}

impl Keeping {
    /// Writes the answer with its proofs, if that was asked for.
    pub(super) async fn keep<T: Serialize>(
        &self,
        instance: &Instance,
        kept: Kept<'_, T>,
    ) -> anyhow::Result<()> {
        let Some(out) = &self.bundle else {
            return Ok(());
        };
        let question = answer::Question {
            code: kept.question.parse()?,
            case: kept.case,
            whole: kept.whole,
        };
        let (ledger, tenant) = (&instance.ledger, instance.tenant());
        let proven = (kept.answer, kept.cited);
        answer::write(ledger, tenant, out, &question, kept.shape, proven)
            .await
            .context("the answer could not be kept with its proofs")?;
        eprintln!(
            "The answer with its proofs: {}. Anyone can check it: caseledger verify {}",
            out.display(),
            out.display()
        );
        Ok(())
    }
}

/// An answer about one case, as it is told.
pub(super) trait Told {
    /// The question, as the event of the answer names it.
    const QUESTION: &'static str;

    /// The answer as JSON.
    fn shape(&self, case: CaseId) -> impl Serialize;

    /// The answer as text.
    fn text(&self, case: CaseId) -> String;

    /// The event of the answer, and what the answer cites.
    fn evidence(&self) -> (&Answered, Vec<Position>);
}

impl About {
    /// Asks, keeps and prints. `whole` is whether everything was asked for, and not only a part.
    pub(super) async fn ask<T: Told>(
        self,
        session: &Session,
        whole: bool,
        ask: impl AsyncFnOnce(&Ledger, &Caller, CaseId, &Occasion) -> anyhow::Result<T>,
    ) -> anyhow::Result<Exit> {
        let Self {
            case,
            acting,
            keeping,
            output,
        } = self;
        let config = session.config()?;
        let caller = acting.caller(&config)?;
        let told = session::with_instance(config, output.json, async |instance| {
            let ledger = &instance.ledger;
            let told = ask(ledger, &caller, case, &occasion(ledger)).await?;
            {
                let (answer, cited) = told.evidence();
                let kept = Kept {
                    question: T::QUESTION,
                    case: Some(case),
                    whole,
                    shape: &told.shape(case),
                    answer,
                    cited,
                };
                keeping.keep(instance, kept).await?;
            }
            Ok(told)
        })
        .await?;
        output.print(&told.shape(case), || told.text(case))?;
        Ok(Exit::Done)
    }
}
