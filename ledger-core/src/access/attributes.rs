//! What a rule may ask about: the attributes of a question, their types, and what each rests on.
//!
//! An attribute carries the positions of the events it was read from, and the span of time around the moment
//! asked about in which its value stays as it is. Cedar sees the values as `context.<name>`; citations and spans
//! stay on this side and are gathered from the attributes that the deciding policies mention.
//!
//! To add one: a line here and a line in `profiles/schema.cedarschema`. A test compares the two, and every place
//! that asks a question stops compiling until it says what the new attribute is.

use std::{
    collections::BTreeSet,
    hash::{Hash, Hasher},
};

use serde::{Deserialize, Serialize};

use crate::{
    clock::Span,
    ids::{Code, Position},
    profile::Assurance,
};

/// One attribute: its value, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attribute<T> {
    /// What is so at the moment asked about.
    pub value: T,
    /// The events that made it so.
    pub cites: Vec<Position>,
    /// The span around the moment asked about in which the value stays what it is.
    pub holds: Span,
}

impl<T> Attribute<T> {
    /// A value that rests on these events and stays for this span.
    pub const fn new(value: T, cites: Vec<Position>, holds: Span) -> Self {
        Self {
            value,
            cites,
            holds,
        }
    }

    /// A value that rests on no event and on no date, such as the section that is asked for.
    pub const fn given(value: T) -> Self {
        Self::new(value, Vec::new(), Span::ALWAYS)
    }
}

/// An attribute's value in the shape that a rule sees.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A number.
    Long(i64),
    /// One word of the profile's vocabulary.
    Code(Code),
    /// Several words of the profile's vocabulary.
    Codes(BTreeSet<Code>),
}

/// A type that an attribute may have.
pub(super) trait AttributeValue {
    /// The value as a rule sees it.
    fn to_value(&self) -> Value;
}

impl AttributeValue for bool {
    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}

impl AttributeValue for Assurance {
    fn to_value(&self) -> Value {
        Value::Long(self.level())
    }
}

impl AttributeValue for Code {
    fn to_value(&self) -> Value {
        Value::Code(self.clone())
    }
}

impl AttributeValue for BTreeSet<Code> {
    fn to_value(&self) -> Value {
        Value::Codes(self.clone())
    }
}

