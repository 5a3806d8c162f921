//! The portal's WASM, script, style and icon, built by `scripts/build`, and `robots.txt`. A release build embeds them with
//! their compressed variants; a debug build reads them from a folder.

use std::{
    borrow::Cow,
    convert::Infallible,
    future::{Ready, ready},
    io::{self, Cursor},
    path::{Path, PathBuf},
    pin::Pin,
    sync::OnceLock,
    task::{Context, Poll},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header},
    middleware::{self, Next},
    response::Response,
};
use leptos::config::{Env, LeptosOptions};
use rust_embed::{Embed, EmbeddedFile};
use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
use tower::Service;
use tower_http::services::{
    ServeDir,
    fs::{Backend, File, Metadata},
};

use crate::{config::Config, portal::PageAssets};

/// The folder that a debug build reads.
const SITE_FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/site/dev");
/// For files whose name contains a hash of the content.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// For all others: browsers revalidate them by `ETag`.
const NO_CACHE: &str = "no-cache";

/// The files embedded in the program. `main` sets them, so that the library can be compiled before they are built.
static EMBEDDED: OnceLock<SiteFiles> = OnceLock::new();

#[derive(Debug)]
struct SiteFiles {
    names: Vec<Cow<'static, str>>,
    get: fn(&str) -> Option<EmbeddedFile>,
}

/// Sets what a release build serves.
pub fn embed<Site: Embed>() {
    let _set_before = EMBEDDED.set(SiteFiles { names: Site::iter().collect(), get: Site::get });
}

fn embedded(name: &str) -> Option<EmbeddedFile> {
    EMBEDDED.get().and_then(|files| (files.get)(name))
}

/// Leptos' settings. They do not name the assets: see [`page_assets`].
#[must_use]
pub fn leptos_options(config: &Config) -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("rollcall")
        .site_addr(config.addr)
        .env(if cfg!(debug_assertions) { Env::DEV } else { Env::PROD })
        .build()
}

/// Whether there are assets. Without them, as in a build by cargo alone, pages work but have no style and no script.
#[must_use]
pub fn are_embedded() -> bool {
    asset_name("wasm").is_some()
}

/// The files that a page loads.
#[must_use]
pub fn page_assets() -> PageAssets {
    static FOUND: OnceLock<PageAssets> = OnceLock::new();
    let address = |kind| format!("/{}", asset_name(kind).unwrap_or_else(|| unhashed_name(kind).into()));
    let find_all = || PageAssets { style: address("css"), script: address("js"), wasm: address("wasm") };
    FOUND.get_or_init(find_all).clone()
}

/// `pkg/rollcall.<hash>.<kind>`; without the hash in a debug build.
fn asset_name(kind: &str) -> Option<Cow<'static, str>> {
    if cfg!(debug_assertions) {
        return Path::new(SITE_FOLDER).join(unhashed_name(kind)).exists().then(|| unhashed_name(kind).into());
    }
    let is_wanted = |name: &&Cow<str>| name.starts_with("pkg/rollcall.") && name.rsplit('.').next() == Some(kind);
    EMBEDDED.get()?.names.iter().find(is_wanted).cloned()
}

fn unhashed_name(kind: &str) -> String {
    format!("pkg/rollcall.{kind}")
}

/// Serves the assets, precompressed where the client accepts that; everything else goes to `fallback`.
pub fn service<S>(fallback: S) -> Router
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send + 'static>
        + Clone
        + Send
        + Sync
        + 'static,
{
    let files = Router::new();
    let files = if cfg!(debug_assertions) {
        files.fallback_service(with_precompressed(ServeDir::new(SITE_FOLDER)).fallback(fallback))
    } else {
        files.fallback_service(
            with_precompressed(ServeDir::with_backend("", EmbeddedFiles(embedded))).fallback(fallback),
        )
    };
    files.layer(middleware::from_fn(set_cache_control))
}

fn with_precompressed<F, B: Backend>(files: ServeDir<F, B>) -> ServeDir<F, B> {
    files
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip()
        .call_fallback_on_method_not_allowed(true)
}

/// Sets `Cache-Control` on assets, which are the responses with an `ETag`.
async fn set_cache_control(request: Request, next: Next) -> Response {
    let hashed = has_hashed_name(request.uri().path());
    let mut response = next.run(request).await;
    if response.headers().contains_key(header::ETAG) {
        let kept = HeaderValue::from_static(if hashed { IMMUTABLE } else { NO_CACHE });
        response.headers_mut().insert(header::CACHE_CONTROL, kept);
    }
    response
}

fn has_hashed_name(path: &str) -> bool {
    path.strip_prefix("/pkg/").is_some_and(|name| name.matches('.').count() > 1)
}

/// The embedded files as a backend of tower-http's `ServeDir`.
#[derive(Clone, Debug)]
struct EmbeddedFiles(fn(&str) -> Option<EmbeddedFile>);

/// An embedded file that is being read.
struct OpenFile {
    bytes: Cursor<Cow<'static, [u8]>>,
    info: FileInfo,
}

