//! Ledger bundles: what is written verifies with nothing but itself, and whatever is done to it afterwards is found.

mod damage;
mod story;
mod trust;
mod writing;
