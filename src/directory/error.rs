//! Why a change was not made.

use crate::scim::error::ScimError;
use crate::store::StoreError;

/// A refusal in SCIM's words, or a failure below.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The request is at fault.
    #[error(transparent)]
    Scim(#[from] ScimError),
    /// The store is at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}