macro_rules! attributes {
    ($($(#[$doc:meta])* $name:ident = $field:ident: $type:ty;)*) => {
        /// The name of an attribute.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum AttributeName {
            $($(#[$doc])* $name,)*
        }

        impl AttributeName {
            /// Every attribute, in the order of this list.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name in Cedar, after `context.`.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($field),)*
                }
            }
        }

        /// All attributes of a question. None can be left out, so that no rule meets an unknown value.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        pub struct Attributes {
            $($(#[$doc])* pub $field: Attribute<$type>,)*
        }

        impl Attributes {
            /// The value of an attribute as a rule sees it.
            pub fn value(&self, name: AttributeName) -> Value {
                match name {
                    $(AttributeName::$name => self.$field.value.to_value(),)*
                }
            }

            /// The events an attribute rests on, and the span in which it stays.
            pub fn support(&self, name: AttributeName) -> (&[Position], Span) {
                match name {
                    $(AttributeName::$name => (&self.$field.cites, self.$field.holds),)*
                }
            }

            /// Feeds the values, and nothing else, to the hasher.
            pub(super) fn hash_values(&self, hasher: &mut impl Hasher) {
                $(self.$field.value.hash(hasher);)*
            }

            /// The values alone.
            pub(super) fn values(&self) -> Values {
                Values {
                    $($field: self.$field.value.clone(),)*
                }
            }

            /// Whether these are the values.
            pub(super) fn have(&self, values: &Values) -> bool {
                $(self.$field.value == values.$field)&&*
            }
        }

        /// The values without what they rest on: all that an evaluation depends on, beside the action.
        #[derive(Debug)]
        pub(super) struct Values {
            $($field: $type,)*
        }
    };
}

attributes! {
    /// How surely we know who is asking.
    Assurance = assurance: Assurance;
    /// Whether the asker's account is active.
    AccountActive = account_active: bool;
    /// Roles that the asker holds in the tenant as a whole.
    TenantRoles = tenant_roles: BTreeSet<Code>;
    /// Roles that the asker holds in the unit that owns this case, would own it, or is acted upon.
    UnitRoles = unit_roles: BTreeSet<Code>;
    /// Roles that the asker holds in the organisation at whose desk this case is, or would be, discussed (K2).
    ReceiverRoles = receiver_roles: BTreeSet<Code>;
    /// Roles that the asker holds in an organisation that the unit is part of: one step up or several (K17).
    ParentRoles = parent_roles: BTreeSet<Code>;
    /// Roles that the asker has in this case as one of its parties.
    CaseRoles = case_roles: BTreeSet<Code>;
    /// Whether somebody has cleared that the asker opens this case (V23).
    Cleared = cleared: bool;
    /// Whether the asker, a member of the family, has come of age and speaks for themselves (X3).
    OfAge = of_age: bool;
    /// Whether the asker has broken the glass, and the time has not passed.
    Emergency = emergency: bool;
    /// Whether the case has been opened; false when the question is about no case.
    CaseExists = case_exists: bool;
    /// The case's status in the profile, or [`no_status`].
    Status = status: Code;
    /// Whether the erasure of the case has begun and is not finished.
    Erasing = erasing: bool;
    /// Whether the case has been erased.
    Erased = erased: bool;
    /// The status in which a case is to begin, or into which it is to be changed, or [`no_status`].
    StatusAsked = status_asked: Code;
    /// Whether the round that is acted upon is under way; or, for a guest, one that they were confirmed for (K6, K14).
    RoundOpen = round_open: bool;
    /// The kinds of agreement in force that the unit has signed itself, alone or with anybody (K18, K19).
    UnitAgreements = unit_agreements: BTreeSet<Code>;
    /// The kinds of agreement in force that the receiver has signed alone, or that unit and receiver have signed with
    /// each other (K4, M5).
    ReceiverAgreements = receiver_agreements: BTreeSet<Code>;
    /// The kinds of consent in force in this case.
    Consents = consents: BTreeSet<Code>;
    /// Whether a consent in force covers the asker's own service.
    ServiceConsented = service_consented: bool;
    /// Whether the referral that is made or acted upon shares data with its receiver (M9).
    SharesData = shares_data: bool;
    /// Whether a consent in force names the receiver of the referral that is made or acted upon (M8).
    ReceiverConsented = receiver_consented: bool;
    /// Whether a role of the asker, in this case or its unit, is bound by professional secrecy (M4).
    AskerBound = asker_bound: bool;
    /// Whether an agreement in force binds by professional secrecy whoever receives something on it (M4).
    ReceiverBound = receiver_bound: bool;
    /// Whether a legal hold is in force.
    Held = held: bool;
    /// The form of the consent that is to be recorded, or `none`.
    ConsentForm = consent_form: Code;
    /// Whether the asker's role in the case is shown the section that is asked for (`sections` in the profile, X4).
    SectionShown = section_shown: bool;
    /// The section that is asked for, or [`all_sections`].
    Section = section: Code;
    /// Whether what is asked for was recorded before the case was last reopened (S18).
    Earlier = earlier: bool;
    /// The reason for which the case is to be closed, or [`no_reason`].
    ClosingReason = closing_reason: Code;
    /// Whether the person acted upon (as party, or as holder of a role) is the asker.
    SelfParty = self_party: bool;
    /// Whether a role of the asker may appoint the role acted upon (`appoints` in the profile).
    MayAppoint = may_appoint: bool;
}

/// The status of a case that does not exist.
pub fn no_status() -> Code {
    reserved("none")
}

/// The form of a consent where none is to be recorded.
pub fn no_form() -> Code {
    reserved("none")
}

/// The reason for closing where none is asked for.
pub fn no_reason() -> Code {
    reserved("none")
}

/// The section that stands for the whole of a case.
pub fn all_sections() -> Code {
    reserved("all")
}

fn reserved(word: &str) -> Code {
    word.parse()
        .expect("reserved words have the shape of a code")
}

/// A set of attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct AttributeSet(u64);

const _: () = assert!(AttributeName::ALL.len() <= 64, "one bit an attribute");

impl AttributeSet {
    pub(super) const EMPTY: Self = Self(0);

    pub(super) fn all() -> Self {
        AttributeName::ALL.iter().copied().collect()
    }

    #[must_use]
    pub(super) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn contains(self, name: AttributeName) -> bool {
        self.0 & (1_u64 << name as u32) != 0
    }

    pub(super) fn iter(self) -> impl Iterator<Item = AttributeName> {
        AttributeName::ALL
            .iter()
            .copied()
            .filter(move |name| self.contains(*name))
    }
}

impl FromIterator<AttributeName> for AttributeSet {
    fn from_iter<I: IntoIterator<Item = AttributeName>>(names: I) -> Self {
        Self(
            names
                .into_iter()
                .fold(0, |bits, name| bits | 1_u64 << name as u32),
        )
    }
}
