//! How many cases are followed at the same time: each stream holds a connection and asks the store again and again, so
//! there is a limit for each account, and one for all together. Kept in this process alone, as the rate limit is.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ledger_core::ids::AccountId;

use super::error::ApiError;

/// Streams that one account may have open: a few windows, on a few devices.
const STREAMS_OF_ACCOUNT_MAX: usize = 8;
/// Streams of all accounts together: a quarter of the connections.
const STREAMS_MAX: usize = 256;

/// The streams that are open.
#[derive(Clone, Default)]
pub(super) struct OpenStreams(Arc<Mutex<HashMap<AccountId, usize>>>);

/// The place of one stream, given back when it is dropped.
pub(super) struct Place {
    streams: OpenStreams,
    account: AccountId,
}

impl OpenStreams {
    /// A place for one more stream of an account.
    ///
    /// # Errors
    /// [`ApiError::TooManyStreams`] of this account, [`ApiError::Busy`] of all.
    pub(super) fn take_place(&self, account: AccountId) -> Result<Place, ApiError> {
        let mut open = self.lock();
        if open
            .get(&account)
            .is_some_and(|of_account| *of_account >= STREAMS_OF_ACCOUNT_MAX)
        {
            return Err(ApiError::TooManyStreams {
                max: STREAMS_OF_ACCOUNT_MAX,
            });
        }
        if open.values().sum::<usize>() >= STREAMS_MAX {
            return Err(ApiError::Busy);
        }
        *open.entry(account).or_default() += 1;
        Ok(Place {
            streams: self.clone(),
            account,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.lock();
        if let Some(of_account) = open.get_mut(&self.account) {
            *of_account -= 1;
            if *of_account == 0 {
                open.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(number: u128) -> AccountId {
        AccountId::from_ulid(number.into())
    }

    #[test]
    fn an_account_has_so_many_streams_and_gets_a_place_back_when_one_ends() {
        let streams = OpenStreams::default();
        let mut places: Vec<Place> = (0..STREAMS_OF_ACCOUNT_MAX)
            .map(|_| streams.take_place(account(1)).unwrap())
            .collect();
        assert!(matches!(
            streams.take_place(account(1)),
            Err(ApiError::TooManyStreams { .. })
        ));
        assert!(streams.take_place(account(2)).is_ok(), "others have theirs");
        drop(places.pop());
        assert!(streams.take_place(account(1)).is_ok());
    }

    #[test]
    fn all_together_have_so_many() {
        let streams = OpenStreams::default();
        let places: Vec<Place> = (0..STREAMS_MAX as u128)
            .map(|number| streams.take_place(account(number)).unwrap())
            .collect();
        assert!(matches!(
            streams.take_place(account(u128::MAX)),
            Err(ApiError::Busy)
        ));
        drop(places);
        assert!(streams.lock().is_empty());
    }
}
