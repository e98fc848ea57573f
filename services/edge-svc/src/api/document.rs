//! What the OpenAPI document says beside the operations: schemes, error answers, the events of the stream.

use std::collections::BTreeMap;

use sealcast_contracts::{audit, presence, sse};
use utoipa::{
    IntoResponses, Modify, OpenApi,
    openapi::{
        ContentBuilder, Ref, RefOr, Response, ResponseBuilder,
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
    },
};

/// Schemas and prose that belong to no single operation.
pub fn base() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The whole document, as it is served and checked in.
pub fn complete() -> utoipa::openapi::OpenApi {
    super::operations().into_openapi()
}

/// The document as the octets of `openapi.json`.
///
/// # Panics
/// Never: every part of the document is serialisable.
pub fn to_json() -> String {
    let mut json = serde_json::to_string_pretty(&complete()).expect("the document is made of maps, lists and strings");
    json.push('\n');
    json
}

/// The error answers that every operation can give.
pub struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        BTreeMap::from([
            ("4XX".to_owned(), problem("The request is refused and has changed nothing.").into()),
            (
                "5XX".to_owned(),
                problem("The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented.")
                    .into(),
            ),
        ])
    }
}

fn problem(description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content(sealcast_http::PROBLEM_JSON, content).build()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sealcast",
        description = "Encrypted team messaging with a verifiable audit log. \
            Envelopes, keys and proofs are described in docs/protocol.md.\n\n\
            Authentication: `Authorization: Bearer <token>` for programs, the `__Host-sealcast` cookie for browsers. \
            A write that is authenticated by cookie must carry `Sec-Fetch-Site: same-origin`, which browsers send by themselves.\n\n\
            An identifier that does not exist, or that the caller may not know of, is 404."
    ),
    components(schemas(
        sealcast_http::Problem,
        sealcast_http::FieldError,
        audit::Order,
        sse::Hello,
        sse::Message,
        sse::Gap,
        sse::Reset,
        sse::RoomNotice,
        sse::CheckpointNotice,
        sse::Revoke,
        sse::Drain,
        presence::PresenceChanged,
        presence::TypingStarted
    )),
    modifiers(&Schemes),
    tags(
        (name = "server", description = "What a client needs to know before it logs in"),
        (name = "auth", description = "Accounts and sessions"),
        (name = "directory", description = "Accounts and their certificates"),
        (name = "rooms", description = "Rooms, members, key epochs, grants and invites"),
        (name = "messages", description = "Sending, history and the live stream"),
        (name = "audit", description = "The archive, the log and its proofs"),
        (name = "admin", description = "Other people's accounts, and the streams; admins only")
    )
)]
struct Document;

/// The two ways to say who asks; either is enough.
struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(crate::sessions::COOKIE))));
        document.security = Some(vec![
            utoipa::openapi::SecurityRequirement::new("bearer", Vec::<String>::new()),
            utoipa::openapi::SecurityRequirement::new("cookie", Vec::<String>::new()),
        ]);
    }
}
