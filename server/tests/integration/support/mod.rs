//! What integration tests share. One file a kind of help.
#![allow(dead_code, reason = "not every help is used by every kind of test")]

pub(crate) mod events;
mod eventually;
pub(crate) mod local_team;
pub(crate) mod mailbox;
pub(crate) mod moved_clock;
pub(crate) mod postgres;
pub(crate) mod python;
pub(crate) mod reopened;
pub(crate) mod school_by_http;
pub(crate) mod service;
pub(crate) mod seven_zip;
pub(crate) mod smtp;
pub(crate) mod story;
pub(crate) mod story_by_http;

pub(crate) use eventually::eventually;
