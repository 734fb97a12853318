//! Whose access grows, and whose shrinks, from one rule book to another.

use std::sync::Arc;

use super::{Matrix, Person, Question, Situation, Space, Verdict};
use crate::access::RuleBook;

/// A cell in which one rule book allows what the other refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Who.
    pub person: Person,
    /// In which situation.
    pub situation: Situation,
    /// What.
    pub question: Question,
    /// What was said of it.
    pub before: Arc<Verdict>,
    /// What is said of it now.
    pub after: Arc<Verdict>,
}

impl Change {
    /// Whether it may be done now, and might not before.
    pub fn grows(&self) -> bool {
        self.after.allowed
    }
}

/// Every cell that changes. A role, status or section that only one of them has may nothing in the other.
pub fn changes(before: &RuleBook, after: &RuleBook) -> Vec<Change> {
    let space = Space::of([before, after]);
    let (before, after) = (Matrix::of(before), Matrix::of(after));
    let mut changes = Vec::new();
    for question in space.questions() {
        for situation in space.situations(question.action) {
            for person in space.people(question.action, situation) {
                let was = before.cell(person, situation, question);
                let is = after.cell(person, situation, question);
                if was.allowed != is.allowed {
                    changes.push(Change {
                        person: person.clone(),
                        situation: situation.clone(),
                        question: question.clone(),
                        before: was,
                        after: is,
                    });
                }
            }
        }
    }
    changes
}
