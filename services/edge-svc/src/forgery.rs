//! Writes that another site's page made a browser send.
//!
//! A browser says where a request comes from: in `Sec-Fetch-Site`, older ones in `Origin`. Programs say nothing of the kind.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, Uri, header},
};

use crate::problems::{self, Problem};

const FETCH_SITE: &str = "sec-fetch-site";

/// Whether a request may be a write.
///
/// # Errors
/// It comes from a page that is not ours.
pub fn check(request: &Request) -> Result<(), Problem> {
    let allowed = is_safe(request.method()) || is_own(request.headers(), request.uri());
    if allowed { Ok(()) } else { Err(problems::cross_site()) }
}

/// Whether a method changes nothing.
pub fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a browser says that our own page sent it.
pub fn is_same_origin(headers: &HeaderMap) -> bool {
    headers.get(FETCH_SITE).is_some_and(|site| site == "same-origin")
}

fn is_own(headers: &HeaderMap, uri: &Uri) -> bool {
    if let Some(site) = headers.get(FETCH_SITE) {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let origin = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
    let origin = origin.as_ref().and_then(Uri::authority).map(|authority| authority.as_str().to_owned());
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).map(str::to_owned);
    let host = uri.authority().map(|authority| authority.as_str().to_owned()).or(host);
    origin.is_some() && origin == host
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn is_allowed(method: Method, fields: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().method(method).uri("/api/v1/auth/login").header("host", "edge.test:8443");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        check(&request.body(Body::empty()).unwrap()).is_ok()
    }

    #[test]
    fn only_our_own_page_and_programs_write() {
        for own in [
            &[][..],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
            &[("origin", "https://edge.test:8443")],
            &[("sec-fetch-site", "same-origin"), ("origin", "http://localhost:5173")],
        ] {
            assert!(is_allowed(Method::POST, own), "{own:?}");
        }
        for foreign in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "")],
            &[("origin", "https://evil.test")],
            &[("origin", "https://edge.test")],
            &[("origin", "null")],
            &[("origin", "")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://edge.test:8443")],
        ] {
            for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
                assert!(!is_allowed(method, foreign), "{foreign:?}");
            }
            assert!(is_allowed(Method::GET, foreign), "{foreign:?}");
        }
    }
}
