//! Who asks: the session behind a cookie or a bearer token, verified by auth-svc and remembered for some seconds.

mod cache;

use std::time::Instant;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use sealcast_contracts::{
    Caller,
    auth::{Session, VerifySession, VerifySessions},
    limits::BATCH_MAX,
};
use time::OffsetDateTime;

pub use self::cache::SessionCache;
use self::cache::{Asking, Use};
use crate::{
    Edge, forgery,
    limits::Budget,
    problems::{self, Problem},
};

/// The browser's cookie. `__Host-` binds it to this host, over TLS, without a domain.
pub const COOKIE: &str = "__Host-sealcast";
/// The cookie of a browser that somebody has logged in from. It tells auth-svc which limit counts, and opens nothing.
pub const DEVICE_COOKIE: &str = "__Host-sealcast-device";
const DEVICE_AGE_S: u32 = 90 * 86_400;
/// Tokens that are verified together from which on verdicts are kept only of those that are not let in: nobody else asks again so
/// soon.
const CROWD_MIN: usize = 32;
/// Characters of a token that is worth asking for.
const TOKEN_CHARS_MAX: usize = 128;

/// How the token came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    Cookie,
    Bearer,
}

/// A request with a valid session. A write by cookie is one of our own page's.
#[derive(Clone)]
pub struct Signed {
    pub session: Session,
    token: String,
    carrier: Carrier,
}

impl Signed {
    /// Who asks, for the other services.
    pub fn caller(&self) -> Caller {
        Caller::from(&self.session)
    }

    /// The bearer secret itself; never logged.
    pub fn token(&self) -> &str {
        &self.token
    }

    pub fn carrier(&self) -> Carrier {
        self.carrier
    }
}

impl FromRequestParts<Edge> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self, Problem> {
        let (token, carrier) = token_of(&parts.headers).ok_or_else(problems::session_invalid)?;
        // A cookie comes by itself: a browser too old to say whose page sends it cannot write.
        if carrier == Carrier::Cookie && !forgery::is_safe(&parts.method) && !forgery::is_same_origin(&parts.headers) {
            return Err(problems::cross_site());
        }
        let session = verify(edge, &token).await?;
        let budget = parts.extensions.get::<Budget>();
        // A session that was known at the door has paid there.
        if !budget.is_some_and(Budget::is_noted) {
            let remaining = edge.limits().take(session.user_id)?;
            budget.inspect(|budget| budget.note(remaining));
        }
        Ok(Self { session, token, carrier })
    }
}

/// The `Set-Cookie` that hands a session to a browser.
pub fn cookie(token: &str, expires_at: OffsetDateTime) -> HeaderValue {
    let age_s = (expires_at - OffsetDateTime::now_utc()).whole_seconds().max(0);
    let text = format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={age_s}");
    HeaderValue::try_from(text).unwrap_or_else(|_| expired_cookie())
}

/// The `Set-Cookie` that lets a browser be known again.
pub fn device_cookie(device: &str) -> Option<HeaderValue> {
    let text = format!("{DEVICE_COOKIE}={device}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={DEVICE_AGE_S}");
    HeaderValue::try_from(text).ok()
}

/// What a browser shows of an earlier login.
pub fn device_in(headers: &HeaderMap) -> Option<String> {
    cookie_of(headers, DEVICE_COOKIE).filter(|device| is_worth_asking(device)).map(str::to_owned)
}

/// Whether a token can be one.
pub fn is_worth_asking(token: &str) -> bool {
    !token.is_empty() && token.len() <= TOKEN_CHARS_MAX
}

