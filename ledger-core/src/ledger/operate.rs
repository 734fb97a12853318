//! What only the operator does, with the machine's keys in hand: open a ledger, appoint the first administrator,
//! rotate the signing key, recover after a restore. None of it touches a case.

use super::{Caller, Ledger, LedgerError, Occasion, execute::Proposal, publish::rotation_name};
use crate::{
    clock::Span,
    command::{Decided, Rejection, RejectionCode},
    directory::{ActivateAccount, AdoptProfile},
    event::{Actor, CorrelationId},
    events::{
        LedgerOpened, LedgerOpenedContent, LedgerRecovered, LedgerRecoveredContent, RoleAssigned,
        SigningKeyRotated,
    },
    ids::{AccountId, Code, Digest, DocumentId, KeyId, Position, StreamId, TenantId},
    log::{Origin, SigningKey},
    profile::Assurance,
    sealing::PublishedHead,
    store::{AppendError, LATEST_HEAD},
};

/// What a recovery has found and done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryReport {
    /// How many events the restored database held.
    pub restored_size: u64,
    /// How many events had been published.
    pub published_size: u64,
    /// The origin under which the ledger goes on.
    pub origin: Origin,
    /// How many contents of destroyed keys were deleted again.
    pub contents_deleted: u64,
}

impl Ledger {
    /// Opens a tenant's ledger under an origin; does nothing if it is open.
    pub async fn open_ledger(&self, tenant: &TenantId, origin: &Origin) -> Result<(), LedgerError> {
        self.parts
            .keyring
            .open_tenant(tenant, origin.as_str(), self.now())
            .await?;
        self.parts.store.open_tenant(tenant).await?;
        let first = self
            .parts
            .store
            .read_stream(tenant, &StreamId::Ledger, 0, 1)
            .await?;
        if first.is_empty()
            && self
                .parts
                .keyring
                .published(tenant)
                .await?
                .is_none_or(|head| head.size == 0)
        {
            let key = self.newest_key(tenant, origin).await?;
            let content = LedgerOpenedContent {
                origin: origin.to_string(),
            };
            let opened = Decided::sealed(
                StreamId::Ledger,
                LedgerOpened { signing_key: key },
                KeyId::Tenant,
                &content,
            );
            let opened = self
                .operate(tenant, vec![(StreamId::Ledger, 0)], vec![opened])
                .await;
            // Another server that started at the same moment has opened it.
            if !matches!(
                opened,
                Err(LedgerError::Append(AppendError::Conflict { .. }))
            ) {
                opened?;
            }
        }
        Ok(())
    }

    /// Adopts the first rule book and makes somebody its first administrator. Refused once the rule book is adopted:
    /// from then on roles are handed down by those who hold one.
    pub async fn appoint_first_administrator(
        &self,
        tenant: &TenantId,
        rule_book: AdoptProfile,
        account: AccountId,
        name: &str,
        role: Code,
    ) -> Result<(), LedgerError> {
        let profile = rule_book.rule_book.profile().id.clone();
        let adopted = self
            .profile(tenant, &profile, super::states::Freshness::ReadAgain)
            .await?;
        let known = self
            .account(tenant, account, super::states::Freshness::ReadAgain)
            .await?;
        if adopted.version > 0 {
            let message = "a rule book is in force; ask an administrator to assign the role";
            return Err(Rejection::new(RejectionCode::AlreadyThere, message).into());
        }
        let mut decided = rule_book.decide(&adopted.state)?;
        if known.state.activated.is_none() {
            let activate = ActivateAccount {
                account,
                organisation: None,
                name: name.to_owned(),
            };
            decided.extend(activate.decide(&known.state)?);
        }
        let facts = RoleAssigned {
            account,
            profile: Some(profile.clone()),
            role,
            unit: None,
            until: None,
        };
        decided.push(Decided::bare(StreamId::Account(account), facts));
        let expected = vec![
            (StreamId::Profile(profile), 0),
            (StreamId::Account(account), known.version),
        ];
        self.operate(tenant, expected, decided).await.map(drop)
    }

    /// Lets a new key sign from here on. One head carries both signatures, so that whoever trusts the old key can
    /// come to trust the new one; it stays served as `rotation-<position>`.
    pub async fn rotate_signing_key(&self, tenant: &TenantId) -> Result<Position, LedgerError> {
        let origin = self.origin(tenant).await?;
        let before = self.parts.keyring.signing_seeds(tenant).await?;
        let old: Vec<_> = before
            .iter()
            .filter(|stored| stored.retired_at.is_none())
            .collect();
        let old_key = old.last().ok_or(LedgerError::KeyStoreContent {
            what: "the signing key",
        })?;
        let public = |seed: &[u8; 32]| {
            Digest(
                *SigningKey::from_seed(origin.clone(), seed)
                    .verifier()
                    .public_key(),
            )
        };
        let new = self
            .parts
            .keyring
            .add_signing_seed(tenant, self.now())
            .await?;
        let facts = SigningKeyRotated {
            old_key: public(old_key.seed.expose()),
            new_key: public(new.seed.expose()),
        };
        let position = self
            .operate(
                tenant,
                Vec::new(),
                vec![Decided::bare(StreamId::Ledger, facts)],
            )
            .await?;
        // Both keys sign until the old ones are retired.
        let tip = self.parts.store.tip(tenant).await?;
        let (size, root) = (tip.frontier.size(), tip.frontier.root());
        self.publish_as(tenant, &rotation_name(position), size, root)
            .await?;
        self.publish_as(tenant, LATEST_HEAD, size, root).await?;
        for stored in old {
            self.parts
                .keyring
                .retire_signing_seed(tenant, stored.number, self.now())
                .await?;
        }
        Ok(position)
    }

