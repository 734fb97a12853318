//! The tour: what the ledger can show, explain and prove of the story, with its real answers.

use std::path::Path;

use anyhow::Context as _;
use ledger_core::{
    case::ArchiveCase,
    ids::{AccountId, CaseId, Position},
    ledger::{AsOf, CaseCommand, LedgerError, Look},
};

use super::{
    page::Pages,
    player::{account, caller, occasion},
    state::{Certificate, Log, Played, State},
};
use crate::{
    cli::{
        Failure, Progress, backups_end, check_ledger, erased_text, message_of, show, verify_bundle,
        write_bundle,
    },
    instance::Instance,
};

/// The log that stays open, and the mother of the child that it is about.
pub(super) const OPEN_LOG: &str = "kari";
pub(super) const MOTHER: &str = "siri";

const CLOSED_LOG: &str = "ola";
const GUARDIAN: &str = "mari";
const AUDITOR: &str = "ragna";
const ARCHIVIST: &str = "arne";

/// The six pages' headings.
const TIMELINE: &str = "What happened: the timeline of a log, as a guardian reads it";
const TODAY: &str = "Who may see it today, and why";
const BEFORE: &str = "The same question, as of the moment before a consent was withdrawn";
const SAW: &str = "Who actually saw it, and when";
const RECEIPT: &str = "The receipt of one event, and its verification";
const ERASURE: &str = "Archived, verified from the bundle alone, erased, verified again";

/// A tour through one story.
pub(super) struct Tour<'a> {
    instance: &'a Instance,
    state: &'a State,
    played: &'a Played,
    pages: &'a mut Pages<'a>,
}

impl<'a> Tour<'a> {
    pub(super) fn new(
        instance: &'a Instance,
        state: &'a State,
        played: &'a Played,
        pages: &'a mut Pages<'a>,
    ) -> Self {
        Self {
            instance,
            state,
            played,
            pages,
        }
    }

    /// The tour on which the log is erased. Gives what the ledger certified.
    pub(super) async fn first(mut self) -> anyhow::Result<Certificate> {
        self.pages.heading(TIMELINE)?;
        self.pages.say(
            "Mari, Ola's mother, reads the log. Guardians read everything in it, and what they read is recorded too.",
        )?;
        self.timeline(CLOSED_LOG, GUARDIAN).await?;
        self.today().await?;
        self.pages.say(
            "Helga, the health nurse, sees nothing any more, and Tora, who holds the baton, only whom the log is \
             about and who had consented: all else rests on consents that were taken back.",
        )?;
        self.before().await?;
        self.pages.say(
            "Then Helga saw all of it: both guardians had consented to the cooperation, and named her service.",
        )?;
        self.saw().await?;
        self.receipt().await?;
        self.archive_and_erase().await
    }

    /// The tour of a later start: what stands, now that the log is erased.
    pub(super) async fn again(mut self) -> anyhow::Result<()> {
        self.pages.heading(TIMELINE)?;
        self.refused_timeline().await?;
        self.pages
            .say("Kari's log stays open, and Siri, her mother, reads it:")?;
        self.timeline(OPEN_LOG, MOTHER).await?;
        self.today().await?;
        self.pages
            .say("Ola's log is erased: whoever asks, the rules refuse.")?;
        self.before().await?;
        self.pages.say(
            "The facts are still there, and so are the rules of that time. Who of the family took part went with the \
             log's key: in facts they appear by an id that was made for this one log.",
        )?;
        self.saw().await?;
        self.receipt().await?;
        self.what_remains().await
    }

    async fn timeline(&mut self, log: &str, person: &str) -> anyhow::Result<()> {
        let case = self.log(log)?.case;
        self.pages.command(&format!(
            "timeline --case {case} --as {}",
            self.account(person)?
        ))?;
        let ledger = &self.instance.ledger;
        let shown = ledger
            .look(
                &caller(self.state, person)?,
                case,
                &Look::Timeline,
                &occasion(ledger),
            )
            .await?;
        self.pages.output(&show::timeline_text(&shown))
    }

