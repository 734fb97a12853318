//! How results look: aligned text for people, stable JSON for programs. The command line and the demo share it.
//!
//! **Invariant: nothing is read here.** What is printed was shown by the ledger, which has recorded it.

mod access;
mod exposure;
mod happened;
mod questions;
mod receipt;
mod rules;
mod text;
mod timeline;
mod unusual;
mod views;
mod watched;
mod why;

pub(crate) use access::{cited_events, could_shape, could_text};
pub(crate) use exposure::{exposure_shape, exposure_text};
pub(crate) use questions::{
    changed_shape, changed_text, emergencies_shape, emergencies_text, hindsight_shape,
    hindsight_text, intervals_shape, intervals_text, knew_shape, knew_text, person_shape,
    person_text,
};
pub(crate) use receipt::receipt_text;
pub(crate) use text::{indented, moment, pairs, table, wrapped, wrapped_to};
pub(crate) use timeline::{timeline_shape, timeline_text};
pub(crate) use unusual::{unusual_shape, unusual_text};
pub(crate) use views::{saw_shape, saw_text};
pub(crate) use watched::Watched;
pub(crate) use why::{why_shape, why_text};