#[derive(Clone, Copy)]
struct FileInfo {
    length: u64,
    modified: SystemTime,
}

impl Backend for EmbeddedFiles {
    type File = OpenFile;
    type Metadata = FileInfo;
    type OpenFuture = Ready<io::Result<OpenFile>>;
    type MetadataFuture = Ready<io::Result<FileInfo>>;

    fn open(&self, path: PathBuf) -> Self::OpenFuture {
        ready(self.read(&path))
    }

    fn metadata(&self, path: PathBuf) -> Self::MetadataFuture {
        ready(self.read(&path).map(|file| file.info))
    }
}

impl EmbeddedFiles {
    /// `path` begins with `.`, the served folder.
    fn read(&self, path: &Path) -> io::Result<OpenFile> {
        let name = path.strip_prefix(".").unwrap_or(path).to_str();
        let file = name.and_then(self.0).ok_or(io::ErrorKind::NotFound)?;
        let modified = UNIX_EPOCH + Duration::from_secs(file.metadata.last_modified().unwrap_or_default());
        let length = u64::try_from(file.data.len()).unwrap_or(u64::MAX);
        Ok(OpenFile { bytes: Cursor::new(file.data), info: FileInfo { length, modified } })
    }
}

impl File for OpenFile {
    type Metadata = FileInfo;
    type MetadataFuture<'a> = Ready<io::Result<FileInfo>>;

    fn metadata(&self) -> Self::MetadataFuture<'_> {
        ready(Ok(self.info))
    }
}

impl AsyncRead for OpenFile {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.bytes).poll_read(cx, buffer)
    }
}

impl AsyncSeek for OpenFile {
    fn start_seek(mut self: Pin<&mut Self>, position: io::SeekFrom) -> io::Result<()> {
        Pin::new(&mut self.bytes).start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Pin::new(&mut self.bytes).poll_complete(cx)
    }
}

impl Metadata for FileInfo {
    fn is_dir(&self) -> bool {
        false
    }

    fn modified(&self) -> io::Result<SystemTime> {
        Ok(self.modified)
    }

    fn len(&self) -> u64 {
        self.length
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::StatusCode};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    /// Assets that are embedded in debug builds, too.
    #[derive(Embed)]
    #[folder = "tests/it/fixtures/site"]
    struct Sample;

    /// Status, `Content-Encoding`, `Cache-Control`, `ETag` and body of the response.
    async fn ask(path: &str, header: Option<(&str, &str)>) -> (StatusCode, [String; 3], Vec<u8>) {
        let fallback = tower::service_fn(async |_| Ok(Response::new(Body::from("the portal"))));
        let files = with_precompressed(ServeDir::with_backend("", EmbeddedFiles(Sample::get))).fallback(fallback);
        let app = Router::new().fallback_service(files).layer(middleware::from_fn(set_cache_control));
        let request = header.into_iter().fold(Request::get(path), |request, (name, value)| request.header(name, value));
        let answer = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let headers = [header::CONTENT_ENCODING, header::CACHE_CONTROL, header::ETAG]
            .map(|name| answer.headers().get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned()));
        let status = answer.status();
        (status, headers, answer.into_body().collect().await.unwrap().to_bytes().to_vec())
    }

    #[tokio::test]
    async fn embedded_files_are_served_like_files_on_disk() {
        let (status, [encoding, kept, tag], plain) = ask("/pkg/rollcall.abc.js", None).await;
        assert_eq!((status, encoding.as_str(), kept.as_str()), (StatusCode::OK, "", IMMUTABLE));
        assert_eq!(plain, b"export default 1;\n");
        let (status, [_, kept, _], body) = ask("/pkg/rollcall.abc.js", Some(("if-none-match", &tag))).await;
        assert_eq!((status, kept.as_str(), body.len()), (StatusCode::NOT_MODIFIED, IMMUTABLE, 0));
        let (status, _, part) = ask("/pkg/rollcall.abc.js", Some(("range", "bytes=7-13"))).await;
        assert_eq!((status, &part[..]), (StatusCode::PARTIAL_CONTENT, &b"default"[..]));
        let (_, [encoding, ..], packed) = ask("/pkg/rollcall.abc.js", Some(("accept-encoding", "gzip, br"))).await;
        assert_eq!((encoding.as_str(), &packed[..]), ("br", &b"stands for brotli\n"[..]));
        let (_, [encoding, ..], _) = ask("/pkg/rollcall.abc.js", Some(("accept-encoding", "br;q=0, identity"))).await;
        assert_eq!(encoding, "");
        let (_, [_, kept, _], _) = ask("/robots.txt", None).await;
        assert_eq!(kept, "no-cache");
    }

    #[tokio::test]
    async fn other_paths_go_to_the_portal_and_are_not_cached() {
        for path in ["/", "/pkg", "/pkg/", "/pkg/rollcall.old.js", "/users", "/../Cargo.toml", "/pkg/%2e%2e/robots.txt"]
        {
            let (_, [_, kept, _], body) = ask(path, None).await;
            assert_eq!((kept.as_str(), &body[..]), ("", &b"the portal"[..]), "{path}");
        }
    }
}
