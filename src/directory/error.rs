//! Why a change was not made.

use crate::scim::error::ScimError;
use crate::store::StoreError;

/// A SCIM error, or a failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The request is invalid.
    #[error(transparent)]
    Scim(#[from] ScimError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
