//! The program: the verbs of `commands`. Without the server's feature there is nothing to run.

/// Does what the command line says.
#[cfg(feature = "ssr")]
fn main() -> std::process::ExitCode {
    rollcall::commands::run()
}

/// The browser's half is a library; this stands here so that the crate builds with any feature.
#[cfg(not(feature = "ssr"))]
fn main() {}
