//! Scenarios: a whole system walked through over HTTP, requirement by requirement. Each step is named by the requirement
//! that it shows; the table of them is kept in `docs/`, and a test compares it.

mod kvam;
mod mirage;
mod night;
mod table;
