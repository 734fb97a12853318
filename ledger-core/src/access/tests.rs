//! The rules as tables: what is so, what is asked, what comes of it. `given` holds the language.

pub(super) mod given;
mod kindkans;
mod kvam;
mod matrix;
mod mirage;
mod rule_book;
mod schema;
mod sula;
