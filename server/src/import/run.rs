//! One import from the file to the ledger: looked at first, then taken in, and concluded when its end was reached.

use std::{collections::VecDeque, sync::Arc};

use anyhow::Context as _;
use ledger_core::{
    case::ImportCase,
    clock::Timestamp,
    events::{ImportConcluded, LogHeaderContent, LogImportedContent},
    ids::{Code, Digest, OrganisationId, ProfileId},
    ledger::{Caller, Import, ImportOutcome, Ledger, LedgerError, Occasion, SourceOfImport},
};
use tokio::{sync::mpsc, task::JoinHandle};

use super::{
    reading::{Read, Reader, read},
    source::{SourceFile, Tracked},
    unused::Unused,
    xes::{LogReader, Piece, XesError},
};

/// How many batches are under way at a time: while one is being written, the next is sealed.
const BATCHES_AT_ONCE: usize = 4;
/// How many are read ahead.
const READ_AHEAD: usize = 2;

/// What is to be taken in, and where.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who takes it in.
    pub caller: Caller,
    /// By the rules of which system.
    pub profile: ProfileId,
    /// The unit that will be responsible.
    pub unit: OrganisationId,
}

/// What an import has come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// SHA-256 of the file.
    pub sha256: Option<Digest>,
    /// Whether all of it had been taken in before.
    pub before: bool,
    /// Whether it had been begun before, and broke off.
    pub went_on: bool,
    /// Cases that were added now.
    pub cases_added: u64,
    /// Entries that were added now.
    pub entries_added: u64,
    /// Cases that are there, of those in the file.
    pub cases: u64,
    /// Entries that are there.
    pub entries: u64,
    /// Cases that were there and have been erased.
    pub erased: u64,
    /// How many things in the file could not be used.
    pub unused: u64,
}

/// Is told while an import goes on.
pub trait Telling {
    /// The file is being looked at, or taken in: how many bytes of how many.
    fn progress(&mut self, looking: bool, done: u64, of: u64);
    /// Something could not be used. Told once for each, in the order of the file.
    ///
    /// # Errors
    /// What keeps it from being written down; the import ends with it.
    fn unused(&mut self, unused: &Unused) -> anyhow::Result<()>;
}

/// What a first look at a file has found.
#[derive(Debug)]
pub struct LookedAt {
    sha256: Digest,
    header: LogHeaderContent,
    /// The import of the file, if it was begun before.
    pub known: Option<Import>,
}

/// Reads the file to its end without adding anything.
///
/// # Errors
/// [`XesError`] for a file that cannot be read; what the ledger says.
pub async fn look(
    ledger: &Ledger,
    caller: &Caller,
    profile: &ProfileId,
    source: &Arc<SourceFile>,
    telling: &mut dyn Telling,
) -> anyhow::Result<LookedAt> {
    let (mut reader, tracked) = open(ledger, caller, profile, source, ledger.now()).await?;
    let (done, mut told) = mpsc::channel(1);
    let looking = tokio::task::spawn_blocking(move || {
        let mut header = LogHeaderContent::default();
        while let Some(piece) = reader.next_piece()? {
            reader.take_unused();
            match piece {
                Piece::Header(found) => header = found,
                // Whoever has not taken the last one yet will see how far it is.
                Piece::Case(_) => drop(done.try_send(())),
            }
        }
        Ok::<_, XesError>(header)
    });
    while told.recv().await.is_some() {
        telling.progress(true, tracked.bytes(), source.bytes());
    }
    let header = looking.await.context("the file could not be looked at")??;
    let sha256 = tracked.digest();
    Ok(LookedAt {
        sha256,
        header,
        known: ledger.import_of(&caller.tenant, sha256).await?,
    })
}

/// Takes in a file that was looked at. `occasion` ties its events together.
///
/// # Errors
/// What the ledger says; then what was taken in stays, and the next import of the file goes on from there.
pub async fn run(
    ledger: &Arc<Ledger>,
    request: &Request,
    source: &Arc<SourceFile>,
    looked_at: LookedAt,
    occasion: &Occasion,
    telling: &mut dyn Telling,
) -> anyhow::Result<Imported> {
    let LookedAt {
        sha256,
        header,
        known,
    } = looked_at;
    if let Some((_, concluded)) = known.as_ref().and_then(|known| known.concluded.as_ref()) {
        return Ok(Imported {
            sha256: Some(sha256),
            before: true,
            cases: concluded.cases,
            entries: concluded.entries,
            unused: concluded.unused,
            ..Imported::default()
        });
    }
    let went_on = known.is_some();
    let import = if let Some(known) = known {
        known
    } else {
        let of = SourceOfImport {
            format: "xes".parse::<Code>()?,
            sha256,
            bytes: source.bytes(),
        };
        let content = LogImportedContent {
            file_name: source.name().to_owned(),
            header,
        };
        let (profile, unit) = (&request.profile, request.unit);
        ledger
            .begin_import(&request.caller, profile, unit, &of, &content, occasion)
            .await?
    };
    let mut taken = TakingIn {
        ledger: Arc::clone(ledger),
        caller: request.caller.clone(),
        import: Arc::new(import),
        occasion: occasion.clone(),
        under_way: VecDeque::new(),
        imported: Imported {
            sha256: Some(sha256),
            went_on,
            ..Imported::default()
        },
    };
    taken.all_of(source, telling).await?;
    let imported = taken.imported;
    let facts = ImportConcluded {
        import: taken.import.facts.import,
        cases: imported.cases,
        entries: imported.entries,
        unused: imported.unused,
    };
    ledger
        .conclude_import(&request.caller, &taken.import, facts, occasion)
        .await?;
    Ok(imported)
}

