//! How the ledger's own types look in the OpenAPI description. They are only described here; what reads and writes
//! them is `ledger_core`.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

macro_rules! text_schemas {
    ($($(#[doc = $doc:literal])+ $name:ident = $pattern:expr, $max:expr, $example:literal;)*) => {
        $(
            $(#[doc = $doc])+
            pub(super) struct $name;

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    let pattern: Option<&str> = $pattern;
                    let max: Option<usize> = $max;
                    ObjectBuilder::new()
                        .schema_type(Type::String)
                        .description(Some(concat!($($doc),+).trim()))
                        .pattern(pattern)
                        .max_length(max)
                        .examples([serde_json::json!($example)])
                        .into()
                }
            }

            impl ToSchema for $name {
                fn name() -> Cow<'static, str> {
                    stringify!($name).into()
                }
            }
        )*

        /// Each of them with its name.
        pub(super) fn all() -> Vec<(String, RefOr<Schema>)> {
            vec![$((stringify!($name).to_owned(), $name::schema())),*]
        }
    };
}

text_schemas! {
    /// An identifier: a ULID in 26 characters.
    Id = Some("^[0-7][0-9A-HJKMNP-TV-Z]{25}$"), None, "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    /// A word from a profile's vocabulary: a role, a status, a section, a reason.
    CodeWord = Some("^[a-z][a-z0-9_]{0,39}$"), None, "guardian";
    /// The short name of a tenant.
    TenantName = Some("^[a-z][a-z0-9-]{0,31}$"), None, "solvik";
    /// The name of a system's rule book.
    ProfileName = Some("^[a-z][a-z0-9-]{0,47}$"), None, "relay-log";
    /// A name or a heading: one line.
    LineText = Some("^[^\\x00-\\x1f\\x7f-\\x9f]+$"), Some(300), "Kari Nordmann";
    /// A text of several lines.
    LongText = None, Some(20_000), "Talked with the parents about the mornings.";
    /// 32 bytes in base64.
    Hash = Some("^[A-Za-z0-9+/]{43}=$"), None, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
}

/// How surely a person is known: the levels of eIDAS (Regulation (EU) 910/2014, article 8).
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it is only described")]
pub(super) enum AssuranceLevel {
    /// Self-asserted or weakly checked.
    Low,
    /// For example a password and a one-time code.
    Substantial,
    /// For example BankID.
    High,
}

/// Who did it.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is only described")]
pub(super) struct ActorDescription {
    /// `staff`, `party` (a member of the family, by the id made for this one case) or `operator`.
    #[schema(example = "party")]
    kind: String,
    /// Of staff: the account.
    account: Option<Id>,
    /// Of a member of the family: the party.
    party: Option<Id>,
    /// The role that carried the action.
    role: Option<CodeWord>,
    /// Of staff: the employer.
    organisation: Option<Id>,
    /// Of staff: the account for whom this one acts.
    on_behalf_of: Option<Id>,
    /// Who vouched for the identity.
    issuer: Option<CodeWord>,
    /// How surely.
    assurance: Option<AssuranceLevel>,
}

/// What a decision rested on.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is only described")]
pub(super) struct BasisDescription {
    /// The rule book that decided.
    profile: ProfileName,
    /// The digest of its text: its version.
    profile_digest: Hash,
    /// The policies that decided.
    policies: Vec<CodeWord>,
    /// The positions of the events whose facts they looked at.
    cited: Vec<u64>,
}