    /// Whether the database stands behind what was published: nothing, or what [`Ledger::recover`] has to mend.
    pub async fn check_restored(&self, tenant: &TenantId) -> Result<(), LedgerError> {
        let Some(published) = self.parts.keyring.published(tenant).await? else {
            return Ok(());
        };
        let found = self.parts.store.tip(tenant).await?.frontier.size();
        if self.holds(tenant, &published, found).await? {
            return Ok(());
        }
        Err(LedgerError::Restored {
            found,
            published: published.size,
        })
    }

    /// Whether the tree of `size` events begins with the published one.
    async fn holds(
        &self,
        tenant: &TenantId,
        published: &PublishedHead,
        size: u64,
    ) -> Result<bool, LedgerError> {
        if size < published.size {
            return Ok(false);
        }
        let plan = crate::log::root_plan(published.size);
        let source = self.hashes(tenant, &plan).await?;
        Ok(crate::log::root_at(published.size, &source)? == published.root)
    }

    /// After a restore from an older backup: what was erased since then is deleted again, and the ledger goes on under
    /// a new origin, which says so. Does nothing but the former, if nothing published is missing.
    pub async fn recover(
        &self,
        tenant: &TenantId,
        new_origin: &Origin,
    ) -> Result<RecoveryReport, LedgerError> {
        let restored_size = self.parts.store.tip(tenant).await?.frontier.size();
        let contents_deleted = self.delete_what_was_erased(tenant).await?;
        let former = self.origin(tenant).await?;
        let Some(published) = self.parts.keyring.published(tenant).await? else {
            return Ok(RecoveryReport {
                restored_size,
                published_size: 0,
                origin: former,
                contents_deleted,
            });
        };
        let report = |origin| RecoveryReport {
            restored_size,
            published_size: published.size,
            origin,
            contents_deleted,
        };
        if self.holds(tenant, &published, restored_size).await? {
            return Ok(report(former));
        }
        self.parts
            .keyring
            .open_new_origin(tenant, new_origin.as_str(), self.now())
            .await?;
        let facts = LedgerRecovered {
            published_size: published.size,
            published_root: published.root,
            restored_size,
            signing_key: self.newest_key(tenant, new_origin).await?,
        };
        let content = LedgerRecoveredContent {
            former_origin: former.to_string(),
            origin: new_origin.to_string(),
        };
        let recovered = Decided::sealed(StreamId::Ledger, facts, KeyId::Tenant, &content);
        self.operate(tenant, Vec::new(), vec![recovered]).await?;
        // What the restored database serves is from before; it is replaced whatever its size.
        self.publish(tenant).await?;
        Ok(report(new_origin.clone()))
    }

    /// Deletes contents and documents whose keys the key store remembers as destroyed.
    async fn delete_what_was_erased(&self, tenant: &TenantId) -> Result<u64, LedgerError> {
        let mut deleted = 0;
        let mut documents: Vec<DocumentId> = Vec::new();
        for destroyed in self.parts.keyring.destroyed(tenant).await? {
            match destroyed.id {
                KeyId::Document(id) => documents.push(id),
                KeyId::Case(id) => {
                    for stream in [StreamId::Case(id), StreamId::Views(id)] {
                        let events = self.read_after(tenant, &stream, 0).await?;
                        let positions: Vec<Position> =
                            events.iter().map(|event| event.position).collect();
                        deleted += self.parts.store.delete_contents(tenant, &positions).await?;
                    }
                    self.parts.store.delete_lookups(tenant, id).await?;
                }
                KeyId::Import(id) => {
                    let events = self.read_after(tenant, &StreamId::Import(id), 0).await?;
                    let positions: Vec<Position> =
                        events.iter().map(|event| event.position).collect();
                    deleted += self.parts.store.delete_contents(tenant, &positions).await?;
                }
                KeyId::Tenant | KeyId::Account(_) => {}
            }
        }
        self.parts
            .store
            .delete_documents(tenant, &documents)
            .await?;
        Ok(deleted)
    }

    async fn newest_key(&self, tenant: &TenantId, origin: &Origin) -> Result<Digest, LedgerError> {
        let keys = self.signing_keys(tenant, origin).await?;
        let newest = keys.last().ok_or(LedgerError::KeyStoreContent {
            what: "the signing key",
        })?;
        Ok(Digest(*newest.verifier().public_key()))
    }

    async fn operate(
        &self,
        tenant: &TenantId,
        expected: Vec<(StreamId, u64)>,
        decided: Vec<Decided>,
    ) -> Result<Position, LedgerError> {
        // The operator's account is never looked at: the actor says who it was.
        let caller = Caller {
            tenant: tenant.clone(),
            account: AccountId::from_ulid(ulid::Ulid::nil()),
            issuer: "operator".parse().expect("a word of a-z is a code"),
            assurance: Assurance::High,
        };
        let occasion = Occasion::new(CorrelationId::generate(self.entropy()));
        let proposal = Proposal {
            actor: Actor::Operator,
            basis: None,
            expected,
            holds: Span::ALWAYS,
            decided: &decided,
            idempotency: None,
        };
        let (appended, _) = self.append(&caller, None, &occasion, proposal).await?;
        Ok(appended.first)
    }
}
