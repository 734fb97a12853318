//! Handing over data to an organisation that does not use the ledger: the form is written, packed and mailed (M10–M15).
//!
//! The plaintext lives in memory only, from the request in which it arrives until it is sealed or packed. What may be
//! done, and what is recorded of it, is decided in `ledger-core`; nothing here decides.

mod contact;
mod form;
mod pack;
mod password;
mod post;
mod prepare;
mod send;
mod sheet;

pub use self::{
    contact::{ContactDetails, Person},
    form::{Filling, form, print},
    pack::{PackError, Packer, SevenZip},
    password::Password,
    post::Post,
    prepare::{Order, PrepareError, Prepared, prepare},
    send::{Outcome, SendError, send},
    sheet::{Block, Sheet, SheetError},
};
