//! The strict engine: operations on a document, all or nothing.

use super::{Options, PatchRequest};
use crate::scim::{Document, Incoming, ResourceType, ScimError};

/// The document after all operations, or the first refusal. `id` is the resource's own: a path-less value may repeat it.
pub fn apply(
    _resource_type: &ResourceType,
    _id: &str,
    _document: &Document,
    _request: &PatchRequest,
    _options: Options,
) -> Result<Incoming, ScimError> {
    todo!()
}
