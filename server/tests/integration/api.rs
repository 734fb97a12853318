//! The HTTP API: a real listener over a real database, spoken to as clients do.

mod access;
mod commands;
mod documents;
mod following;
mod lists;
mod operation;
mod past;
mod protocol;
mod read_models;
mod whole_story;
mod words;
