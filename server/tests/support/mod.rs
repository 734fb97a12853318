//! What integration tests share. Each test binary includes it with `mod support;` and uses a part of it.
#![allow(
    dead_code,
    reason = "every test binary uses another part of the support"
)]

pub(crate) mod postgres;
