//! The REST interface: sessions, problems, limits, the message contract, the document.

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use sealcast_contracts::{ClientMessageId, RoomId};
use sealcast_edge_svc::api::document;
use serde_json::{Value, json};

use crate::{
    backend::Acceptance,
    world::{Edge, World},
};

async fn problem(request: RequestBuilder, status: u16, slug: &str) -> Value {
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let (found, id) = (response.status().as_u16(), response.headers()["x-request-id"].clone());
    let body: Value = response.json().await.unwrap();
    assert_eq!((found, &body["type"]), (status, &json!(format!("/problems/{slug}"))), "{body}");
    assert_eq!((&body["status"], &body["request_id"]), (&json!(status), &json!(id.to_str().unwrap())));
    body
}

fn login(username: &str, session: &str) -> Value {
    json!({"username": username, "proof": {"kind": "password", "auth": "AQ=="}, "session": session})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_gets_a_cookie_and_no_token() {
    let world = World::start().await;
    let edge = world.edge("one").await;
    let client = edge.client();
    let response = client.post(edge.url("/api/v1/auth/login")).json(&login("ada", "cookie")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    let [cookie, device] = cookies[..] else { panic!("{cookies:?}") };
    for part in ["__Host-sealcast-device=browser;", "Path=/;", "Secure;", "HttpOnly;", "SameSite=Strict;", "Max-Age=7776000"] {
        assert!(device.contains(part), "{device} lacks {part}");
    }
    let cookie = cookie.to_owned();
    for part in ["__Host-sealcast=crumb;", "; Path=/;", "; Secure;", "; HttpOnly;", "; SameSite=Strict;", "; Max-Age="] {
        assert!(cookie.contains(part.trim_start_matches("; ")), "{cookie} lacks {part}");
    }
    let body: Value = response.json().await.unwrap();
    assert_eq!((body.get("token"), body.get("device"), &body["session"]["username"]), (None, None, &json!("ada")));
    let with_cookie = |method: Method, path: &str| client.request(method, edge.url(path)).header("cookie", "__Host-sealcast=crumb");
    let session = with_cookie(Method::GET, "/api/v1/auth/session").send().await.unwrap();
    assert_eq!(session.status(), 200);
    // A write needs proof that it comes from our own page.
    problem(with_cookie(Method::POST, "/api/v1/auth/logout"), 403, "cross-site-write").await;
    for site in ["cross-site", "same-site", "none"] {
        problem(with_cookie(Method::POST, "/api/v1/auth/logout").header("sec-fetch-site", site), 403, "cross-site-write").await;
    }
    let out = with_cookie(Method::POST, "/api/v1/auth/logout").header("sec-fetch-site", "same-origin").send().await.unwrap();
    assert_eq!(out.status(), 204);
    assert!(out.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(out.headers()["clear-site-data"], "\"cache\"");
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_a_token_and_no_cookie() {
    let world = World::start().await;
    let edge = world.edge("one").await;
    let client = edge.client();
    let response = client.post(edge.url("/api/v1/auth/login")).json(&login("ada", "token")).send().await.unwrap();
    assert!(!response.headers().contains_key("set-cookie"));
    let body: Value = response.json().await.unwrap();
    let token = body["token"].as_str().unwrap().to_owned();
    // What it shows at its next login, as a browser does with its cookie.
    let mut again = login("ada", "token");
    again["device"] = body["device"].clone();
    assert_eq!(client.post(edge.url("/api/v1/auth/login")).json(&again).send().await.unwrap().status(), 200);
    assert_eq!(world.backend.with(|facts| facts.device.take()).as_deref(), Some("browser"));
    again["device"] = json!("x".repeat(200));
    assert_eq!(client.post(edge.url("/api/v1/auth/login")).json(&again).send().await.unwrap().status(), 200);
    assert_eq!(world.backend.with(|facts| facts.device.take()), None, "no device's token is that long");
    let refreshed = client.post(edge.url("/api/v1/auth/refresh")).bearer_auth(&token).send().await.unwrap();
    assert_eq!(refreshed.json::<Value>().await.unwrap()["token"], "fresh");
    // The old token ended, here at once.
    problem(client.get(edge.url("/api/v1/auth/session")).bearer_auth(&token), 401, "session-invalid").await;
    assert_eq!(client.get(edge.url("/api/v1/auth/session")).bearer_auth("fresh").send().await.unwrap().status(), 200);
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verified_session_is_believed_for_a_moment() {
    let world = World::start().await;
    let edge = world.edge("one").await;
    let (_, token) = world.backend.member(&[]);
    for _ in 0..5 {
        let session = edge.client().get(edge.url("/api/v1/auth/session")).bearer_auth(&token).send().await.unwrap();
        assert_eq!(session.status(), 200);
    }
    assert_eq!(world.backend.with(|facts| facts.verifications), 1);
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_asks_for_an_invite_where_the_policy_does() {
    let world = World::start().await;
    let (closed, open) =
        (world.edge("closed").await, world.edge_with("open", |config| config.edge.registration = open_policy()).await);
    let newcomer = |extra: Value| {
        let mut body = json!({
            "username": "grace", "auth": "AQ==", "kdf": {"m_kib": 65536, "t": 3, "p": 1, "salt": "AQ=="}, "certificate": "AQ==",
            "locked_key": "AQ==", "recovery": {"auth": "AQ==", "locked_key": "AQ=="}, "session": "token",
        });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    let post = |edge: &Edge, body: Value| edge.client().post(edge.url("/api/v1/auth/register")).json(&body);
    let invite = |auth: &str| json!({"invite": {"invite_id": "01890a5d-ac96-774b-bcce-b302099a8057", "auth": auth}});
    problem(post(&closed, newcomer(json!({}))), 403, "invite-required").await;
    problem(post(&closed, newcomer(invite("d3Jvbmc="))), 404, "invite-invalid").await;
    for (edge, extra) in [(&closed, invite("cmlnaHQ=")), (&closed, json!({"bootstrap_token": "first"})), (&open, json!({}))] {
        assert_eq!(post(edge, newcomer(extra)).send().await.unwrap().status(), 201);
    }
    closed.stop().await;
    open.stop().await;
}

fn open_policy() -> sealcast_edge_svc::config::Registration {
    sealcast_edge_svc::config::Registration::Open
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_is_a_problem() {
    let world = World::start().await;
    let edge = world.edge("one").await;
    let (client, (_, token)) = (edge.client(), world.backend.member(&[]));
    let get = |path: &str| client.get(edge.url(path)).bearer_auth(&token);
    let post = |path: &str| client.post(edge.url(path)).bearer_auth(&token);
    problem(client.get(edge.url("/api/v1/rooms")), 401, "session-invalid").await;
    problem(get("/api/v1/nothing"), 404, "not-found").await;
    problem(get("/api/v1/rooms/not-an-id"), 404, "not-found").await;
    problem(client.delete(edge.url("/api/v1/server")), 405, "method-not-allowed").await;
    problem(post("/api/v1/auth/prelogin").body("{}"), 415, "unsupported-media-type").await;
    problem(post("/api/v1/auth/prelogin").header("content-type", "application/json").body("{"), 400, "malformed-json").await;
    problem(post("/api/v1/auth/prelogin").json(&json!({})), 422, "malformed-body").await;
    problem(post("/api/v1/auth/prelogin").json(&json!({"username": "x".repeat(300_000)})), 413, "body-too-large").await;
    problem(get("/api/v1/users?limit=0"), 400, "malformed-parameter").await;
    problem(get("/api/v1/users?limit=201"), 400, "malformed-parameter").await;
    problem(get("/api/v1/users?limit=many"), 400, "malformed-query").await;
    problem(get("/api/v1/audit/messages?after=7"), 400, "malformed-query").await;
    problem(client.post(edge.url("/api/v1/auth/login")).json(&login("nobody", "token")), 401, "invalid-credentials").await;
    // Nobody answers for this call: certainly not done.
    let away = post("/api/v1/rooms/01890a5d-ac96-774b-bcce-b302099a8057/leave").send().await.unwrap();
    assert_eq!((away.status().as_u16(), &away.headers()["sealcast-outcome"]), (503, &"rejected".parse().unwrap()));
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_accepted_refused_rejected_or_unknown() {
    let world = World::start().await;
    let edge = world.edge("one").await;
    let (_, token) = world.backend.member(&[]);
    let (client, url) = (edge.client(), edge.url(&format!("/api/v1/rooms/{}/messages", RoomId::generate())));
    let cid = ClientMessageId::generate();
    let body = json!({"cid": cid, "epoch": 1, "env": "AQ==", "sig": "AQ=="});
    let post = |key: Option<String>| {
        let request = client.post(&url).bearer_auth(&token).json(&body);
        key.map_or_else(|| client.post(&url).bearer_auth(&token).json(&body), |key| request.header("idempotency-key", key))
    };
    let keyed = || post(Some(cid.to_string()));
    problem(post(None), 400, "idempotency-key-missing").await;
    problem(post(Some(ClientMessageId::generate().to_string())), 400, "idempotency-key-mismatch").await;
    let accepted = keyed().send().await.unwrap();
    assert_eq!(accepted.status(), StatusCode::ACCEPTED);
    assert_eq!(accepted.json::<Value>().await.unwrap()["cid"], json!(cid));
    let set = |acceptance| world.backend.with(|facts| facts.acceptance = acceptance);
    set(Acceptance::ComplianceMissing);
    problem(keyed(), 422, "compliance-recipient-missing").await;
    let outcome = |response: &Response| response.headers().get("sealcast-outcome").map(|value| value.to_str().unwrap().to_owned());
    set(Acceptance::Unavailable);
    let rejected = keyed().send().await.unwrap();
    assert_eq!((rejected.status().as_u16(), outcome(&rejected).as_deref()), (503, Some("rejected")));
    set(Acceptance::Unknown);
    let unknown = keyed().send().await.unwrap();
    assert_eq!((unknown.status().as_u16(), outcome(&unknown)), (504, None));
    for response in [rejected, unknown] {
        assert!(response.headers().contains_key("retry-after"));
    }
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_an_account_are_limited_and_say_so() {
    let world = World::start().await;
    let edge = world.edge_with("one", |config| config.edge.requests_per_minute = 3).await;
    let (client, (_, token)) = (edge.client(), world.backend.member(&[]));
    let get = || client.get(edge.url("/api/v1/auth/session")).bearer_auth(&token);
    let first = get().send().await.unwrap();
    assert_eq!(first.headers()["ratelimit-policy"], "\"account\";q=3;w=60");
    assert!(first.headers()["ratelimit"].to_str().unwrap().starts_with("\"account\";r=2;t="));
    for _ in 0..2 {
        assert_eq!(get().send().await.unwrap().status(), 200);
    }
    let refused = get().send().await.unwrap();
    assert!(refused.headers()["ratelimit"].to_str().unwrap().starts_with("\"too-many-requests\";r=0;t="));
    let refused = problem(get(), 429, "too-many-requests").await;
    assert!(refused["retry_after_s"].as_u64().unwrap() <= 20);
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn request_ids_come_back_and_invented_ones_do_not() {
    let world = World::start().await;
    let edge = world.edge("one").await;
    let get = |id: &str| edge.client().get(edge.url("/api/v1/server")).header("x-request-id", id).send();
    assert_eq!(get("my-own.id_7").await.unwrap().headers()["x-request-id"], "my-own.id_7");
    assert_ne!(get("two words").await.unwrap().headers()["x-request-id"], "two words");
    edge.stop().await;
}

/// With `SEALCAST_WRITE=1` it writes the file instead.
#[test]
fn the_checked_in_document_is_the_generated_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let generated = document::to_json();
    if std::env::var_os("SEALCAST_WRITE").is_some() {
        std::fs::write(path, &generated).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap() == generated,
        "openapi.json is out of date: run this test with SEALCAST_WRITE=1"
    );
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let document: Value = serde_json::from_str(&document::to_json()).unwrap();
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => open.extend(map.values()),
            Value::Array(list) => open.extend(list),
            Value::String(text) if text.starts_with("#/") => {
                assert!(document.pointer(&text[1..]).is_some(), "{text}");
            }
            _ => {}
        }
    }
}
