//! What may be handed over of a person, and nothing else (M2): there is no field for anything more.

use ledger_core::ids::PartyId;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// How to reach a person. Not printable, and wiped from memory when it goes.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct ContactDetails {
    /// The name.
    pub name: String,
    /// The address; may have several lines.
    pub address: String,
    /// The telephone number.
    pub telephone: String,
    /// The e-mail address.
    pub email: String,
}

/// A party of the case with their contact details.
pub struct Person {
    /// Which party: they must have consented themselves.
    pub party: PartyId,
    /// How to reach them.
    pub details: ContactDetails,
}
