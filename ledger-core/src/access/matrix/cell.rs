//! What a cell of the table is about: somebody, a situation, something that is asked for.

use std::{collections::BTreeSet, fmt};

use crate::{access::Action, ids::Code, profile::Assurance};

/// Where somebody stands, with the role they hold there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Signed in, with no role and no part.
    Nobody,
    /// In the tenant as a whole.
    Tenant(Code),
    /// In the unit that keeps the case; no participant.
    Unit(Code),
    /// In the unit that keeps the case, and a participant in the same role.
    UnitAndCase(Code),
    /// In the organisation at whose desk the case is discussed.
    Receiver(Code),
    /// In an organisation that the unit is part of.
    Parent(Code),
    /// A participant, for another service.
    Case(Code),
    /// A participant, as someone of the family.
    Family(Code),
}

impl Standing {
    /// The role that is held.
    pub const fn role(&self) -> Option<&Code> {
        match self {
            Self::Nobody => None,
            Self::Tenant(role)
            | Self::Unit(role)
            | Self::Receiver(role)
            | Self::Parent(role)
            | Self::UnitAndCase(role)
            | Self::Case(role)
            | Self::Family(role) => Some(role),
        }
    }

    /// The role in the case, for a participant.
    pub const fn role_in_case(&self) -> Option<&Code> {
        match self {
            Self::UnitAndCase(role) | Self::Case(role) | Self::Family(role) => Some(role),
            Self::Nobody
            | Self::Tenant(_)
            | Self::Unit(_)
            | Self::Receiver(_)
            | Self::Parent(_) => None,
        }
    }

    const fn place(&self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Tenant(_) => "tenant",
            Self::Unit(_) => "unit",
            Self::Receiver(_) => "receiver",
            Self::Parent(_) => "parent",
            Self::UnitAndCase(_) => "unit+case",
            Self::Case(_) => "case",
            Self::Family(_) => "family",
        }
    }
}

/// What is so of a person besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Besides {
    /// Nothing.
    Nothing,
    /// A consent names their service.
    ServiceCovered,
    /// They have broken the glass.
    GlassBroken,
    /// They have come of age.
    OfAge,
}

/// Somebody who may ask.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person {
    /// Where they stand.
    pub standing: Standing,
    /// What is so of them besides.
    pub besides: Besides,
}

impl fmt::Display for Person {
    /// `professional@case, covered`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(role) = self.standing.role() {
            write!(f, "{role}@")?;
        }
        f.write_str(self.standing.place())?;
        f.write_str(match self.besides {
            Besides::Nothing => "",
            Besides::ServiceCovered => " covered",
            Besides::GlassBroken => " glass",
            Besides::OfAge => " of-age",
        })
    }
}

/// What is so besides status and consents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Beyond {
    /// Nothing: every agreement is in force, nobody holds the case back, and whoever asks is known as surely as can be.
    Nothing,
    /// No agreement of this kind is in force that the unit has signed.
    UnitWithout(Code),
    /// No agreement of this kind is in force that the receiver has signed.
    ReceiverWithout(Code),
    /// No consent names the receiver of a referral.
    ReceiverNotNamed,
    /// No agreement binds the receiver by professional secrecy.
    ReceiverNotBound,
    /// A legal hold is in force.
    Held,
    /// The erasure has begun.
    Erasing,
    /// The case was erased.
    Erased,
    /// Whoever asks is known less surely.
    SignedInAt(Assurance),
    /// The account of whoever asks is not active.
    AccountClosed,
}

/// How a case stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Situation {
    /// Its status; none where there is no case.
    pub status: Option<Code>,
    /// The consents in force.
    pub consents: BTreeSet<Code>,
    /// What is so besides.
    pub beyond: Beyond,
}

impl Situation {
    /// Whether it is special by who asks, and not by how the case stands.
    pub const fn is_of_the_asker(&self) -> bool {
        matches!(self.beyond, Beyond::SignedInAt(_) | Beyond::AccountClosed)
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing of its own that a rule may look at"
)]
pub struct Question {
    /// What they want to do.
    pub action: Action,
    /// Which section; none = the whole.
    pub section: Option<Code>,
    /// The form of a consent that is to be recorded.
    pub form: Option<Code>,
    /// The status in which the case is to begin, or into which it is to be changed.
    pub into: Option<Code>,
    /// The reason for which the case is to be closed.
    pub reason: Option<Code>,
    /// Whether it was recorded before the case was reopened.
    pub earlier: bool,
    /// Whether a round is under way, of which they are if they are a guest.
    pub in_round: bool,
    /// Whether the referral shares data with its receiver.
    pub shares_data: bool,
    /// Whether they act upon themselves.
    pub upon_self: bool,
    /// Whether the role that is given or taken is one that their own may appoint.
    pub appointable: bool,
    /// Whether it was cleared that they open this case.
    pub cleared: bool,
}
