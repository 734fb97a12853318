//! Whether what a profile says of messages fits together.

use super::{
    Check, Scope,
    Step::{Index, Key},
    undeclared,
};
use crate::profile::{NotificationKind, NotificationRule};

impl Check<'_> {
    /// Whoever is told takes part, or is invited to; and a day is given for what falls on one.
    pub(super) fn notifications(&mut self) {
        const DAYS_BEFORE_MAX: u32 = 366;
        let rules = self.rules;
        for (kind, rule) in &rules.notifications {
            let path = [Key("notifications"), Key(kind.code())];
            if rule.to.is_empty() {
                self.report(
                    &[path[0], path[1], Key("to")],
                    "somebody is told; name at least one role".to_owned(),
                );
            }
            if *kind == NotificationKind::GuestInvited {
                self.guests_told(rule);
            }
            for (place, role) in rule.to.iter().enumerate() {
                let here = [path[0], path[1], Key("to"), Index(place)];
                match rules.roles.get(role) {
                    None => self.report(&here, undeclared("role", role, &rules.roles)),
                    Some(known)
                        if !known
                            .scopes
                            .iter()
                            .any(|scope| matches!(scope, Scope::Case | Scope::Family)) =>
                    {
                        self.report(
                            &here,
                            format!(
                                "{role} is not held in a case, and only those who take part are told; give it the \
                                 scope case or family, or leave it out"
                            ),
                        );
                    }
                    Some(_) => {}
                }
            }
            let here = [path[0], path[1], Key("days_before")];
            match (kind.is_dated(), rule.days_before) {
                (true, None) => self.report(
                    &path,
                    "it falls on a day; say with days_before how many days earlier it is told"
                        .to_owned(),
                ),
                (false, Some(_)) => self.report(
                    &here,
                    "it is told when it happens, not before; leave days_before out".to_owned(),
                ),
                (true, Some(days)) if days > DAYS_BEFORE_MAX => self.report(
                    &here,
                    format!("is {days}; at most {DAYS_BEFORE_MAX} days before are possible"),
                ),
                _ => {}
            }
        }
    }

    /// An invitation is mailed to guests, and to nobody else.
    fn guests_told(&mut self, rule: &NotificationRule) {
        let (notifications, kind) = (Key("notifications"), Key("guest_invited"));
        let Some(rounds) = &self.rules.rounds else {
            let nobody = "nobody is invited in this system; add [rounds], or leave it out";
            self.report(&[notifications, kind], nobody.to_owned());
            return;
        };
        for (place, role) in rule.to.iter().enumerate() {
            if !rounds.guest_roles.contains(role) {
                self.report(
                    &[notifications, kind, Key("to"), Index(place)],
                    format!("{role} is no role of a guest; rounds.guest_roles has those"),
                );
            }
        }
    }
}
