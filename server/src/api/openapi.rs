//! The OpenAPI description: what stands in it beside the operations, and what all operations have in common.
//!
//! An operation is described where its handler stands. The headers of every answer, the problems that any operation can
//! end in, and the sign-in are added here once, so that no handler can forget them.

mod examples;
mod problems;

use std::collections::BTreeSet;

use utoipa::{
    IntoParams, PartialSchema as _, ToSchema as _,
    openapi::{
        ComponentsBuilder, ContactBuilder, Header, HeaderBuilder, InfoBuilder, LicenseBuilder,
        OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, Required, SecurityRequirement,
        ServerBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::{AdditionalProperties, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
        tag::TagBuilder,
    },
};

use super::{fields::FieldError, problem::ProblemBody, schemas};

/// Below which path the described operations stand.
pub(super) const BASE: &str = "/v1";

const SECURITY: &str = "bearer";

const DESCRIPTION: &str = "\
The ledger of a system in which services, school and family work together around a child. Everything that anyone does \
to a case is an event; so is everything that anyone sees. Readings are therefore noted: an answer with something \
personal carries the `view` that stands in the ledger for it.

**Sign-in.** The tenant comes first: `listTenants` says whose ledgers there are and who vouches for people there. One of \
those issuers gives a signed access token for the audience it stands with; it is sent as a bearer token. The header \
`Tenant` may repeat the choice: then a token is taken in that tenant or nowhere.

**Limits.** `RateLimit` says how much is left of each limit that counted: requests of the account, requests from the \
address, and tokens from the address that were not valid. `RateLimit-Policy` says how much there is.

**Repeating.** A command carries an `Idempotency-Key`. The same request with the same key is carried out once and \
answered the same each time; the key with another request is refused (422).

**Versions.** A reading of a case gives its version as `ETag`; a command that carries it in `If-Match` is carried out \
only if the case is still as it was read (412). Closing, archiving and erasing demand it (428).

**Refusals.** Problems are `application/problem+json` (RFC 9457). A refusal names the requirement that it rests on. What \
the caller may not know of reads like what is not there (404).

**Languages.** Names and sentences are given in the language that `Accept-Language` prefers among nn, nb, nl and en; \
`Content-Language` says which. Without a wish that can be met, a case and a rule book are shown in the language \
of their system, and anything else in English. Programs rely on `type`, `code` and codes: they are the same in every \
language.

**Proof.** Every answer to a command says where its receipt is. Whoever holds the receipt and the log's public key can \
check without this service that the event is in the ledger.

**Tracing.** A request's `traceparent` (W3C Trace Context) becomes part of its events; `X-Correlation-Id` says under \
which id they are found. Times are in UTC; any offset is taken.";

const TAGS: [(&str, &str); 7] = [
    ("sign-in", "What is chosen before anybody signs in."),
    (
        "cases",
        "Cases, and what is written, filed and agreed in them.",
    ),
    (
        "lifecycle",
        "The course and the end of a case: resting, held, closed, reopened, archived, erased.",
    ),
    ("audit", "Who saw a case, who could have, and why."),
    (
        "directory",
        "Organisations, accounts, roles and rule books.",
    ),
    (
        "ledger",
        "Proofs that anyone can check; open to everyone. An installation may keep its log from the public: then all of \
         them but the keys take a sign-in (401). The log as other programs follow it stands at `/tlog/<tenant>/` \
         (C2SP tlog-tiles), outside of this description.",
    ),
    ("development", "For development only."),
];

/// The headers of a command.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it is only described")]
pub(super) struct CommandHeaders {
    /// A text of the client's choice, new for each new request: 1 to 255 characters.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]([ -~]*[!-~])?$",
        example = "5f6a3b1e-8d0c-4f57-9a53-2f3c0f6f7a11"
    )]
    idempotency_key: String,
    /// The ETag of the case as it was read.
    #[param(rename = "If-Match", pattern = "^\"[0-9]{1,18}\"$", example = "\"12\"")]
    if_match: Option<String>,
    /// What the request is for; becomes part of its events.
    #[param(rename = "Purpose", value_type = Option<schemas::CodeWord>)]
    purpose: Option<String>,
}

