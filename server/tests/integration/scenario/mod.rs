//! The requirements of each system, walked one by one over HTTP, and the document that says what shows them.

mod answers;
mod catalogue;
mod kindkans;
mod kvam;
mod mirage;
mod night;
mod sula;
mod table;
