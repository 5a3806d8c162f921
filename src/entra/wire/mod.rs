//! SCIM as Entra writes it: paths, bodies and queries. Pure; knows nothing of cycles or sockets.

pub mod create;
pub mod patch;
pub mod path;
pub mod query;
