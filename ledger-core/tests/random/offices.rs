//! Every command about organisations, accounts and rules, with what luck leaves open settled.

use chrono::{Days, TimeDelta};
use ledger_core::{
    clock::Timestamp,
    directory::{
        ActivateAccount, AddWebhook, AssignRole, DeactivateAccount, EndAgreement, EndRole,
        RegisterOrganisation, RemoveWebhook, SetContact, SetNotificationPreferences, SignAgreement,
    },
    ids::{AccountId, AgreementId, OrganisationId, WebhookId},
    ledger::DirectoryCommand,
};

use super::{
    chance::Luck,
    people::{Person, adopted, code, health, school},
};

macro_rules! offices {
    ($($name:ident)*) => {
        /// A command of the directory, by its name. Has no rest: a new command is added here, or nothing compiles.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Office { $($name),* }

        impl Office {
            pub(crate) const ALL: &[Self] = &[$(Self::$name),*];

            pub(crate) fn of(command: &DirectoryCommand) -> Self {
                match command { $(DirectoryCommand::$name(..) => Self::$name),* }
            }

            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }
        }
    };
}

offices! {
    AssignRole
    EndRole
    SignAgreement
    EndAgreement
    RegisterOrganisation
    ActivateAccount
    DeactivateAccount
    SetContact
    SetNotificationPreferences
    AddWebhook
    RemoveWebhook
    AdoptProfile
}

impl Office {
    /// Who may do it, if anybody.
    pub(crate) const fn entitled(self) -> &'static [Person] {
        match self {
            Self::AssignRole | Self::EndRole => &[Person::Leader, Person::Administrator],
            Self::SignAgreement
            | Self::EndAgreement
            | Self::RegisterOrganisation
            | Self::ActivateAccount
            | Self::DeactivateAccount
            | Self::AddWebhook
            | Self::RemoveWebhook
            | Self::AdoptProfile => &[Person::Administrator],
            Self::SetContact | Self::SetNotificationPreferences => &Person::ALL,
        }
    }

    pub(crate) fn command(self, by: Person, now: Timestamp, luck: &Luck) -> DirectoryCommand {
        let words = || "Etter avtale".to_owned();
        let some_account = AccountId::from_ulid(u128::from(luck.one_of(&[90_u8, 91, 92])).into());
        let organisation = luck.one_of(&[school(), health()]);
        let agreement = AgreementId::from_ulid(u128::from(luck.one_of(&[1_u8, 2, 3])).into());
        // Whoever loses a role or an account is seldom one of those on whom everything rests.
        let whom = luck.one_of(&[
            Person::Colleague,
            Person::Nurse,
            Person::Colleague,
            Person::Teacher,
            Person::Father,
            Person::Leader,
        ]);
        let role = match by {
            Person::Administrator => luck.one_of(&["unit_leader", "auditor", "archivist"]),
            _ => luck.one_of(&["professional", "baton_holder", "guardian", "nobody"]),
        };
        let unit = match role {
            "auditor" | "archivist" => None,
            _ => Some(organisation),
        };
        match self {
            Self::AssignRole => DirectoryCommand::AssignRole(AssignRole {
                account: whom.account(),
                role: code(role),
                unit,
                until: luck.one_of(&[None, Some(now + TimeDelta::days(10)), Some(now)]),
            }),
            Self::EndRole => {
                let (role, unit) = luck.pick(whom.roles(), (code(role), unit));
                let account = whom.account();
                DirectoryCommand::EndRole(EndRole {
                    account,
                    role,
                    unit,
                    occurred_at: None,
                })
            }
            Self::SignAgreement => DirectoryCommand::SignAgreement(SignAgreement {
                agreement,
                organisation,
                kind: code(luck.one_of(&["data_processing", "cooperation", "handshake"])),
                valid_from: None,
                valid_through: luck.one_of(&[None, Some(now.date_naive() + Days::new(30))]),
                with: luck.one_of(&[None, Some(health()), Some(organisation)]),
                title: words(),
                reference: words(),
                items: [].into(),
                mailbox: None,
                bound_by_secrecy: false,
            }),
            Self::EndAgreement => DirectoryCommand::EndAgreement(EndAgreement {
                organisation,
                agreement,
                reason: words(),
                occurred_at: None,
            }),
            Self::RegisterOrganisation => {
                let organisation = u128::from(luck.one_of(&[80_u8, 81, 1]));
                DirectoryCommand::RegisterOrganisation(RegisterOrganisation {
                    organisation: OrganisationId::from_ulid(organisation.into()),
                    kind: code("school"),
                    parent: luck.one_of(&[None, Some(school())]),
                    name: words(),
                })
            }
            Self::ActivateAccount => DirectoryCommand::ActivateAccount(ActivateAccount {
                account: luck.one_of(&[some_account, whom.account()]),
                organisation: luck.one_of(&[None, Some(organisation)]),
                name: words(),
            }),
            Self::DeactivateAccount => DirectoryCommand::DeactivateAccount(DeactivateAccount {
                account: luck.one_of(&[some_account, some_account, whom.account()]),
            }),
            Self::SetContact => DirectoryCommand::SetContact(SetContact {
                account: luck.one_of(&[by.account(), by.account(), whom.account()]),
                email: luck.one_of(&[None, Some("testperson@mail.example".to_owned())]),
                language: None,
            }),
            Self::SetNotificationPreferences => {
                let kind = luck.one_of(&["meeting", "case_changed", "birthday"]);
                let wish = luck.one_of(&["email", "none"]);
                DirectoryCommand::SetNotificationPreferences(SetNotificationPreferences {
                    account: by.account(),
                    preferences: [(code(kind), code(wish))].into(),
                })
            }
            Self::AddWebhook => DirectoryCommand::AddWebhook(AddWebhook {
                webhook: WebhookId::from_ulid(u128::from(luck.one_of(&[1_u8, 2, 3])).into()),
                url: "https://hooks.example/".to_owned(),
                secret: words(),
                kinds: [code("meeting")].into(),
            }),
            Self::RemoveWebhook => DirectoryCommand::RemoveWebhook(RemoveWebhook {
                webhook: WebhookId::from_ulid(u128::from(luck.one_of(&[1_u8, 2, 3])).into()),
            }),
            Self::AdoptProfile => DirectoryCommand::AdoptProfile(adopted()),
        }
    }
}