/// The headers of a command that ends something.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it is only described")]
pub(super) struct EndingHeaders {
    /// A text of the client's choice, new for each new request: 1 to 255 characters.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]([ -~]*[!-~])?$",
        example = "5f6a3b1e-8d0c-4f57-9a53-2f3c0f6f7a11"
    )]
    idempotency_key: String,
    /// The ETag of the case as it was read.
    #[param(rename = "If-Match", pattern = "^\"[0-9]{1,18}\"$", example = "\"12\"")]
    if_match: String,
    /// What the request is for; becomes part of its events.
    #[param(rename = "Purpose", value_type = Option<schemas::CodeWord>)]
    purpose: Option<String>,
}

/// The headers of a reading.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it is only described")]
pub(super) struct ReadHeaders {
    /// What the reading is for; becomes part of its view.
    #[param(rename = "Purpose", value_type = Option<schemas::CodeWord>)]
    purpose: Option<String>,
}

/// The description without any operation.
pub(super) fn frame() -> OpenApi {
    let contact = ContactBuilder::new()
        .name(Some("Caseledger"))
        .url(Some("https://caseledger.example/contact"))
        .email(Some("contact@caseledger.example"))
        .build();
    let licence = LicenseBuilder::new()
        .name("EUPL-1.2")
        .identifier(Some("EUPL-1.2"))
        .build();
    let info = InfoBuilder::new()
        .title("Caseledger")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .contact(Some(contact))
        .license(Some(licence))
        .build();
    let mut components = ComponentsBuilder::new()
        .security_scheme(
            SECURITY,
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format("JWT")
                    .description(Some("A token of an identity provider whose word is taken."))
                    .build(),
            ),
        )
        .schema(FieldError::name(), FieldError::schema())
        .schema(ProblemBody::name(), ProblemBody::schema());
    for (name, schema) in schemas::all() {
        components = components.schema(name, schema);
    }
    for (name, response) in problems::all() {
        components = components.response(name, response);
    }
    let tags = TAGS.map(|(name, description)| {
        TagBuilder::new()
            .name(name)
            .description(Some(description))
            .build()
    });
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([ServerBuilder::new()
            .url(BASE)
            .description(Some("This service."))
            .build()]))
        .tags(Some(tags))
        .components(Some(components.build()))
        .security(Some([SecurityRequirement::new::<&str, [&str; 0], &str>(
            SECURITY,
            [],
        )]))
        .build()
}

/// Adds what all operations have in common.
pub(super) fn completed(mut description: OpenApi) -> OpenApi {
    let paths = std::mem::take(&mut description.paths.paths);
    for (path, mut item) in paths {
        for operation in operations(&mut item) {
            complete(operation);
            let parameters = operation.parameters.get_or_insert_default();
            parameters.push(accept_language().into());
        }
        // OpenAPI has no word for "and all that follows".
        let path = path.replace("{*", "{");
        description.paths.paths.insert(path, item);
    }
    close_what_is_taken(&mut description);
    // A test demands that none is missing.
    let _missing = examples::add(&mut description);
    description
}

/// Of every request.
fn accept_language() -> Parameter {
    ParameterBuilder::new()
        .name("Accept-Language")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "In which language names and problems are given: nn, nb, nl or en.",
        ))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .examples([serde_json::json!("nn, nb;q=0.9, en;q=0.5")])
                .build(),
        ))
        .build()
}

/// Says of every body that is taken that it has no other fields: they are refused (see `fields`).
fn close_what_is_taken(description: &mut OpenApi) {
    let mut names = BTreeSet::new();
    for item in description.paths.paths.values_mut() {
        for operation in operations(item) {
            if let Some(RefOr::T(body)) = &operation.request_body {
                let schemas = body.content.values().filter_map(|content| match content {
                    RefOr::T(content) => content.schema.as_ref(),
                    RefOr::Ref(_) => None,
                });
                names.extend(schemas.filter_map(name_of));
            }
        }
    }
    let Some(components) = &mut description.components else {
        return;
    };
    while let Some(name) = names.pop_first() {
        if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(&name)
            && object.additional_properties.is_none()
            && !object.properties.is_empty()
        {
            let none_else = AdditionalProperties::FreeForm(false);
            object.additional_properties = Some(Box::new(none_else));
            names.extend(object.properties.values().filter_map(name_of));
        }
    }
}

