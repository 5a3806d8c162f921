//! Everything with HTTP or a database, in one test binary: the real router, a fresh SQLite file, a fixed clock.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

mod backup;
mod check;
mod check_faults;
mod clock_jumps;
mod commands;
mod directory;
mod entra;
mod entra_aside;
mod entra_contoso;
mod entra_fake;
mod entra_simulator;
mod entra_tenant;
mod fuzz;
mod isolation;
mod journal;
mod metrics;
mod migrations;
mod openapi;
mod operations;
mod portal_groups;
mod portal_security;
mod rfc7643_resources;
mod rfc7644_bulk;
mod rfc7644_create;
mod rfc7644_delete;
mod rfc7644_discovery;
mod rfc7644_errors;
mod rfc7644_filter;
mod rfc7644_groups;
mod rfc7644_list;
mod rfc7644_patch;
mod rfc7644_read;
mod rfc7644_replace;
mod rfc7644_sort;
mod rfc7644_transport;
mod rfc7644_versions;
mod rfc9865_cursor;
mod store;
mod suite_gallery;
mod suite_microsoft_validator;
mod suite_okta;
mod tidy;
mod tokens;
