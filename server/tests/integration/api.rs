//! The HTTP API: a real listener over a real database, spoken to as clients do.

mod access;
mod baton;
mod commands;
mod consents;
mod course;
mod directory;
mod documents;
mod following;
mod handing_over;
mod lists;
mod log_exports;
mod operation;
mod past;
mod plan;
mod protocol;
mod read_models;
mod whole_story;
mod words;
