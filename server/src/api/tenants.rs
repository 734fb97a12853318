//! Whose ledgers this service keeps, and who vouches for people there: what is chosen before anybody signs in (V9).

use axum::{Json, extract::State};
use ledger_core::ids::{Code, TenantId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{schemas, service::Service};
use crate::config::IssuerSettings;

/// Whose ledgers there are.
#[derive(Serialize, ToSchema)]
pub(super) struct Tenants {
    /// Each of them.
    items: Vec<Tenant>,
}

/// One municipality, school consortium or local team.
#[derive(Serialize, ToSchema)]
struct Tenant {
    /// For the header `Tenant`.
    #[schema(value_type = schemas::TenantName)]
    id: TenantId,
    /// What people call it.
    #[schema(example = "Solvik kommune")]
    name: String,
    /// Whose tokens are taken.
    issuers: Vec<Issuer>,
}

/// Who vouches for people, or for machines.
#[derive(Serialize, ToSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "`issuer` is what OpenID Connect calls it"
)]
struct Issuer {
    /// What the ledger calls it; for activating an account.
    #[schema(value_type = schemas::CodeWord, example = "id_porten")]
    name: Code,
    /// Its identifier, from which its discovery document is found (OpenID Connect Discovery 1.0 §4).
    #[schema(example = "https://idporten.no")]
    issuer: String,
    /// Whom to ask a token for: the resource or audience of the token request.
    #[schema(example = "https://ledger.solvik.example")]
    audience: String,
    /// For whom it vouches.
    kind: Kind,
}

/// For whom an issuer vouches.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// People.
    Person,
    /// Clients of integrations.
    Machine,
}

impl From<&IssuerSettings> for Issuer {
    fn from(settings: &IssuerSettings) -> Self {
        Self {
            name: settings.name.clone(),
            issuer: settings.issuer.clone(),
            audience: settings.audience.clone(),
            kind: if settings.machine {
                Kind::Machine
            } else {
                Kind::Person
            },
        }
    }
}

/// Read whose ledgers there are and who vouches for people there
#[utoipa::path(
    get, path = "/tenants", tag = "sign-in", operation_id = "listTenants", security(()),
    description = "Asked before the sign-in: the tenant is chosen first, then one of its issuers gives a token for its \
        audience. A request may name the tenant in the header `Tenant`; a token is bound to its tenant in any case, by \
        its audience or by a claim.",
    responses((status = 200, description = "The tenants.", body = Tenants)),
)]
pub(super) async fn list(State(service): State<Service>) -> Json<Tenants> {
    let config = service.config();
    let tenant = Tenant {
        id: config.tenant.clone(),
        name: config.tenant_name.clone(),
        issuers: config.issuers.iter().map(Issuer::from).collect(),
    };
    Json(Tenants {
        items: vec![tenant],
    })
}
