//! Browsers that an administrator has signed in with before, each with a signed cookie. A known browser has its own count of
//! failed sign-ins, so that nobody can lock its administrator out. (OWASP calls this a device cookie.)

use sha2::{Digest, Sha256};

use crate::{
    auth::{hex, random::random_bytes, token::TokenKey},
    scim::compare::fold,
};

/// The purpose of the authentication code.
const PURPOSE: &str = "known browser";

/// The id of a browser that is known for one account. It is no proof of identity: the password is still needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownBrowser(String);

impl KnownBrowser {
    /// Reads the value of a cookie that was issued for this account.
    #[must_use]
    pub fn read(key: &TokenKey, email: &str, cookie: &str) -> Option<Self> {
        let (id, _) = cookie.split_once('.')?;
        let browser = Self(id.to_owned());
        // Digests are compared, so that the time reveals nothing about the code.
        (digest(&browser.cookie(key, email)) == digest(cookie)).then_some(browser)
    }

    /// A new id.
    #[must_use]
    pub fn generate() -> Self {
        Self(hex::encode(&random_bytes()[..16]))
    }

    /// The value of the cookie.
    #[must_use]
    pub fn cookie(&self, key: &TokenKey, email: &str) -> String {
        let code = key.seal(PURPOSE, &[fold(email.trim()).as_bytes(), self.0.as_bytes()]);
        format!("{}.{}", self.0, hex::encode(&code))
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_valid_for_its_account_and_key() {
        let folder = tempfile::tempdir().unwrap();
        let other_folder = tempfile::tempdir().unwrap();
        let key = TokenKey::load_or_create(folder.path()).unwrap();
        let other_key = TokenKey::load_or_create(other_folder.path()).unwrap();
        let browser = KnownBrowser::generate();
        let cookie = browser.cookie(&key, "Ana@contoso.example");
        assert_eq!(KnownBrowser::read(&key, " ana@CONTOSO.example", &cookie), Some(browser.clone()));
        assert_eq!(KnownBrowser::read(&key, "ben@contoso.example", &cookie), None);
        assert_eq!(KnownBrowser::read(&other_key, "ana@contoso.example", &cookie), None);
        for forged in
            ["", ".", browser.id(), &format!("{}.", browser.id()), &format!("x{cookie}"), &format!("{cookie}x")]
        {
            assert_eq!(KnownBrowser::read(&key, "ana@contoso.example", forged), None, "{forged}");
        }
    }
}
