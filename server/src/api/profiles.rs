//! Rule books: what a system's rules say, and taking a new version into use.

use std::{collections::BTreeSet, sync::Arc};

use axum::{Json, extract::State, response::Response};
use ledger_core::{
    access::RuleBook,
    directory::AdoptProfile,
    ids::{Digest, ProfileId},
    ledger::{DirectoryCommand, LedgerError},
    profile::{Language, RuleBookText},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    accounts,
    answer::{self, Done},
    error::ApiError,
    fields::{FieldError, body},
    language,
    openapi::CommandHeaders,
    request::{Asker, Command, Segments},
    schemas,
    service::Service,
};
use crate::words::{VocabularyNames, Wishes};

body! {
    /// A rule book to take into use.
    NewRuleBook {
        /// By the rules of which system it is adopted: for a new version, those it replaces.
        #[schema(value_type = schemas::ProfileName)]
        profile: ProfileId,
        /// The whole of `profile.toml`.
        profile_toml: String,
        /// The whole of `access.cedar`.
        access_cedar: String,
    }
}

/// The rule book in force.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RuleBookInForce {
    /// Which system's.
    #[schema(value_type = schemas::ProfileName)]
    profile: ProfileId,
    /// What people call the system.
    title: String,
    /// The language of the system, and those that its names are given in as well.
    #[schema(value_type = Vec<String>, example = json!(["nn", "nb", "nl", "en"]))]
    languages: BTreeSet<Language>,
    /// What it calls its statuses, roles, sections and so on, in the language of Content-Language.
    names: VocabularyNames,
    /// The digest of its text: the version that decisions name.
    #[schema(value_type = schemas::Hash)]
    digest: Digest,
    /// The whole of `profile.toml`: vocabulary, statuses, consents, periods.
    profile_toml: String,
    /// The whole of `access.cedar`: who may see and do what, rule by rule with the requirement that asked for it.
    access_cedar: String,
}

/// Take a rule book into use
#[utoipa::path(
    post, path = "/profiles", tag = "directory", operation_id = "adoptProfile",
    description = "Questions about earlier moments are still answered by the rules of their time.",
    params(CommandHeaders), request_body = NewRuleBook,
    responses((status = 201, description = "It is in force.", body = Done)),
)]
pub(super) async fn adopt(
    State(service): State<Service>,
    command: Command<NewRuleBook>,
) -> Result<Response, ApiError> {
    let text = RuleBookText {
        profile_toml: command.body.profile_toml.clone(),
        access_cedar: command.body.access_cedar.clone(),
    };
    // Compiling the rules takes long enough to keep others waiting.
    let loaded = tokio::task::spawn_blocking(move || RuleBook::load(&text)).await;
    let rule_book = loaded
        .map_err(|_| ApiError::Internal)?
        .map_err(|error| ApiError::Fields(mistakes(&error)))?;
    let rule_book = Arc::new(rule_book);
    let executed = accounts::administer(&service, command, |body| {
        let adopt = AdoptProfile { rule_book };
        (body.profile, DirectoryCommand::AdoptProfile(adopt))
    })
    .await?;
    Ok(answer::created(&executed))
}

/// Every mistake in the texts, each in the field that it stands in.
fn mistakes(error: &ledger_core::profile::RuleBookError) -> Vec<FieldError> {
    use ledger_core::profile::RuleBookFile;
    let mistakes = error.problems.iter().map(|problem| {
        let field = match problem.file {
            RuleBookFile::Profile => "profileToml",
            RuleBookFile::Access => "accessCedar",
        };
        FieldError::new(field, problem.to_string())
    });
    mistakes.collect()
}

/// Read the rule book in force
#[utoipa::path(
    get, path = "/profiles/{profile}", tag = "directory", operation_id = "readProfile",
    params(("profile" = schemas::ProfileName, Path, description = "Which system's.")),
    responses((status = 200, description = "The rule book.", body = RuleBookInForce)),
)]
pub(super) async fn read(
    State(service): State<Service>,
    Segments(profile): Segments<ProfileId>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    let rule_book = service
        .ledger()
        .rule_book(&asker.caller.tenant, &profile)
        .await?
        .ok_or(LedgerError::NotFound)?;
    let profile = rule_book.profile();
    let texts = profile.texts();
    let names = wishes.vocabulary(profile);
    let languages = profile.languages.iter().copied();
    let answer = Json(RuleBookInForce {
        profile: profile.id.clone(),
        title: profile.title.clone(),
        languages: languages.chain([profile.language]).collect(),
        names: names.names(),
        digest: profile.digest(),
        profile_toml: texts.profile_toml.clone(),
        access_cedar: texts.access_cedar.clone(),
    });
    Ok(language::spoken([names.language()], answer))
}