/// The `Set-Cookie` that takes it away.
pub fn expired_cookie() -> HeaderValue {
    HeaderValue::from_static("__Host-sealcast=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
}

async fn verify(edge: &Edge, token: &str) -> Result<Session, Problem> {
    if let Some(session) = edge.sessions().get(token) {
        return Ok(session);
    }
    // auth-svc has not answered a moment ago: who need not wait for it does not.
    if !edge.sessions().may_ask(Instant::now())
        && let Some(session) = edge.stand_in(token)
    {
        return Ok(session);
    }
    let asked = edge.sessions().asking();
    let session = match edge.ask(&VerifySession { token: token.to_owned() }).await {
        Err(problem) if problem.is_outage() => {
            edge.sessions().went_away(Instant::now());
            return edge.stand_in(token).ok_or(problem);
        }
        answered => {
            edge.sessions().came_back();
            answered?
        }
    };
    edge.sessions().put(asked, token, &session, Use::Request);
    Ok(session)
}

/// A session, as [`verify_all`] found it.
pub struct Verified {
    pub session: Session,
    /// When auth-svc was asked for it; nothing if it was known or stands in.
    asked: Option<Asking>,
}

/// The session of each token, or why there is none: from the cache, and from auth-svc for all others together.
pub async fn verify_all(edge: &Edge, tokens: &[String]) -> Vec<Result<Verified, Problem>> {
    let sessions = edge.sessions();
    let known = |session| Verified { session, asked: None };
    let mut verdicts: Vec<_> =
        tokens.iter().map(|token| sessions.get(token).map(known).ok_or_else(problems::session_invalid)).collect();
    let mut unknown: Vec<_> = (0..tokens.len()).filter(|index| verdicts[*index].is_err() && !tokens[*index].is_empty()).collect();
    // As one by one: who need not wait for auth-svc does not.
    if !unknown.is_empty() && !sessions.may_ask(Instant::now()) {
        unknown.retain(|index| match edge.stand_in(&tokens[*index]) {
            Some(session) => {
                verdicts[*index] = Ok(known(session));
                false
            }
            None => true,
        });
    }
    for unknown in unknown.chunks(BATCH_MAX) {
        let asked = sessions.asking();
        let asking = VerifySessions { tokens: unknown.iter().map(|index| tokens[*index].clone()).collect() };
        match edge.ask(&asking).await {
            Ok(found) => {
                sessions.came_back();
                for (index, session) in unknown.iter().zip(found) {
                    let Some(session) = session else { continue };
                    let verified = Verified { session, asked: Some(asked) };
                    if tokens.len() < CROWD_MIN {
                        keep(edge, &tokens[*index], &verified);
                    }
                    verdicts[*index] = Ok(verified);
                }
            }
            Err(problem) => {
                let away = problem.is_outage();
                if away {
                    sessions.went_away(Instant::now());
                }
                for index in unknown {
                    let stands_in = if away { edge.stand_in(&tokens[*index]) } else { None };
                    verdicts[*index] = stands_in.map(known).ok_or_else(problems::unavailable);
                }
            }
        }
    }
    verdicts
}

/// Keeps what auth-svc has said of a token, for who asks again at once.
pub fn keep(edge: &Edge, token: &str, verified: &Verified) {
    if let Some(asked) = verified.asked {
        edge.sessions().put(asked, token, &verified.session, Use::Stream);
    }
}

/// The token that a request carries, if it carries one.
pub fn token_in(headers: &HeaderMap) -> Option<String> {
    token_of(headers).map(|(token, _)| token)
}

/// A bearer token stands before the cookie: a program that sends one means it.
fn token_of(headers: &HeaderMap) -> Option<(String, Carrier)> {
    let (token, carrier) = match headers.get(header::AUTHORIZATION) {
        Some(value) => {
            let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
            (scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())?, Carrier::Bearer)
        }
        None => (cookie_of(headers, COOKIE)?, Carrier::Cookie),
    };
    is_worth_asking(token).then(|| (token.to_owned(), carrier))
}

fn cookie_of<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find_map(|(name, value)| (name == wanted).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bearer_stands_before_cookie_and_other_schemes_are_nothing() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b; __Host-sealcast=crumb; c=d"));
        assert_eq!(token_of(&headers), Some(("crumb".to_owned(), Carrier::Cookie)));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("bearer token"));
        assert_eq!(token_of(&headers), Some(("token".to_owned(), Carrier::Bearer)));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic eDp5"));
        assert_eq!(token_of(&headers), None);
    }

    #[test]
    fn cookies_of_other_names_are_nothing() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("sealcast=a; x__Host-sealcast=b; __Host-sealcast="));
        assert_eq!(token_of(&headers), None);
    }
}
