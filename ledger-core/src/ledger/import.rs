//! Taking in a log of cases that were recorded elsewhere: many cases at a time, each by a decision of its own.
//!
//! Who imports a file twice finds what is there: the import's id is a keyed digest of the file, and a case's id one of
//! the import and its place in it. So an import that broke off goes on where it stood, whatever has become of its
//! memory. Ids grow with the place in the file, so that a log keeps its order.

mod cases;

use std::sync::Arc;

use ulid::Ulid;

use super::{
    Caller, Ledger, LedgerError, Occasion, Refusal,
    around::Around,
    execute::{ATTEMPTS_MAX, Proposal},
    situation,
    states::{Freshness, Versioned},
};
use crate::{
    access::{Action, Decision, RuleBook},
    case::Case,
    clock::Timestamp,
    command::{Decided, LookupValue},
    directory::Account,
    event::Actor,
    events::{Event, ImportConcluded, LogImported, LogImportedContent},
    ids::{
        CaseId, Code, Digest, ImportId, KeyId, OrganisationId, Position, ProfileId, StreamId,
        TenantId,
    },
    sealing::{BlindIndex, BlindIndexLabel, Destruction},
    standing::Asked,
    store::AppendError,
};

/// The file that is taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceOfImport {
    /// What it is written in.
    pub format: Code,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// Its length in bytes.
    pub bytes: u64,
}

/// An import that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// What it is, and into which system and unit its cases go.
    pub facts: LogImported,
    /// The event that began it.
    pub position: Position,
    /// When that was recorded. Nothing that the log says can have happened later.
    pub begun_at: Timestamp,
    /// How it ended, and by which event; nothing, while it has not.
    pub concluded: Option<(Position, ImportConcluded)>,
    version: u64,
}

/// What became of a case that was to be taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportOutcome {
    /// It was added, or went on: how many entries were added.
    Added(u64),
    /// All of it was there.
    There,
    /// It was there and has been erased; it does not come back.
    Erased,
}

/// What the decision about a case of an import looks at; for every case of one import the same, as none is there yet.
struct Ground {
    rule_book: Arc<RuleBook>,
    account: Arc<Versioned<Account>>,
    around: Around,
    expected: Vec<(StreamId, u64)>,
}

impl Ground {
    fn decide(
        &self,
        caller: &Caller,
        case: CaseId,
        unit: OrganisationId,
        at: Timestamp,
    ) -> Decision {
        let asked = Asked {
            unit: Some(unit),
            ..Asked::default()
        };
        situation::decide(
            &self.rule_book,
            caller,
            &self.account.state,
            case,
            &Case::default(),
            &self.around.organisations,
            Action::ImportCase,
            &asked,
            at,
        )
    }

    fn actor(&self, caller: &Caller, unit: OrganisationId, at: Timestamp) -> Actor {
        let profile = &self.rule_book.profile().id;
        let held = self.account.state.roles_in(profile, at);
        let mut held = held.filter(|held| held.unit.is_none_or(|held| held == unit));
        Actor::Staff {
            account: caller.account,
            role: held.next().map(|held| held.role.clone()),
            organisation: self.account.state.organisation,
            on_behalf_of: None,
            issuer: caller.issuer.clone(),
            assurance: caller.assurance,
        }
    }
}

impl Ledger {
    /// The import of a file, if it was begun.
    pub async fn import_of(
        &self,
        tenant: &TenantId,
        sha256: Digest,
    ) -> Result<Option<Import>, LedgerError> {
        let key = self.parts.keyring.index_key(tenant).await?;
        let index = key.blind_index(BlindIndexLabel::ImportSource, &sha256.0);
        self.import(tenant, import_id(index)).await
    }

    async fn import(&self, tenant: &TenantId, id: ImportId) -> Result<Option<Import>, LedgerError> {
        let mut import: Option<Import> = None;
        let stream = StreamId::Import(id);
        for recorded in self.read_after(tenant, &stream, 0).await? {
            match (recorded.event, &mut import) {
                (Event::LogImported(facts), _) => {
                    import = Some(Import {
                        facts,
                        position: recorded.position,
                        begun_at: recorded.envelope.recorded_at,
                        concluded: None,
                        version: recorded.envelope.version,
                    });
                }
                (Event::ImportConcluded(facts), Some(import)) => {
                    import.concluded = Some((recorded.position, facts));
                    import.version = recorded.envelope.version;
                }
                _ => {}
            }
        }
        Ok(import)
    }

