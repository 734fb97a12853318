//! End the right of somebody who broke the glass, before its time.

use super::Case;
use crate::{
    command::{Decided, Rejection, Setting, not_there},
    events::GlassMended,
    ids::EmergencyId,
};

/// Ends it.
#[derive(Debug, Clone)]
pub struct MendGlass {
    /// Which time that the glass was broken.
    pub emergency: EmergencyId,
}

impl MendGlass {
    /// `glass_mended`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let broken = case
            .emergencies
            .get(&self.emergency)
            .ok_or_else(|| not_there("broken glass", self.emergency))?;
        let holds = broken.span().is_some_and(|span| span.contains(setting.now));
        if !holds {
            let message = "the right has ended already";
            return Err(Rejection::already(message));
        }
        Ok(vec![setting.bare(GlassMended {
            emergency: self.emergency,
        })])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{at, emergency, given, opened, torunn};
    use crate::command::RejectionCode;
    use crate::events::{Event, GlassBroken};

    fn broken(until: &str) -> Event {
        GlassBroken {
            emergency: emergency(),
            account: torunn(),
            until: at(until),
        }
        .into()
    }

    const MEND: fn() -> MendGlass = || MendGlass {
        emergency: emergency(),
    };

    #[test]
    fn the_right_ends_before_its_time_and_once() {
        let mended = || {
            Event::from(GlassMended {
                emergency: emergency(),
            })
        };
        given([opened(), broken("2026-03-03T12:00:00Z")])
            .when(MEND())
            .then([mended()]);
        for over in [
            vec![opened(), broken("2026-03-02T12:00:00Z")],
            vec![opened(), broken("2026-03-03T12:00:00Z"), mended()],
        ] {
            given(over)
                .when(MEND())
                .rejected(RejectionCode::AlreadyThere)
                .because("D4");
        }
        given([opened()])
            .when(MEND())
            .rejected(RejectionCode::NotFound)
            .because("D4");
    }
}
