//! Opened data keys, kept for a while.
//!
//! Two generations stand in for a list by last use: what is asked for moves to the younger, and when that is full the older
//! is forgotten. So at least the last half of the capacity is always there, at the price of two lookups.

use std::{collections::HashMap, mem};

use crate::{
    ids::{KeyId, TenantId},
    sealing::secret::DataKey,
};

/// Most keys kept: about two megabytes, and far more cases than are open in a municipality on one day.
const KEYS_MAX: usize = 16_384;

type Generation = HashMap<(TenantId, KeyId), DataKey>;

pub(super) struct KeyCache {
    younger: Generation,
    older: Generation,
    capacity: usize,
}

impl Default for KeyCache {
    fn default() -> Self {
        Self::with_capacity(KEYS_MAX)
    }
}

impl KeyCache {
    fn with_capacity(capacity: usize) -> Self {
        Self {
            younger: HashMap::new(),
            older: HashMap::new(),
            capacity,
        }
    }

    pub(super) fn get(&mut self, tenant: &TenantId, id: KeyId) -> Option<DataKey> {
        let place = (tenant.clone(), id);
        if let Some(key) = self.younger.get(&place) {
            return Some(key.clone());
        }
        let key = self.older.remove(&place)?;
        self.insert(place, key.clone());
        Some(key)
    }

    pub(super) fn insert(&mut self, place: (TenantId, KeyId), key: DataKey) {
        if self.younger.len() >= self.capacity / 2 {
            self.older = mem::take(&mut self.younger);
        }
        self.younger.insert(place, key);
    }

    pub(super) fn forget(&mut self, tenant: &TenantId, id: KeyId) {
        let place = (tenant.clone(), id);
        self.younger.remove(&place);
        self.older.remove(&place);
    }

    pub(super) fn clear(&mut self) {
        self.younger.clear();
        self.older.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CaseId;

    fn case(number: u32) -> KeyId {
        KeyId::Case(CaseId::from_ulid(u128::from(number).into()))
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_is_forgotten() {
        let tenant: TenantId = "kvam".parse().expect("a tenant name");
        let mut cache = KeyCache::with_capacity(8);
        for number in 0..100 {
            cache.insert((tenant.clone(), case(number)), DataKey::from_bytes([1; 32]));
            assert!(
                cache.get(&tenant, case(0)).is_some(),
                "forgotten at {number}"
            );
            assert!(cache.younger.len() + cache.older.len() <= 8);
        }
        assert!(cache.get(&tenant, case(50)).is_none());
        cache.forget(&tenant, case(0));
        assert!(cache.get(&tenant, case(0)).is_none());
    }
}