    /// Begins to take in a file; gives the import that was begun before, if there is one.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] by the rules of `profile`, [`LedgerError::Rejected`] for a unit that is not registered.
    pub async fn begin_import(
        &self,
        caller: &Caller,
        profile: &ProfileId,
        unit: OrganisationId,
        source: &SourceOfImport,
        content: &LogImportedContent,
        occasion: &Occasion,
    ) -> Result<Import, LedgerError> {
        let tenant = &caller.tenant;
        let key = self.parts.keyring.index_key(tenant).await?;
        let id = import_id(key.blind_index(BlindIndexLabel::ImportSource, &source.sha256.0));
        let facts = LogImported {
            import: id,
            format: source.format.clone(),
            source_sha256: source.sha256,
            source_bytes: source.bytes,
            profile: profile.clone(),
            unit,
        };
        let stream = StreamId::Import(id);
        let decided = Decided::sealed(stream.clone(), facts, KeyId::Import(id), content);
        for _ in 0..ATTEMPTS_MAX {
            if let Some(begun) = self.import(tenant, id).await? {
                return Ok(begun);
            }
            let expected = (stream.clone(), 0);
            self.record_import(caller, profile, unit, &decided, expected, occasion)
                .await?;
        }
        Err(LedgerError::TooBusy)
    }

    /// Records that a file was taken in to its end.
    ///
    /// # Errors
    /// As [`Ledger::begin_import`].
    pub async fn conclude_import(
        &self,
        caller: &Caller,
        import: &Import,
        facts: ImportConcluded,
        occasion: &Occasion,
    ) -> Result<Import, LedgerError> {
        let LogImported {
            import: id,
            profile,
            unit,
            ..
        } = &import.facts;
        let stream = StreamId::Import(*id);
        let decided = Decided::bare(stream.clone(), facts);
        for _ in 0..ATTEMPTS_MAX {
            match self.import(&caller.tenant, *id).await? {
                Some(known) if known.concluded.is_none() => {
                    let expected = (stream.clone(), known.version);
                    self.record_import(caller, profile, *unit, &decided, expected, occasion)
                        .await?;
                }
                known => return known.ok_or(LedgerError::NotFound),
            }
        }
        Err(LedgerError::TooBusy)
    }

    /// Appends one event about an import, unless somebody else was faster.
    async fn record_import(
        &self,
        caller: &Caller,
        profile: &ProfileId,
        unit: OrganisationId,
        decided: &Decided,
        expected: (StreamId, u64),
        occasion: &Occasion,
    ) -> Result<(), LedgerError> {
        let mut now = self.now();
        let mut freshness = Freshness::ReadAgain;
        for _ in 0..ATTEMPTS_MAX {
            let ground = self.ground(caller, profile, unit, freshness).await?;
            let nobody = CaseId::from_ulid(Ulid::nil());
            let decision = self.permitted(&ground, caller, nobody, unit, now)?;
            let consulted = ground.expected.iter().cloned();
            let proposal = Proposal {
                actor: ground.actor(caller, unit, now),
                basis: Some(situation::basis(ground.rule_book.profile(), &[&decision])),
                expected: consulted.chain([expected.clone()]).collect(),
                holds: decision.holds,
                decided: std::slice::from_ref(decided),
                idempotency: None,
            };
            match self.append(caller, None, occasion, proposal).await {
                Ok(_) => return Ok(()),
                Err(LedgerError::Append(AppendError::Conflict { stream, .. }))
                    if stream == expected.0 =>
                {
                    return Ok(());
                }
                Err(error) => now = self.again(error, &mut freshness)?,
            }
        }
        Err(LedgerError::TooBusy)
    }

    /// The id of a case of an import, by its place in the file.
    ///
    /// # Errors
    /// What the key store reports.
    pub async fn imported_case(
        &self,
        tenant: &TenantId,
        import: &Import,
        trace: u64,
    ) -> Result<CaseId, LedgerError> {
        let key = self.parts.keyring.index_key(tenant).await?;
        let place = [
            &trace.to_be_bytes()[..],
            import.facts.import.to_string().as_bytes(),
        ]
        .concat();
        let index = key.blind_index(BlindIndexLabel::ImportedCase, &place);
        Ok(case_id(import.begun_at, trace, index))
    }

