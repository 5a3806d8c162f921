//! The program: the verbs of `commands`. Without the server's feature there is nothing to run.

/// The endpoint makes and drops many small things on all cores at once; there the system's allocator makes them wait for
/// each other.
#[cfg(feature = "ssr")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Does what the command line says.
#[cfg(feature = "ssr")]
fn main() -> std::process::ExitCode {
    rollcall::commands::run()
}

/// The browser's half is a library; this stands here so that the crate builds with any feature.
#[cfg(not(feature = "ssr"))]
fn main() {}
