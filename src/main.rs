//! The program: runs the commands of `commands`. Without the `ssr` feature it is empty.

/// The endpoint makes many small allocations on all cores at once, which contend in the system's allocator.
#[cfg(feature = "ssr")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The portal's assets; empty in a build by cargo alone.
#[cfg(feature = "ssr")]
#[derive(rust_embed::Embed)]
#[folder = "target/site/release"]
#[allow_missing = true]
struct Site;

/// Changes with the names of the assets, so that cargo rebuilds the program.
#[cfg(feature = "ssr")]
const _: Option<&str> = option_env!("ROLLCALL_ASSETS");

/// Runs the command line.
#[cfg(feature = "ssr")]
fn main() -> std::process::ExitCode {
    rollcall::server::assets::embed::<Site>();
    rollcall::commands::run()
}

/// The browser's part is a library; an empty program lets the crate build with any feature.
#[cfg(not(feature = "ssr"))]
fn main() {}
