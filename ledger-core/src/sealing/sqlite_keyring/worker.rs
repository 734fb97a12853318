//! The thread that owns the connection, and the queue in front of it.
//!
//! It takes everything that waits, answers what only reads, then makes all the changes in one transaction, each within
//! a savepoint of its own: one that is refused is undone alone. Nobody is answered before the transaction is durable.
//!
//! While the thread rests, a caller may look at the opened keys itself ([`Worker::read_now`]): two switches between threads
//! would cost ten times what the look does.

use std::{
    sync::{Arc, Mutex, mpsc},
    thread,
};

use tokio::sync::oneshot;

use super::{schema::failed, store::Store};
use crate::sealing::keyring::KeyringError;

/// Most requests taken at once, so that the first of them does not wait for ever longer transactions.
const REQUESTS_A_BATCH_MAX: usize = 2_048;

/// Sends the outcome, once it is known whether the transaction was committed.
type Answer = Box<dyn FnOnce(Result<(), KeyringError>) + Send>;

/// Is given the store, or the reason why there is none for it.
type Run = Box<dyn FnOnce(Result<&mut Store, KeyringError>) -> Answer + Send>;

/// One request.
struct Request {
    changes: bool,
    run: Run,
}

/// A handle to the thread, which ends when the last handle is gone and everything asked of it is done.
#[derive(Clone)]
pub(super) struct Worker {
    requests: mpsc::Sender<Request>,
    /// The thread holds the lock from the first to the last request of a batch, commit included.
    store: Arc<Mutex<Store>>,
}

impl Worker {
    pub(super) fn start(store: Store) -> Result<Self, KeyringError> {
        let store = Arc::new(Mutex::new(store));
        let owned = Arc::clone(&store);
        let (requests, waiting) = mpsc::channel();
        thread::Builder::new()
            .name("key-store".to_owned())
            .spawn(move || work(&owned, &waiting))
            .map_err(failed("start its thread"))?;
        Ok(Self { requests, store })
    }

    /// Runs something that changes nothing and reads no file, here and now; `None` if that would mean waiting, for
    /// the thread, for another process, or for whatever `run` did not find. Then ask the thread.
    pub(super) fn read_now<T>(&self, run: impl FnOnce(&mut Store) -> Option<T>) -> Option<T> {
        let mut store = self.store.try_lock().ok()?;
        store.catch_up_without_waiting().ok()?;
        run(&mut store)
    }

    /// Runs something that changes nothing.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        run: impl FnOnce(&mut Store) -> Result<T, KeyringError> + Send + 'static,
    ) -> Result<T, KeyringError> {
        self.ask(false, run).await
    }

    /// Runs something that changes the store. When this returns without an error, the change is durable.
    /// It takes place even if the caller stops waiting.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        run: impl FnOnce(&mut Store) -> Result<T, KeyringError> + Send + 'static,
    ) -> Result<T, KeyringError> {
        self.ask(true, move |store| store.all_or_nothing(run)).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        changes: bool,
        run: impl FnOnce(&mut Store) -> Result<T, KeyringError> + Send + 'static,
    ) -> Result<T, KeyringError> {
        let (answer, answered) = oneshot::channel();
        let run = move |store: Result<&mut Store, KeyringError>| -> Answer {
            let outcome = store.and_then(run);
            Box::new(move |committed| {
                // Nobody may be waiting any more, and that is no failure.
                let _ = answer.send(committed.and(outcome));
            })
        };
        let request = Request {
            changes,
            run: Box::new(run),
        };
        self.requests
            .send(request)
            .map_err(|_| KeyringError::Stopped)?;
        answered.await.map_err(|_| KeyringError::Stopped)?
    }
}

fn work(store: &Mutex<Store>, waiting: &mpsc::Receiver<Request>) {
    while let Ok(first) = waiting.recv() {
        // Poisoned only if a caller panicked while looking: whoever waits is told that the store has stopped.
        let Ok(mut store) = store.lock() else { return };
        let batch = std::iter::once(first)
            .chain(waiting.try_iter())
            .take(REQUESTS_A_BATCH_MAX);
        let (changes, reads): (Vec<_>, Vec<_>) = batch.partition(|request| request.changes);
        if !reads.is_empty() {
            answer_reads(&mut store, reads);
        }
        if !changes.is_empty() {
            make_changes(&mut store, changes);
        }
    }
}

fn answer_reads(store: &mut Store, reads: Vec<Request>) {
    // One look at what other processes have done serves all of them: each was asked before it.
    let current = store.catch_up();
    for read in reads {
        let answer = (read.run)(given(store, &current));
        answer(Ok(()));
    }
}

fn make_changes(store: &mut Store, changes: Vec<Request>) {
    let begun = store.begin();
    let answers: Vec<Answer> = changes
        .into_iter()
        .map(|change| (change.run)(given(store, &begun)))
        .collect();
    // What could not begin has been told so already.
    let committed = if begun.is_ok() {
        store.commit()
    } else {
        Ok(())
    };
    for answer in answers {
        answer(committed.clone());
    }
}

fn given<'a>(
    store: &'a mut Store,
    ready: &Result<(), KeyringError>,
) -> Result<&'a mut Store, KeyringError> {
    match ready {
        Ok(()) => Ok(store),
        Err(error) => Err(error.clone()),
    }
}
