//! The portal's WASM, script and style: where they lie, what they are called, how long a browser keeps them.

use std::{
    env,
    path::{Path, PathBuf},
};

use axum::{
    Router,
    http::{HeaderValue, header},
};
use leptos::config::{Env, LeptosOptions};
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

use crate::config::Config;

/// Where the built assets are mounted.
pub const PREFIX: &str = "/pkg";
const HASHES: &str = "hash.txt";

/// Leptos' own settings, made of ours: under `cargo leptos` and as a bare program alike.
///
/// cargo-leptos writes the hashes in the assets' names to a file beside the program. They are used only where the assets
/// bear them: a program without its assets, or beside those of another build, still serves pages that work without script.
#[must_use]
pub fn leptos_options(config: &Config) -> LeptosOptions {
    let program = env::current_exe().ok();
    let folder = program.as_deref().and_then(Path::parent).unwrap_or(Path::new("."));
    let site = config.site_dir.clone().unwrap_or_else(|| site_dir(folder));
    let hash_file = folder.join(HASHES);
    let listed = std::fs::read_to_string(&hash_file).unwrap_or_default();
    let hashed = bear_hashes(&site, &listed);
    if !hashed && !site.join("pkg/rollcall.js").exists() {
        tracing::warn!(
            site = %site.display(),
            "The portal's assets are not in {}: its pages will be plain. Set ROLLCALL_SITE_DIR, or build them with cargo-leptos",
            site.display()
        );
    }
    LeptosOptions::builder()
        .output_name("rollcall")
        .site_root(&*site.to_string_lossy())
        .site_pkg_dir("pkg")
        .site_addr(config.addr)
        .env(if cfg!(debug_assertions) { Env::DEV } else { Env::PROD })
        .hash_file(hash_file.to_string_lossy().into())
        .hash_files(hashed)
        .build()
}

/// The assets, compressed ahead where the build did so. Names with a hash never change their content.
pub fn service(options: &LeptosOptions) -> Router {
    let folder = Path::new(&*options.site_root).join(&*options.site_pkg_dir);
    let lasting = if options.hash_files { "public, max-age=31536000, immutable" } else { "no-cache" };
    let cache = SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static(lasting));
    let files = ServeDir::new(folder).append_index_html_on_directories(false).precompressed_br().precompressed_gzip();
    Router::new().fallback_service(files).layer(cache)
}

/// Beside an installed program; else in the build's folder; else where cargo-leptos says, under `cargo leptos`.
fn site_dir(beside: &Path) -> PathBuf {
    if let Some(told) = env::var_os("LEPTOS_SITE_ROOT") {
        return told.into();
    }
    let places = [beside.join("site"), beside.join("../site")];
    places.into_iter().find(|place| place.is_dir()).unwrap_or_else(|| PathBuf::from("target/site"))
}

/// Whether the script in `site` bears the hash that `hashes` has for it.
fn bear_hashes(site: &Path, hashes: &str) -> bool {
    let script = hashes.lines().filter_map(|line| line.split_once(':')).find(|(kind, _)| kind.trim() == "js");
    script.is_some_and(|(_, hash)| site.join(format!("pkg/rollcall.{}.js", hash.trim())).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_count_only_where_the_assets_bear_them() {
        let site = tempfile::tempdir().unwrap();
        std::fs::create_dir(site.path().join("pkg")).unwrap();
        std::fs::write(site.path().join("pkg/rollcall.abc.js"), "").unwrap();
        assert!(bear_hashes(site.path(), "css: x\njs: abc\nwasm: y\n"));
        assert!(!bear_hashes(site.path(), "js: other"));
        assert!(!bear_hashes(site.path(), ""));
    }
}
