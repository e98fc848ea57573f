//! The front end, the documentation, and the headers of every answer.

use reqwest::{Method, Response};

use crate::world::{Edge, World};

async fn get(edge: &Edge, path: &str, encoding: &str) -> Response {
    edge.client().get(edge.url(path)).header("accept-encoding", encoding).send().await.unwrap()
}

fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn edge_with_files(world: &World) -> Edge {
    let folder = world.files.path().join("dist");
    std::fs::create_dir_all(folder.join("assets")).unwrap();
    std::fs::write(folder.join("index.html"), "<!doctype html>").unwrap();
    std::fs::write(folder.join("assets/app-1a2b.js"), "plain").unwrap();
    std::fs::write(folder.join("assets/app-1a2b.js.br"), "brotli").unwrap();
    std::fs::write(folder.join("assets/app-1a2b.js.gz"), "gzip").unwrap();
    world.edge_with("one", |config| (config.edge.assets, config.edge.docs) = (folder, true)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_front_end_is_served_with_its_encodings_and_caching() {
    let world = World::start().await;
    let edge = edge_with_files(&world).await;
    for (accept, encoding, body) in
        [("br, gzip", "br", "brotli"), ("gzip", "gzip", "gzip"), ("br;q=0", "", "plain"), ("", "", "plain")]
    {
        let response = get(&edge, "/assets/app-1a2b.js", accept).await;
        assert_eq!(
            (header(&response, "content-encoding"), header(&response, "content-type")),
            (encoding, "text/javascript; charset=utf-8")
        );
        assert_eq!(header(&response, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(response.text().await.unwrap(), body);
    }
    for path in ["/", "/rooms/01890a5d-ac96-774b-bcce-b302099a8057", "/join", "/problems/epoch-stale"] {
        let response = get(&edge, path, "").await;
        assert_eq!((response.status().as_u16(), header(&response, "cache-control")), (200, "no-cache"), "{path}");
        let etag = header(&response, "etag").to_owned();
        assert_eq!(response.text().await.unwrap(), "<!doctype html>");
        let again = edge.client().get(edge.url(path)).header("if-none-match", etag).send().await.unwrap();
        assert_eq!(again.status(), 304);
    }
    for path in [
        "/assets/missing.js",
        "/favicon.ico",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/assets/app-1a2b.js.br",
        "/api",
        "/api/v2/x",
    ] {
        assert_eq!(get(&edge, path, "").await.status(), 404, "{path}");
    }
    let written = edge.client().request(Method::POST, edge.url("/")).send().await.unwrap();
    assert_eq!(written.status(), 404);
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_security_headers() {
    let world = World::start().await;
    let edge = edge_with_files(&world).await;
    let page = get(&edge, "/", "").await;
    let policy = header(&page, "content-security-policy");
    for part in ["default-src 'none'", "require-trusted-types-for 'script'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{policy} lacks {part}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
    let (_, token) = world.backend.member(&[]);
    let stream = crate::sse::request(&edge, &token, None).await;
    for response in [page, get(&edge, "/api/v1/server", "").await, get(&edge, "/api/nothing", "").await, stream] {
        for name in [
            "content-security-policy",
            "strict-transport-security",
            "x-content-type-options",
            "referrer-policy",
            "permissions-policy",
        ] {
            assert!(!header(&response, name).is_empty(), "{} lacks {name}", response.url());
        }
        assert_eq!(header(&response, "cross-origin-opener-policy"), "same-origin");
        assert_eq!(header(&response, "server"), "");
        if response.url().path().starts_with("/api/") {
            assert!(header(&response, "cache-control").starts_with("no-store"));
        }
    }
    edge.stop().await;
}

/// The log is for everybody, and for every cache: what never changes is asked for once.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_served_as_files() {
    let world = World::start().await;
    let edge = edge_with_files(&world).await;
    let note = get(&edge, "/log/checkpoint", "").await;
    assert_eq!(header(&note, "cache-control"), "public, max-age=1");
    assert_eq!(note.text().await.unwrap(), "the note\n— witness abc=\n");
    for _ in 0..2 {
        let tile = get(&edge, "/log/tile/0/000", "").await;
        assert_eq!(header(&tile, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(header(&tile, "content-type"), "application/octet-stream");
        assert_eq!(header(&tile, "access-control-allow-origin"), "*");
        assert_eq!(tile.bytes().await.unwrap(), vec![7; 8_192]);
    }
    assert_eq!(world.backend.with(|facts| facts.tiles_asked), 1);
    let partial = get(&edge, "/log/tile/0/001.p/44", "").await;
    assert!(!header(&partial, "cache-control").contains("immutable"));
    for path in ["/log/tile/0/002", "/log/tile/..%2f..", "/log/tile", "/log/nothing"] {
        let missing = get(&edge, path, "").await;
        assert_eq!((missing.status().as_u16(), header(&missing, "cache-control")), (404, "no-store"), "{path}");
    }
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_served_and_its_reader_only_when_asked_for() {
    let world = World::start().await;
    let (with, without) = (edge_with_files(&world).await, world.edge("two").await);
    for edge in [&with, &without] {
        let document: serde_json::Value = get(edge, "/api/openapi.json", "").await.json().await.unwrap();
        assert_eq!(document["openapi"], "3.1.0");
    }
    assert!(get(&with, "/api/docs/", "").await.text().await.unwrap().contains("swagger"));
    assert_eq!(get(&without, "/api/docs/", "").await.status(), 404);
    with.stop().await;
    without.stop().await;
}
