//! The program: the verbs of `commands`. Without the server's feature there is nothing to run.

/// The endpoint makes and drops many small things on all cores at once; there the system's allocator makes them wait for
/// each other.
#[cfg(feature = "ssr")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The portal's assets; none in a program that cargo alone has built.
#[cfg(feature = "ssr")]
#[derive(rust_embed::Embed)]
#[folder = "target/site/release"]
#[allow_missing = true]
struct Site;

/// Changes with the names of the assets, so that cargo builds the program anew.
#[cfg(feature = "ssr")]
const _: Option<&str> = option_env!("ROLLCALL_ASSETS");

/// Does what the command line says.
#[cfg(feature = "ssr")]
fn main() -> std::process::ExitCode {
    rollcall::server::assets::embed::<Site>();
    rollcall::commands::run()
}

/// The browser's half is a library; this stands here so that the crate builds with any feature.
#[cfg(not(feature = "ssr"))]
fn main() {}