    /// After the erasure even a guardian is refused.
    async fn refused_timeline(&mut self) -> anyhow::Result<()> {
        let case = self.case()?;
        self.pages
            .say("Mari, Ola's mother, asks for the log, as she could before it was erased:")?;
        self.pages.command(&format!(
            "timeline --case {case} --as {}",
            self.account(GUARDIAN)?
        ))?;
        let ledger = &self.instance.ledger;
        let looked = ledger
            .look(
                &caller(self.state, GUARDIAN)?,
                case,
                &Look::Timeline,
                &occasion(ledger),
            )
            .await;
        match looked {
            Err(error @ (LedgerError::NotFound | LedgerError::Refused(_))) => self
                .pages
                .output(&format!("  {}", message_of(&error.into()))),
            Err(error) => Err(error.into()),
            Ok(_) => Err(Failure::not_whole("an erased log was shown").into()),
        }
    }

    async fn today(&mut self) -> anyhow::Result<()> {
        self.pages.heading(TODAY)?;
        self.pages.say(
            "Ragna, the auditor, asks. For each person: what the rules let them see, the rule in plain words with the \
             requirement behind it, and the positions of the events on which that rests.",
        )?;
        self.could(AsOf::Now).await
    }

    async fn before(&mut self) -> anyhow::Result<()> {
        self.pages.heading(BEFORE)?;
        let withdrawn = self.label("cooperation_withdrawn")?;
        self.pages.say(&format!(
            "Jon withdrew the consent to cooperation at position {withdrawn}. As of the event before it:"
        ))?;
        self.could(AsOf::Position(Position(withdrawn.0.saturating_sub(1))))
            .await
    }

    async fn could(&mut self, as_of: AsOf) -> anyhow::Result<()> {
        let case = self.case()?;
        let at = match as_of {
            AsOf::Position(position) => format!(" --at {position}"),
            AsOf::Now | AsOf::Time(_) => String::new(),
        };
        self.pages.command(&format!(
            "audit could --case {case}{at} --as {}",
            self.account(AUDITOR)?
        ))?;
        let ledger = &self.instance.ledger;
        let auditor = caller(self.state, AUDITOR)?;
        let could = ledger
            .could(&auditor, case, as_of, &occasion(ledger))
            .await?;
        let cited = show::cited_events(ledger, &auditor.tenant, &could).await?;
        self.pages.output(&show::could_text(&could, &cited))
    }

    async fn saw(&mut self) -> anyhow::Result<()> {
        self.pages.heading(SAW)?;
        self.pages.say(
            "Not who could have, but who did. Nothing personal leaves the ledger before this line about it is on disk; \
             refusals stand here too, and so do the auditor's own questions.",
        )?;
        let case = self.case()?;
        self.pages.command(&format!(
            "audit saw --case {case} --as {}",
            self.account(AUDITOR)?
        ))?;
        let ledger = &self.instance.ledger;
        let auditor = caller(self.state, AUDITOR)?;
        let saw = ledger
            .saw(&auditor, case, AsOf::Now, &occasion(ledger))
            .await?;
        self.pages.output(&show::saw_text(&saw))
    }

    async fn receipt(&mut self) -> anyhow::Result<()> {
        self.pages.heading(RECEIPT)?;
        let position = self.label("cooperation_withdrawn")?;
        self.pages.say(&format!(
            "Jon can take home a proof that his withdrawal stands in the ledger, at position {position}. It reveals \
             nothing of it, and anyone can check it with the ledger's public key."
        ))?;
        self.pages.command(&format!("receipt {position}"))?;
        let (ledger, tenant) = (&self.instance.ledger, self.instance.tenant());
        let receipt = ledger.receipt(tenant, position).await?;
        let keys = ledger.verifier_keys(tenant).await?;
        let head = receipt
            .verify(&keys)
            .map_err(|error| Failure::not_whole(format!("the receipt does not verify: {error}")))?;
        self.pages
            .output(&show::receipt_text(&receipt, &keys, &head))
    }

