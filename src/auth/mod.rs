//! Authentication: passwords and sessions of administrators, bearer tokens of identity providers. It knows nothing of HTTP.

pub mod authorization;
mod hex;
pub mod known_browser;
pub mod password;
mod random;
mod secret_file;
pub mod session;
pub mod set_up;
pub mod sign_in;
pub mod token;
