//! The built front end: read once at the start, served from memory with the encodings that lie beside each file.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;

/// The page that every route of the application begins with.
const INDEX: &str = "index.html";
/// The compliance console: an application of its own.
const CONSOLE: &str = "console.html";
const CONSOLE_ROUTE: &str = "console";
/// Files under it carry a hash in their name.
const IMMUTABLE_PREFIX: &str = "assets/";
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const REVALIDATED: HeaderValue = HeaderValue::from_static("no-cache");
/// What all files may hold together: a wrong folder stops the start instead of filling the memory.
const OCTETS_MAX: usize = 128 * 1024 * 1024;

/// Files by their path below the folder, without a leading slash.
#[derive(Debug, Default)]
pub struct Assets {
    files: HashMap<String, Asset>,
}

#[derive(Debug)]
struct Asset {
    content_type: HeaderValue,
    cache: HeaderValue,
    etag: HeaderValue,
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
}

impl Assets {
    /// Reads a folder; an empty path means that there is none.
    ///
    /// # Errors
    /// The folder cannot be read, has no index, or is far too large.
    pub fn load(folder: &Path) -> anyhow::Result<Self> {
        if folder.as_os_str().is_empty() {
            return Ok(Self::default());
        }
        let mut octets = read_folder(folder).with_context(|| format!("reading {} (edge.assets)", folder.display()))?;
        anyhow::ensure!(octets.contains_key(INDEX), "there is no {INDEX} in {} (edge.assets)", folder.display());
        let paths: Vec<_> = octets.keys().filter(|path| !is_encoded(path)).cloned().collect();
        let mut files = HashMap::new();
        for path in paths {
            let (brotli, gzip) = (octets.remove(&format!("{path}.br")), octets.remove(&format!("{path}.gz")));
            if let Some(plain) = octets.remove(&path) {
                let asset = Asset::new(&path, plain, brotli, gzip)?;
                files.insert(path, asset);
            }
        }
        Ok(Self { files })
    }

    /// The file of a path, or the index for a route of the application; nothing where a file is meant that is not there.
    pub fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response> {
        let path = path.trim_start_matches('/');
        let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
        let asset = match self.files.get(path) {
            Some(asset) => asset,
            None if is_file => return None,
            None if path == CONSOLE_ROUTE => self.files.get(CONSOLE)?,
            None => self.files.get(INDEX)?,
        };
        if !matches!(*method, Method::GET | Method::HEAD) {
            return None;
        }
        Some(asset.answer(method, headers))
    }
}

impl Asset {
    fn new(path: &str, plain: Bytes, brotli: Option<Bytes>, gzip: Option<Bytes>) -> anyhow::Result<Self> {
        let hash = digest(&SHA256, &plain);
        let hash: String = hash.as_ref()[..16].iter().map(|octet| format!("{octet:02x}")).collect();
        let etag = HeaderValue::try_from(format!("\"{hash}\"")).context("an entity tag")?;
        let cache = if path.starts_with(IMMUTABLE_PREFIX) { FOREVER } else { REVALIDATED };
        Ok(Self { content_type: content_type(path), cache, etag, plain, brotli, gzip })
    }

    fn answer(&self, method: &Method, headers: &HeaderMap) -> Response {
        let common = [
            (header::CACHE_CONTROL, self.cache.clone()),
            (header::ETAG, self.etag.clone()),
            (header::VARY, HeaderValue::from_static("Accept-Encoding")),
        ];
        if headers.get(header::IF_NONE_MATCH).is_some_and(|tags| tags.as_bytes() == self.etag.as_bytes()) {
            return (StatusCode::NOT_MODIFIED, common).into_response();
        }
        let accepts = |encoding: &str| accepts(headers, encoding);
        let (octets, encoding) = match (&self.brotli, &self.gzip) {
            (Some(brotli), _) if accepts("br") => (brotli, Some("br")),
            (_, Some(gzip)) if accepts("gzip") => (gzip, Some("gzip")),
            _ => (&self.plain, None),
        };
        let body = if method == Method::HEAD { Body::empty() } else { Body::from(octets.clone()) };
        let mut response = (common, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, self.content_type.clone());
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(octets.len()));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }
}

fn read_folder(root: &Path) -> anyhow::Result<HashMap<String, Bytes>> {
    let (mut files, mut folders, mut total) = (HashMap::new(), vec![PathBuf::new()], 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(path);
            } else if let (true, Some(name)) = (kind.is_file(), path.to_str()) {
                let octets = std::fs::read(entry.path())?;
                total += octets.len();
                anyhow::ensure!(total <= OCTETS_MAX, "more than {OCTETS_MAX} octets");
                files.insert(name.to_owned(), octets.into());
            }
        }
    }
    Ok(files)
}

fn is_encoded(path: &str) -> bool {
    path.ends_with(".br") || path.ends_with(".gz")
}

fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        parts.next() == Some(encoding) && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn content_type(path: &str) -> HeaderValue {
    HeaderValue::from_static(match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    })
}
