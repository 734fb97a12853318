//! Read models over a real Postgres: what they hold, how they keep up, how they are made anew.

mod chronicle;
mod domain;
mod doubles;
mod happenings;
mod read_models;
mod rebuilding;
mod running;
mod world;
