//! From what was decided to what the store takes: sealed, committed to, encoded.

use std::collections::{BTreeSet, HashMap};

use super::{Caller, Ledger, LedgerError, Occasion};
use crate::{
    command::{Decided, LookupValue},
    event::{Actor, Basis, UnplacedEnvelope},
    ids::{CaseId, Digest, EventId, KeyId, TenantId},
    sealing::{self, Binding, BlindIndexLabel, DataKey, IndexKey},
    store::{IdempotencyKey, Lookup, SealedContent, UnplacedEvent},
};

/// What the envelopes of one request have in common.
pub(super) struct Common<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) actor: &'a Actor,
    pub(super) case: Option<CaseId>,
    pub(super) basis: Option<&'a Basis>,
    pub(super) occasion: &'a Occasion,
}

impl Ledger {
    /// Makes decided events ready for the store. Keys that they need are durable when this returns.
    pub(super) async fn seal(
        &self,
        common: &Common<'_>,
        decided: &[Decided],
    ) -> Result<(Vec<UnplacedEvent>, Vec<Lookup>), LedgerError> {
        let keys = self.keys_for(common.tenant, decided.iter()).await?;
        let events = decided
            .iter()
            .map(|decided| self.unplaced(common, decided, &keys))
            .collect();
        Ok((events, self.lookups(common, decided).await?))
    }

    pub(super) async fn keys_for(
        &self,
        tenant: &TenantId,
        decided: impl Iterator<Item = &Decided> + Send,
    ) -> Result<HashMap<KeyId, DataKey>, LedgerError> {
        let wanted: BTreeSet<KeyId> = decided
            .filter_map(|event| Some(event.content.as_ref()?.0))
            .collect();
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let wanted: Vec<KeyId> = wanted.into_iter().collect();
        Ok(self.parts.keyring.create(tenant, &wanted).await?)
    }

    pub(super) fn unplaced(
        &self,
        common: &Common<'_>,
        decided: &Decided,
        keys: &HashMap<KeyId, DataKey>,
    ) -> UnplacedEvent {
        let entropy = self.entropy();
        let event_id = EventId::generate(self.now(), entropy);
        let mut salt = [0; 32];
        entropy.fill(&mut salt);
        let sealed = decided.content.as_ref().map(|(key_id, plaintext)| {
            let binding = Binding {
                tenant: common.tenant,
                event: event_id,
                key_id: *key_id,
            };
            (
                *key_id,
                sealing::seal(&keys[key_id], &binding, plaintext, entropy),
            )
        });
        let facts = decided.event.to_facts();
        let envelope = UnplacedEnvelope {
            tenant: common.tenant,
            stream: &decided.stream,
            event_id,
            event_type: decided.event.event_type(),
            schema_version: decided.event.schema_version(),
            occurred_at: decided.occurred_at,
            actor: common.actor,
            case: common.case,
            purpose: common.occasion.purpose.as_ref(),
            basis: common.basis,
            correlation_id: common.occasion.correlation_id,
            facts: &facts,
            content_commitment: sealed.as_ref().map(|(_, sealed)| sealed.commitment),
        };
        UnplacedEvent {
            stream: decided.stream.clone(),
            event_id,
            envelope: envelope.encode(),
            salt: Digest(salt),
            occurred_at: decided.occurred_at,
            account: match common.actor {
                Actor::Staff { account, .. } => Some(*account),
                Actor::Party { .. } | Actor::Operator => None,
            },
            content: sealed.map(|(key, sealed)| SealedContent {
                key,
                ciphertext: sealed.ciphertext,
            }),
        }
    }

    async fn lookups(
        &self,
        common: &Common<'_>,
        decided: &[Decided],
    ) -> Result<Vec<Lookup>, LedgerError> {
        let Some(case) = common.case else {
            return Ok(Vec::new());
        };
        if decided.iter().all(|event| event.lookups.is_empty()) {
            return Ok(Vec::new());
        }
        let key = self.parts.keyring.index_key(common.tenant).await?;
        let found = decided.iter().flat_map(|event| &event.lookups);
        Ok(found
            .map(|(value, party)| Lookup {
                index: blind(&key, value),
                case,
                party: *party,
            })
            .collect())
    }

    /// The keyed digest under which something is looked up.
    pub(super) async fn lookup_index(
        &self,
        tenant: &TenantId,
        value: &LookupValue,
    ) -> Result<Digest, LedgerError> {
        Ok(blind(&self.parts.keyring.index_key(tenant).await?, value))
    }

    /// The keyed digests of a request that may be repeated.
    pub(super) async fn idempotency(
        &self,
        caller: &Caller,
        occasion: &Occasion,
    ) -> Result<Option<IdempotencyKey>, LedgerError> {
        let Some(repeatable) = &occasion.repeatable else {
            return Ok(None);
        };
        let key = self.parts.keyring.index_key(&caller.tenant).await?;
        let digest = |label, bytes: &[u8]| Digest(key.blind_index(label, bytes).0);
        Ok(Some(IdempotencyKey {
            account: caller.account,
            key: digest(BlindIndexLabel::IdempotencyKey, repeatable.key.as_bytes()),
            request: digest(BlindIndexLabel::RequestBody, &repeatable.request),
        }))
    }
}

pub(super) fn blind(key: &IndexKey, value: &LookupValue) -> Digest {
    Digest(match value {
        LookupValue::NationalId(id) => {
            key.blind_index(BlindIndexLabel::NationalId, id.as_bytes())
                .0
        }
        LookupValue::ImportedLog(import) => {
            key.blind_index(BlindIndexLabel::ImportedLog, import.to_string().as_bytes())
                .0
        }
        LookupValue::Invitation(hash) => key.blind_index(BlindIndexLabel::Invitation, &hash.0).0,
        LookupValue::FamilyAccount(id) => {
            key.blind_index(BlindIndexLabel::PersonAccount, id.to_string().as_bytes())
                .0
        }
        LookupValue::StaffAccount(id) => {
            key.blind_index(BlindIndexLabel::StaffAccount, id.to_string().as_bytes())
                .0
        }
    })
}
