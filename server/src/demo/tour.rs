//! The tour: what the ledger can show, explain and prove of a story, with its real answers. What is shown of which log
//! stands in the story.

use std::path::Path;

use anyhow::Context as _;
use ledger_core::{
    case::ArchiveCase,
    ids::{AccountId, CaseId, Position},
    ledger::{AsOf, CaseCommand, LedgerError, Look, SawFilter},
};

use super::{
    page::Pages,
    player::{account, caller, occasion},
    state::{Certificate, Played, Stage},
    story::{Page, Part, Show, When},
};
use crate::{
    cli::{
        Failure, Progress, backups_end, check_ledger, erased_text, message_of, show, verify_bundle,
        write_bundle,
    },
    instance::Instance,
};

/// A tour through one story.
pub(super) struct Tour<'a, 'p> {
    instance: &'a Instance,
    stage: &'a Stage,
    played: &'a Played,
    pages: &'a mut Pages<'p>,
    erased: Option<Certificate>,
}

impl<'a, 'p> Tour<'a, 'p> {
    pub(super) fn new(
        instance: &'a Instance,
        stage: &'a Stage,
        played: &'a Played,
        pages: &'a mut Pages<'p>,
    ) -> Self {
        Self {
            instance,
            stage,
            played,
            pages,
            erased: played.erased.clone(),
        }
    }

    /// Shows every page. Gives what the ledger certified of the log that is erased on the way, if there is one.
    pub(super) async fn show(
        mut self,
        tour: &[Page],
        when: When,
    ) -> anyhow::Result<Option<Certificate>> {
        for page in tour {
            self.pages.heading(&page.heading)?;
            for part in &page.parts {
                if part.when.is_none_or(|shown| shown == when) {
                    self.part(part).await?;
                }
            }
        }
        Ok(self.erased)
    }

    async fn part(&mut self, part: &Part) -> anyhow::Result<()> {
        if let Some(say) = &part.say {
            let said = self.with_positions(say);
            self.pages.say(&said)?;
        }
        match &part.show {
            None => Ok(()),
            Some(Show::Timeline { log, who, refused }) => self.timeline(log, who, *refused).await,
            Some(Show::Could { log, who, before }) => {
                let as_of = match before {
                    Some(label) => {
                        let position = self.label(label)?.0;
                        AsOf::Position(Position(position.saturating_sub(1)))
                    }
                    None => AsOf::Now,
                };
                self.could(log, who, as_of).await
            }
            Some(Show::Exposure { log, who }) => self.exposure(log, who).await,
            Some(Show::Saw { log, who }) => self.saw(log, who).await,
            Some(Show::Why { log, who, label }) => self.why(log, who, label).await,
            Some(Show::Receipt { label }) => self.receipt(label).await,
            Some(Show::Ending {
                log,
                who,
                reference,
            }) => self.archive_and_erase(log, who, reference).await,
            Some(Show::Remains { log, who }) => self.what_remains(log, who).await,
        }
    }

    /// Fills in the positions of labels.
    fn with_positions(&self, say: &str) -> String {
        let mut said = say.trim().to_owned();
        for (label, position) in &self.played.labels {
            said = said.replace(&format!("{{{label}}}"), &position.to_string());
        }
        said
    }