    async fn archive_and_erase(&mut self) -> anyhow::Result<Certificate> {
        self.pages.heading(ERASURE)?;
        self.pages.say(
            "The consent is withdrawn, so the log is archived, and then erased. In that order. Arne, the archivist, \
             takes it out of the ledger as a bundle:",
        )?;
        let (case, archivist) = (self.case()?, self.account(ARCHIVIST)?);
        let exports = self.instance.config.data_dir.join("exports");
        let bundle = self.export(case, archivist, &exports).await?;
        self.pages
            .say("Whoever receives it checks it without us: no database, no network.")?;
        self.verify_bundle(&bundle)?;

        self.pages
            .say("The archive confirms, and only then the log may be erased:")?;
        let ledger = &self.instance.ledger;
        let arne = caller(self.state, ARCHIVIST)?;
        let reference = "Oppdikta arkiv 2026/1";
        self.pages.command(&format!(
            "archive --case {case} --reference '{reference}' --as {archivist}"
        ))?;
        let command = CaseCommand::Archive(ArchiveCase {
            reference: reference.to_owned(),
        });
        let archived = ledger
            .execute(&arne, case, command, &occasion(ledger))
            .await?;
        self.pages
            .output(&format!("  archived at position {}", archived.first))?;

        self.pages
            .command(&format!("erase --case {case} --as {archivist}"))?;
        let erased = ledger.erase(&arne, case, &occasion(ledger)).await?;
        self.pages.output(&erased_text(&erased))?;

        self.pages.say(
            "Names and texts are gone for good. The events are not, and the ledger still verifies, from its first one:",
        )?;
        self.verify_ledger().await?;
        Ok(Certificate {
            position: erased.certificate.first,
            backups_end: backups_end(&erased).context("an erasure says when backups end")?,
            bundle,
        })
    }

    async fn export(
        &mut self,
        case: CaseId,
        archivist: AccountId,
        exports: &Path,
    ) -> anyhow::Result<std::path::PathBuf> {
        self.pages.command(&format!(
            "export --case {case} --format bundle --out {} --as {archivist}",
            exports.display()
        ))?;
        let ledger = &self.instance.ledger;
        let written = {
            let _progress = Progress::begin("writing the bundle", false);
            let arne = caller(self.state, ARCHIVIST)?;
            write_bundle(ledger, &arne, case, exports, &occasion(ledger)).await?
        };
        self.pages.output(&written.text())?;
        Ok(written.path().to_owned())
    }

    async fn what_remains(&mut self) -> anyhow::Result<()> {
        self.pages.heading(ERASURE)?;
        let erased = self.played.erased.as_ref();
        let erased = erased.context("demo.json lacks the erasure of a story that was played")?;
        self.pages.say(
            "Ola's log was archived and erased at the first start. What certifies that stands in the ledger:",
        )?;
        let (case, auditor) = (self.case()?, caller(self.state, AUDITOR)?);
        self.pages.command(&format!(
            "audit why --case {case} --at {} --as {}",
            erased.position, auditor.account
        ))?;
        let ledger = &self.instance.ledger;
        let why = ledger
            .why(&auditor, case, erased.position, &occasion(ledger))
            .await?;
        self.pages.output(&show::why_text(&why))?;
        self.pages.say(&format!(
            "From {} on no backup holds it either.",
            show::moment(erased.backups_end)
        ))?;
        if erased.bundle.is_dir() {
            self.pages
                .say("The bundle that the archive received still verifies by itself:")?;
            self.verify_bundle(&erased.bundle.clone())?;
        } else {
            self.pages.say(&format!(
                "The bundle was moved away from {}. Wherever it is, it verifies by itself.",
                erased.bundle.display()
            ))?;
        }
        self.pages.say("And the ledger, from its first event:")?;
        self.verify_ledger().await
    }

    fn verify_bundle(&mut self, bundle: &Path) -> anyhow::Result<()> {
        self.pages
            .command(&format!("verify {}", bundle.display()))?;
        let checked = verify_bundle(bundle, &[])?;
        self.pages.output(&checked.text())?;
        if checked.whole() {
            return Ok(());
        }
        Err(Failure::not_whole("the bundle is not what the ledger committed to").into())
    }

    async fn verify_ledger(&mut self) -> anyhow::Result<()> {
        self.pages.command("verify --contents")?;
        let checked = {
            let progress = Progress::begin("checking the ledger", false);
            check_ledger(self.instance, true, &progress).await?
        };
        self.pages.output(&show::indented(&checked.text()))?;
        if checked.whole() {
            return Ok(());
        }
        Err(Failure::not_whole("the ledger is not what was recorded").into())
    }

    fn log(&self, name: &str) -> anyhow::Result<&'a Log> {
        let log = self.played.logs.get(name);
        log.with_context(|| format!("demo.json lacks the log {name}"))
    }

    fn case(&self) -> anyhow::Result<CaseId> {
        Ok(self.log(CLOSED_LOG)?.case)
    }

    fn account(&self, person: &str) -> anyhow::Result<AccountId> {
        account(self.state, person)
    }

    fn label(&self, label: &str) -> anyhow::Result<Position> {
        let position = self.played.labels.get(label);
        position
            .copied()
            .with_context(|| format!("demo.json lacks the position {label}"))
    }
}
