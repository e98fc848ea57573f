//! The router: operations, document, front end, and a problem for everything else.

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderValue, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use sealcast_contracts::limits::REST_BODY_OCTETS_MAX;
use utoipa_swagger_ui::SwaggerUi;

use crate::{Edge, api, assets::Assets, front, log, problems};

const DOCUMENT: &str = "/api/openapi.json";
const DOCS: &str = "/api/docs";

/// Everything that the public port answers.
pub fn router(edge: Edge, assets: Assets) -> Router {
    let (operations, _) = api::operations().split_for_parts();
    let assets = Arc::new(assets);
    let mut router = operations
        .method_not_allowed_fallback(async || problems::method_not_allowed())
        .layer(DefaultBodyLimit::max(REST_BODY_OCTETS_MAX));
    router = if edge.config().docs {
        router.merge(SwaggerUi::new(DOCS).url(DOCUMENT, api::document::complete()))
    } else {
        let document: Arc<str> = api::document::to_json().into();
        router.route(
            DOCUMENT,
            get(async move || ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], document.to_string())),
        )
    };
    router
        .merge(log::router(edge.clone()))
        .fallback(move |request: Request| std::future::ready(elsewhere(&assets, &request)))
        .layer(middleware::from_fn_with_state(edge.clone(), front::surround))
        .with_state(edge)
}

/// A path that is no operation: the front end's, or nothing.
fn elsewhere(assets: &Assets, request: &Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") || path.starts_with(log::PREFIX) {
        return problems::not_found().into_response();
    }
    assets.answer(request.method(), path, request.headers()).unwrap_or_else(|| problems::not_found().into_response())
}
