//! One test binary for everything that needs HTTP or a database.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod entra_fake;
mod entra_simulator;
