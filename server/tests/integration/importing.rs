//! Logs that were recorded elsewhere: taken in, lived with, and given out again.

mod by_hand;
mod living;
mod town;
mod way_back;