    async fn timeline(&mut self, log: &str, who: &str, refused: bool) -> anyhow::Result<()> {
        let case = self.case(log)?;
        let asking = self.account(who)?;
        self.pages
            .command(&format!("timeline --case {case} --as {asking}"))?;
        let ledger = &self.instance.ledger;
        let asker = caller(self.stage, who)?;
        let looked = ledger
            .look(&asker, case, &Look::Timeline, &occasion(ledger))
            .await;
        match looked {
            Ok(_) if refused => {
                Err(Failure::not_whole("a log was shown that the rules hide").into())
            }
            Ok(shown) => self.pages.output(&show::timeline_text(&shown)),
            Err(error @ (LedgerError::NotFound | LedgerError::Refused(_))) if refused => {
                let told = message_of(&error.into());
                self.pages.output(&format!("  {told}"))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn could(&mut self, log: &str, who: &str, as_of: AsOf) -> anyhow::Result<()> {
        let case = self.case(log)?;
        let at = match as_of {
            AsOf::Position(position) => format!(" --at {position}"),
            AsOf::Now | AsOf::Time(_) => String::new(),
        };
        self.pages.command(&format!(
            "audit could --case {case}{at} --as {}",
            self.account(who)?
        ))?;
        let ledger = &self.instance.ledger;
        let auditor = caller(self.stage, who)?;
        let could = ledger
            .could(&auditor, case, as_of, &occasion(ledger))
            .await?;
        let cited = show::cited_events(ledger, &auditor.tenant, &could).await?;
        self.pages.output(&show::could_text(&could, &cited))
    }

    async fn exposure(&mut self, log: &str, who: &str) -> anyhow::Result<()> {
        let case = self.case(log)?;
        self.pages.command(&format!(
            "audit exposure --case {case} --as {}",
            self.account(who)?
        ))?;
        let ledger = &self.instance.ledger;
        let auditor = caller(self.stage, who)?;
        let exposure = ledger.exposure(&auditor, case, &occasion(ledger)).await?;
        self.pages.output(&show::exposure_text(&[exposure]))
    }

    async fn saw(&mut self, log: &str, who: &str) -> anyhow::Result<()> {
        let case = self.case(log)?;
        self.pages.command(&format!(
            "audit saw --case {case} --as {}",
            self.account(who)?
        ))?;
        let ledger = &self.instance.ledger;
        let auditor = caller(self.stage, who)?;
        let saw = ledger
            .saw(
                &auditor,
                case,
                AsOf::Now,
                &SawFilter::default(),
                &occasion(ledger),
            )
            .await?;
        self.pages.output(&show::saw_text(&saw))
    }

    async fn why(&mut self, log: &str, who: &str, label: &str) -> anyhow::Result<()> {
        let (case, position) = (self.case(log)?, self.label(label)?);
        self.pages.command(&format!(
            "audit why --case {case} --at {position} --as {}",
            self.account(who)?
        ))?;
        let ledger = &self.instance.ledger;
        let auditor = caller(self.stage, who)?;
        let why = ledger
            .why(&auditor, case, position, &occasion(ledger))
            .await?;
        self.pages.output(&show::why_text(&why))
    }

    async fn receipt(&mut self, label: &str) -> anyhow::Result<()> {
        let position = self.label(label)?;
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

    async fn archive_and_erase(
        &mut self,
        log: &str,
        who: &str,
        reference: &str,
    ) -> anyhow::Result<()> {
        let (case, archivist) = (self.case(log)?, self.account(who)?);
        let exports = self.instance.config.data_dir.join("exports");
        let bundle = self.export(case, who, &exports).await?;
        self.pages
            .say("Whoever receives it checks it without us: no database, no network.")?;
        self.verify_bundle(&bundle)?;

        self.pages
            .say("The archive confirms, and only then the log may be erased:")?;
        let ledger = &self.instance.ledger;
        let acting = caller(self.stage, who)?;
        self.pages.command(&format!(
            "archive --case {case} --reference '{reference}' --as {archivist}"
        ))?;
        let command = CaseCommand::Archive(ArchiveCase {
            reference: reference.to_owned(),
        });
        let archived = ledger
            .execute(&acting, case, command, &occasion(ledger))
            .await?;
        self.pages
            .output(&format!("  archived at position {}", archived.first))?;

        self.pages
            .command(&format!("erase --case {case} --as {archivist}"))?;
        let erased = ledger.erase(&acting, case, &occasion(ledger)).await?;
        self.pages.output(&erased_text(&erased))?;

        self.pages.say(
            "Names and texts are gone for good. The events are not, and the ledger still verifies, from its first one:",
        )?;
        self.verify_ledger().await?;
        self.erased = Some(Certificate {
            position: erased.certificate.first,
            backups_end: backups_end(&erased).context("an erasure says when backups end")?,
            bundle,
        });
        Ok(())
    }

    async fn export(
        &mut self,
        case: CaseId,
        who: &str,
        exports: &Path,
    ) -> anyhow::Result<std::path::PathBuf> {
        let archivist = self.account(who)?;
        self.pages.command(&format!(
            "export --case {case} --format bundle --out {} --as {archivist}",
            exports.display()
        ))?;
        let ledger = &self.instance.ledger;
        let written = {
            let _progress = Progress::begin("writing the bundle", false);
            let acting = caller(self.stage, who)?;
            write_bundle(ledger, &acting, case, exports, &occasion(ledger)).await?
        };
        self.pages.output(&written.text())?;
        Ok(written.path().to_owned())
    }

    async fn what_remains(&mut self, log: &str, who: &str) -> anyhow::Result<()> {
        let erased = self.erased.as_ref();
        let erased = erased.context("demo.json lacks the erasure of a story that was played")?;
        let (case, auditor) = (self.case(log)?, caller(self.stage, who)?);
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

    fn case(&self, log: &str) -> anyhow::Result<CaseId> {
        let known = self.played.logs.get(log);
        Ok(known
            .with_context(|| format!("demo.json lacks the log {log}"))?
            .case)
    }

    fn account(&self, person: &str) -> anyhow::Result<AccountId> {
        account(self.stage, person)
    }

    fn label(&self, label: &str) -> anyhow::Result<Position> {
        let position = self.played.labels.get(label);
        position
            .copied()
            .with_context(|| format!("demo.json lacks the position {label}"))
    }
}
