//! The requirements of each system, walked one by one over HTTP, and the document that says what shows them.

mod catalogue;
mod kvam;
mod mirage;
mod night;
mod table;
