//! The audit log as static files (C2SP tlog-tiles) below `/log`: for everybody, and for every cache on the way.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use sealcast_contracts::audit::{GetCheckpoint, GetTile};
use tokio::sync::Semaphore;

use crate::{
    Edge,
    problems::{self, Problem},
};

/// Where the log lies; the checkpoint and the tiles are below it.
pub const PREFIX: &str = "/log/";
const TILES: &str = "/log/tile/";
/// Nobody logs in to read the log, so nobody's budget bounds it: so many questions to audit-svc at the same time do.
const QUESTIONS_MAX: usize = 8;
/// Full tiles kept in memory, of 8 KiB each.
const TILES_CACHED_MAX: usize = 1_024;

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// A partial tile's octets never change either, but the full one takes its place.
const A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");
/// At most one checkpoint comes in this time.
const A_SECOND: HeaderValue = HeaderValue::from_static("public, max-age=1");
const NOTE: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const TILE: HeaderValue = HeaderValue::from_static("application/octet-stream");
/// Monitors may be pages of somebody else's.
const FOR_ALL: (HeaderName, HeaderValue) = (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));

#[derive(Clone)]
struct Log {
    edge: Edge,
    places: Arc<Semaphore>,
    tiles: Arc<Mutex<Tiles>>,
}

/// The last full tiles that were asked for.
#[derive(Debug, Default)]
struct Tiles {
    by_path: HashMap<String, Bytes>,
    /// Oldest first; the first one goes when there are too many.
    order: VecDeque<String>,
}

/// The files of the log.
pub fn router(edge: Edge) -> Router<Edge> {
    let log = Log { edge, places: Arc::new(Semaphore::new(QUESTIONS_MAX)), tiles: Arc::default() };
    Router::new()
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/tile/{*path}", get(tile))
        .method_not_allowed_fallback(async || problems::method_not_allowed())
        .with_state(log)
}

/// The newest checkpoint that the witnesses have cosigned, as one note; without witnesses the newest.
async fn checkpoint(State(log): State<Log>) -> Result<Response, Problem> {
    let _place = log.place()?;
    let checkpoint = log.edge.ask(&GetCheckpoint { witnessed: true }).await?;
    let lines = checkpoint.cosignatures.into_iter().map(|cosignature| format!("{}\n", cosignature.line.trim_end()));
    let note: String = std::iter::once(checkpoint.note).chain(lines).collect();
    Ok(([(header::CONTENT_TYPE, NOTE), (header::CACHE_CONTROL, A_SECOND), FOR_ALL], note).into_response())
}

async fn tile(State(log): State<Log>, uri: Uri) -> Result<Response, Problem> {
    // Digits, letters, dots and slashes: nothing that is written in percent names a tile.
    let path = uri.path().strip_prefix(TILES).ok_or_else(problems::not_found)?.to_owned();
    if let Some(octets) = log.cached(&path) {
        return Ok(file(octets, FOREVER));
    }
    let _place = log.place()?;
    let tile = log.edge.ask(&GetTile { path: path.clone() }).await?;
    let octets = Bytes::from(tile.octets.0);
    if !tile.full {
        return Ok(file(octets, A_DAY));
    }
    log.keep(path, octets.clone());
    Ok(file(octets, FOREVER))
}

impl Log {
    fn place(&self) -> Result<tokio::sync::SemaphorePermit<'_>, Problem> {
        self.places.try_acquire().map_err(|_| problems::unavailable().rejected())
    }

    fn cached(&self, path: &str) -> Option<Bytes> {
        self.tiles.lock().unwrap_or_else(PoisonError::into_inner).by_path.get(path).cloned()
    }

    fn keep(&self, path: String, octets: Bytes) {
        let mut tiles = self.tiles.lock().unwrap_or_else(PoisonError::into_inner);
        if tiles.by_path.insert(path.clone(), octets).is_some() {
            return;
        }
        tiles.order.push_back(path);
        if tiles.order.len() > TILES_CACHED_MAX
            && let Some(oldest) = tiles.order.pop_front()
        {
            tiles.by_path.remove(&oldest);
        }
    }
}

fn file(octets: Bytes, cache: HeaderValue) -> Response {
    ([(header::CONTENT_TYPE, TILE), (header::CACHE_CONTROL, cache), FOR_ALL], octets).into_response()
}
