//! Taking in event logs that were recorded elsewhere.
//!
//! A file is read twice. The first time it is only looked at: its digest says which import it is, and what is wrong
//! with it is found before anything is added. The second time its cases go into the ledger, a few hundred entries at a
//! time, so that memory stays as it is whatever the size of the file.

mod reading;
mod run;
mod source;
mod unused;
pub mod xes;

pub use self::{
    run::{Imported, LookedAt, Request, Telling, look, run},
    source::SourceFile,
    unused::{Unused, Why},
};