fn name_of(schema: &RefOr<Schema>) -> Option<String> {
    match schema {
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next();
            name.map(str::to_owned)
        }
        RefOr::T(_) => None,
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post].into_iter().flatten()
}

fn complete(operation: &mut Operation) {
    let has_body = operation.request_body.is_some();
    let is_open = operation.security.is_some();
    let has_query = operation.parameters.iter().flatten().any(|parameter| {
        matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query)
    });
    let parameters: Vec<&Parameter> = operation
        .parameters
        .iter()
        .flatten()
        .filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        })
        .collect();
    let demands = |name: &str| {
        parameters.iter().any(|parameter| {
            parameter.name == name
                && parameter.parameter_in == ParameterIn::Header
                && parameter.required == Required::True
        })
    };
    let is_command = demands("Idempotency-Key");
    let is_ending = demands("If-Match");
    // A position or a moment that the ledger has not reached.
    let can_be_early = parameters.iter().any(|parameter| {
        ["atPosition", "minPosition", "Last-Event-ID"].contains(&parameter.name.as_str())
    });
    let gives_version = is_command
        || parameters
            .iter()
            .any(|parameter| parameter.name == "caseId");
    if !is_open {
        let tenant = tenant_parameter().into();
        operation.parameters.get_or_insert_default().push(tenant);
    }
    complete_answers(operation, gives_version);
    let may_end_in = |status: &str| match status {
        "401" | "403" | "409" => !is_open,
        "412" => is_command,
        "413" | "415" => has_body,
        "422" => is_command || has_body || has_query || can_be_early,
        "428" => is_ending,
        _ => true,
    };
    for status in problems::statuses().filter(|status| may_end_in(status)) {
        let responses = &mut operation.responses.responses;
        responses.insert(status.to_owned(), problems::reference(status));
    }
}

/// The header of every operation that needs a sign-in.
fn tenant_parameter() -> Parameter {
    ParameterBuilder::new()
        .name("Tenant")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The tenant that was chosen. A token is taken there or nowhere.",
        ))
        .schema(Some(Ref::from_schema_name(schemas::TenantName::name())))
        .build()
}

/// What the answers have in common that are no problems.
fn complete_answers(operation: &mut Operation, gives_version: bool) {
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else {
            continue;
        };
        for (media_type, content) in &mut response.content {
            if is_bytes(media_type)
                && let RefOr::T(content) = content
            {
                content.schema = Some(bytes().into());
            }
        }
        let headers = &mut response.headers;
        for (name, header) in common_headers() {
            headers.insert(name.to_owned(), header.into());
        }
        if gives_version {
            let etag = header("The version of the case; for If-Match.", "\"12\"");
            headers.insert("ETag".to_owned(), etag.into());
        }
        if status == "201" {
            let location = header(
                "Where it can be read, if it can.",
                "/v1/cases/01ARZ3NDEKTSV4RRFFQ69G5FAV",
            );
            headers.insert("Location".to_owned(), location.into());
        }
    }
}

/// Whether a type is neither JSON nor text.
fn is_bytes(media_type: &str) -> bool {
    !media_type.ends_with("json") && !media_type.starts_with("text/")
}

fn bytes() -> Schema {
    let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(format))
        .into()
}

/// Of every answer.
fn common_headers() -> [(&'static str, Header); 5] {
    [
        (
            "API-Version",
            header("The version of this API.", env!("CARGO_PKG_VERSION")),
        ),
        (
            "Content-Language",
            header(
                "In which language its names and sentences are, if it has any.",
                "nn",
            ),
        ),
        (
            "RateLimit",
            header(
                "How many requests are left, by limit.",
                "\"address\";r=998;t=1, \"account\";r=199;t=1",
            ),
        ),
        (
            "RateLimit-Policy",
            header(
                "How many requests are allowed.",
                "\"address\";q=1000;w=1, \"account\";q=200;w=1",
            ),
        ),
        (
            "X-Correlation-Id",
            header(
                "Under which id the request's events are found.",
                "0af7651916cd43dd8448eb211c80319c",
            ),
        ),
    ]
}

fn header(description: &str, example: &str) -> Header {
    HeaderBuilder::new()
        .description(Some(description))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .examples([serde_json::json!(example)])
                .build(),
        ))
        .build()
}
