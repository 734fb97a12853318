//! Whether what a profile says of consultation rounds and of exposure fits together.

use super::{
    Check, Scope,
    Step::{Index, Key},
    undeclared,
};

/// The most days that a period of days may have: ten years.
const DAYS_MAX: u32 = 3_660;

impl Check<'_> {
    /// Guests take part as those do who work with a case, and a round lasts for some time.
    pub(super) fn rounds(&mut self) {
        let rules = self.rules;
        let Some(rounds) = &rules.rounds else { return };
        if rounds.guest_roles.is_empty() {
            self.report(
                &[Key("rounds"), Key("guest_roles")],
                "a guest reads along in some role; name at least one".to_owned(),
            );
        }
        for (place, role) in rounds.guest_roles.iter().enumerate() {
            let here = [Key("rounds"), Key("guest_roles"), Index(place)];
            match rules.roles.get(role) {
                None => self.report(&here, undeclared("role", role, &rules.roles)),
                Some(known) if known.scopes[..] != [Scope::Case] => self.report(
                    &here,
                    format!("{role} must be held in a case and nowhere else; give it the scope case alone"),
                ),
                Some(_) => {}
            }
        }
        for (key, days) in [
            ("days_max", rounds.days_max),
            ("invitation_days_max", rounds.invitation_days_max),
        ] {
            if !(1..=DAYS_MAX).contains(&days) {
                self.report(
                    &[Key("rounds"), Key(key)],
                    format!("a number from 1 to {DAYS_MAX} is expected"),
                );
            }
        }
    }

    pub(super) fn exposure(&mut self) {
        let rules = self.rules;
        let Some(exposure) = &rules.exposure else {
            return;
        };
        for (key, status) in [
            ("status", &exposure.status),
            ("ended_by_status", &exposure.ended_by_status),
        ] {
            if !rules.statuses.contains_key(status) {
                let here = [Key("exposure"), Key(key)];
                self.report(&here, undeclared("status", status, &rules.statuses));
            }
        }
    }

    /// A threshold of none would show everything.
    pub(super) fn unusual_reading(&mut self) {
        let Some(unusual) = &self.rules.unusual_reading else {
            return;
        };
        let table = Key("unusual_reading");
        let burst = unusual.burst.iter();
        let burst = burst.flat_map(|burst| [("cases", burst.cases), ("minutes", burst.minutes)]);
        let burst: Vec<_> = burst.filter(|(_, number)| *number == 0).collect();
        for (key, _) in burst {
            let here = [table, Key("burst"), Key(key)];
            self.report(&here, "a number from 1 on is expected".to_owned());
        }
        if self
            .rules
            .unusual_reading
            .as_ref()
            .is_some_and(|unusual| unusual.days_after_contribution == Some(0))
        {
            let here = [table, Key("days_after_contribution")];
            self.report(&here, "a number from 1 on is expected".to_owned());
        }
    }
}
