//! SCIM requests as Entra writes them: paths, bodies and queries. Pure functions.

pub mod create;
pub mod patch;
pub mod path;
pub mod query;
