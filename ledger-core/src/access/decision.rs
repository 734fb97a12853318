//! A question to the rule book, and the decision it gives.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{Action, AttributeName, Attributes};
use crate::{
    clock::{Span, Timestamp},
    ids::{AccountId, CaseId, Code, Digest, PartyId, Position},
    profile::{Names, Requirement},
};

/// Who asks. The rules never look at it, only at the attributes; it names the asker to Cedar and in logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asker {
    /// A person who signs in.
    Account(AccountId),
    /// A member of the family, by the id made for this case alone.
    Party(PartyId),
}

/// What is asked: may this person do this, to this case, at this moment?
#[derive(Debug, Clone)]
pub struct Question {
    /// What they want to do.
    pub action: Action,
    /// Who wants to do it.
    pub asker: Asker,
    /// The case it concerns; `None` for what concerns the ledger as a whole.
    pub case: Option<CaseId>,
    /// The moment the attributes describe.
    pub at: Timestamp,
    /// What is so at that moment.
    pub attributes: Attributes,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It may be done.
    Allow,
    /// It may not.
    Deny,
}

/// Which way a policy decides when it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It allows, unless another forbids.
    Permit,
    /// It refuses, whatever else allows.
    Forbid,
}

/// A policy that made the decision what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidingPolicy {
    /// Its `@id`.
    pub id: Code,
    /// Its `@requirement`: the sentence in the sources that asked for it.
    pub requirement: Requirement,
    /// Which way it decided.
    pub effect: Effect,
}

/// Why a question was refused without the rules having spoken. Each of these is a defect of the program or
/// of the rule book, never of what the person did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A policy could not be evaluated; [`Decision::policies`] names it. Correct the rule book.
    EvaluationFailed,
    /// The action concerns a case, and the question named none.
    CaseMissing,
    /// An attribute's span does not contain the moment asked about.
    AttributeNotCurrent(AttributeName),
    /// The question does not fit the schema of the rules.
    QuestionMalformed,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EvaluationFailed => f.write_str(
                "a policy could not be evaluated, so everything is refused; correct the policy in access.cedar",
            ),
            Self::CaseMissing => {
                f.write_str("the action concerns a case, but the question names none")
            }
            Self::AttributeNotCurrent(name) => write!(
                f,
                "the attribute `{}` does not hold at the moment asked about",
                name.code()
            ),
            Self::QuestionMalformed => {
                f.write_str("the question does not fit profiles/schema.cedarschema")
            }
        }
    }
}

/// The answer, with all that is needed to explain it later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Yes or no.
    pub outcome: Outcome,
    /// The policies that made it so, in the order of the rule book: the permits that allow, or the forbids that
    /// refuse. None when it is refused because nothing allows it.
    pub policies: Vec<DecidingPolicy>,
    /// For a refusal, the requirement to name: that of the first forbid, else the profile's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<Requirement>,
    /// What that requirement says, in the languages of the rule book.
    #[serde(skip)]
    pub sentence: Option<Arc<Names>>,
    /// The events the decision rests on, ascending, each once.
    pub citations: Vec<Position>,
    /// The span around the moment asked about in which the answer stays what it is.
    pub holds: Span,
    /// The rule book that decided.
    pub profile: Digest,
    /// Set when it is refused because something is broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

impl Decision {
    /// Whether it may be done.
    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allow
    }

    /// The first moment at which the answer may be another one; `None` when no date decides.
    pub const fn holds_until(&self) -> Option<Timestamp> {
        self.holds.until
    }
}
