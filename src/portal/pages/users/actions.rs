//! The server actions of a user's page.

use leptos::prelude::*;

use crate::portal::api::users::{ActivateUser, DeactivateUser, DeleteUser};

/// The actions of the page. They are created outside of the loaded content, which is rendered again after each of them.
#[derive(Clone, Copy)]
pub struct UserActions {
    /// Activates the user.
    pub activate: ServerAction<ActivateUser>,
    /// Deactivates the user.
    pub deactivate: ServerAction<DeactivateUser>,
    /// Deletes the user permanently.
    pub delete: ServerAction<DeleteUser>,
}

impl UserActions {
    /// Actions that have not run yet.
    pub fn new() -> Self {
        Self { activate: ServerAction::new(), deactivate: ServerAction::new(), delete: ServerAction::new() }
    }

    /// Changes each time the user was activated or deactivated.
    pub fn version(self) -> (usize, usize) {
        (self.activate.version().get(), self.deactivate.version().get())
    }
}