/// Opens the file for one reading. The rules by which its cases will live say in which zone a time without one is.
async fn open(
    ledger: &Ledger,
    caller: &Caller,
    profile: &ProfileId,
    source: &SourceFile,
    latest: Timestamp,
) -> anyhow::Result<(Reader, Tracked)> {
    let rules = ledger.rule_book(&caller.tenant, profile).await?;
    let rules = rules.ok_or_else(|| LedgerError::NoProfile(profile.clone()))?;
    let (input, tracked) = source
        .read()
        .with_context(|| format!("{} cannot be read", source.name()))?;
    let zone = rules.profile().time_zone;
    Ok((LogReader::new(input, zone, latest), tracked))
}

struct TakingIn {
    ledger: Arc<Ledger>,
    caller: Caller,
    import: Arc<Import>,
    occasion: Occasion,
    under_way: VecDeque<UnderWay>,
    imported: Imported,
}

/// A batch that is being appended: how many entries each of its cases has, and whether it only goes on.
struct UnderWay {
    entries: Vec<u64>,
    next: bool,
    done: JoinHandle<Result<Vec<ImportOutcome>, LedgerError>>,
}

impl TakingIn {
    async fn all_of(
        &mut self,
        source: &Arc<SourceFile>,
        telling: &mut dyn Telling,
    ) -> anyhow::Result<()> {
        let (profile, begun_at) = (&self.import.facts.profile, self.import.begun_at);
        let opened = open(&self.ledger, &self.caller, profile, source, begun_at);
        let (reader, tracked) = opened.await?;
        let (send, mut receive) = mpsc::channel(READ_AHEAD);
        let import = Arc::clone(&self.import);
        let reading = tokio::task::spawn_blocking(move || read(reader, &import, &send));
        while let Some(read) = receive.recv().await {
            match read {
                Read::Batch(cases) => {
                    if self.under_way.len() == BATCHES_AT_ONCE {
                        self.settle_one().await?;
                    }
                    self.begin(cases, false);
                }
                Read::Next(case) => {
                    self.settle().await?;
                    self.begin(vec![*case], true);
                    self.settle().await?;
                }
                Read::Unused(unused) => {
                    self.imported.unused += 1;
                    telling.unused(&unused)?;
                }
            }
            telling.progress(false, tracked.bytes(), source.bytes());
        }
        self.settle().await?;
        reading.await.context("the file could not be read")??;
        let changed = Some(tracked.digest()) != self.imported.sha256;
        anyhow::ensure!(
            !changed,
            "{} was changed while it was imported; what was taken in stays, as part of the file that it was",
            source.name()
        );
        Ok(())
    }

    fn begin(&mut self, cases: Vec<ImportCase>, next: bool) {
        let entries = cases.iter().map(|case| case.entries.len() as u64).collect();
        let (ledger, import) = (Arc::clone(&self.ledger), Arc::clone(&self.import));
        let (caller, occasion) = (self.caller.clone(), self.occasion.clone());
        let done = tokio::spawn(async move {
            ledger
                .import_cases(&caller, &import, cases, &occasion)
                .await
        });
        self.under_way.push_back(UnderWay {
            entries,
            next,
            done,
        });
    }

    async fn settle(&mut self) -> anyhow::Result<()> {
        while !self.under_way.is_empty() {
            self.settle_one().await?;
        }
        Ok(())
    }

    async fn settle_one(&mut self) -> anyhow::Result<()> {
        let Some(UnderWay {
            entries,
            next,
            done,
        }) = self.under_way.pop_front()
        else {
            return Ok(());
        };
        let outcomes = done.await.context("a part of the import broke off")??;
        for (outcome, entries) in outcomes.into_iter().zip(entries) {
            let counted = &mut self.imported;
            match outcome {
                ImportOutcome::Added(added) => {
                    counted.entries_added += added;
                    counted.cases_added += u64::from(!next && added == entries);
                }
                ImportOutcome::There => {}
                ImportOutcome::Erased => {
                    counted.erased += u64::from(!next);
                    continue;
                }
            }
            counted.cases += u64::from(!next);
            counted.entries += entries;
        }
        Ok(())
    }
}