    fn permitted(
        &self,
        ground: &Ground,
        caller: &Caller,
        case: CaseId,
        unit: OrganisationId,
        at: Timestamp,
    ) -> Result<Decision, LedgerError> {
        let decision = ground.decide(caller, case, unit, at);
        if decision.is_allowed() {
            return Ok(decision);
        }
        let action = Action::ImportCase;
        self.parts.observer.refused(action);
        let refusal = Refusal::of(action, decision);
        Err(LedgerError::Refused(Box::new(refusal)))
    }

    async fn ground(
        &self,
        caller: &Caller,
        profile: &ProfileId,
        unit: OrganisationId,
        freshness: Freshness,
    ) -> Result<Ground, LedgerError> {
        let tenant = &caller.tenant;
        let adopted = self.profile(tenant, profile, freshness).await?;
        let current = adopted.state.current.as_ref();
        let (_, rule_book) = current.ok_or_else(|| LedgerError::NoProfile(profile.clone()))?;
        let rule_book = Arc::clone(rule_book);
        let account = self.account(tenant, caller.account, freshness).await?;
        let around = self
            .around(tenant, &rule_book, std::iter::once(unit), freshness)
            .await?;
        let mut expected = vec![
            (StreamId::Account(caller.account), account.version),
            (StreamId::Profile(profile.clone()), adopted.version),
        ];
        expected.extend(around.expected.iter().cloned());
        let known = self.known_organisation(caller, unit, freshness).await?;
        expected.extend(known.filter(|known| !around.expected.contains(known)));
        Ok(Ground {
            rule_book,
            account,
            around,
            expected,
        })
    }

    /// Destroys what an import says about its log, once none of its cases is left.
    pub(super) async fn forget_import(
        &self,
        tenant: &TenantId,
        import: ImportId,
    ) -> Result<(), LedgerError> {
        let value = LookupValue::ImportedLog(import);
        let index = self.lookup_index(tenant, &value).await?;
        if !self.parts.store.find(tenant, index).await?.is_empty() {
            return Ok(());
        }
        let keys = [KeyId::Import(import)];
        self.parts
            .keyring
            .destroy(tenant, &keys, self.now(), Destruction::ImportErased)
            .await?;
        let stream = StreamId::Import(import);
        let events = self.read_after(tenant, &stream, 0).await?;
        let positions: Vec<Position> = events.iter().map(|event| event.position).collect();
        self.parts.store.delete_contents(tenant, &positions).await?;
        self.forget_sealed(tenant, &positions);
        Ok(())
    }
}

/// The first 16 bytes of the keyed digest of the file's own digest.
fn import_id(BlindIndex(bytes): BlindIndex) -> ImportId {
    let mut first = [0; 16];
    first.copy_from_slice(&bytes[..16]);
    ImportId::from_ulid(Ulid::from_bytes(first))
}

/// When the import began (48 bits), the place in the file (32 bits), and 48 bits of a keyed digest: grows with the
/// place, and is found again as long as the import is.
fn case_id(begun_at: Timestamp, trace: u64, BlindIndex(bytes): BlindIndex) -> CaseId {
    let millis = u64::try_from(begun_at.timestamp_millis()).unwrap_or(0);
    let mut random = [0; 16];
    // The place in the file fits: it is checked where the file is read.
    let place = u32::try_from(trace).unwrap_or(u32::MAX);
    random[6..10].copy_from_slice(&place.to_be_bytes());
    random[10..].copy_from_slice(&bytes[..6]);
    CaseId::from_ulid(Ulid::from_parts(millis, u128::from_be_bytes(random)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_cases_keep_the_order_of_the_file() {
        let at: Timestamp = "2026-03-01T09:00:00Z".parse().expect("a time");
        let id = |trace, byte| case_id(at, trace, BlindIndex([byte; 32]));
        assert!(id(1, 255) < id(2, 0));
        assert!(id(255, 255) < id(256, 0));
        assert_ne!(id(1, 1), id(1, 2));
        assert_eq!(id(7, 3), id(7, 3));
    }
}
