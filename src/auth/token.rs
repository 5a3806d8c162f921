//! Bearer tokens: their format, and the keyed hash that is stored instead of them. A token is looked up by its hash in a unique
//! index, so that no comparison of secrets can be timed.

use std::{fmt, path::Path};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::auth::{random::random_bytes, secret_file};

/// The name of the key's file in the data folder.
pub const KEY_FILE: &str = "secret.key";
/// The prefix of every token, for people and for secret scanners.
pub const PREFIX: &str = "rollcall_scim_";
/// Base62 digits of randomness: 43 of them hold 256 bits.
const RANDOM_DIGITS: usize = 43;
/// Base62 digits of the checksum.
const CHECK_DIGITS: usize = 6;
/// Characters of a token.
pub const LENGTH: usize = PREFIX.len() + RANDOM_DIGITS + CHECK_DIGITS;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A plaintext token, as it is shown once. Its `Debug` prints nothing and it has no `Display`: call [`PlainToken::reveal`].
#[derive(Clone, PartialEq, Eq)]
pub struct PlainToken(String);

impl PlainToken {
    /// A new token of 256 random bits.
    #[must_use]
    pub fn generate() -> Self {
        let mut digits = random_bytes();
        let mut text = String::with_capacity(LENGTH);
        text.push_str(PREFIX);
        text.extend(base62(&mut digits, RANDOM_DIGITS));
        text.push_str(&checksum(&text));
        Self(text)
    }

    /// Parses a token; `None` if format or checksum are wrong, which saves a lookup.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?;
        let shaped =
            digits.len() == RANDOM_DIGITS + CHECK_DIGITS && digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let (body, check) = shaped.then(|| text.split_at(PREFIX.len() + RANDOM_DIGITS))?;
        (checksum(body) == check).then(|| Self(text.to_owned()))
    }

    /// The plaintext, to be shown once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PlainToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainToken(…)")
    }
}

/// The stored form of a token: HMAC-SHA256 with the installation's key. A copy of the database alone neither reveals tokens nor
/// allows forging one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// The installation's key, stored in a file beside the database.
#[derive(Clone)]
pub struct TokenKey([u8; 32]);

impl TokenKey {
    /// Reads the key from `secret.key` in the data folder; creates it on the first start.
    ///
    /// # Errors
    /// When the file cannot be read or created, or does not contain a key.
    pub fn load_or_create(data_dir: &Path) -> Result<Self, std::io::Error> {
        secret_file::load_or_create(&data_dir.join(KEY_FILE)).map(Self)
    }

    /// Whether the data folder has a key.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn exists(data_dir: &Path) -> Result<bool, std::io::Error> {
        data_dir.join(KEY_FILE).try_exists()
    }

    /// An authentication code for these bytes. `purpose` separates it from codes for other uses.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "HMAC takes a key of any length")]
    pub fn seal(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(purpose.as_bytes());
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// The hash under which a token is stored.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "HMAC takes a key of any length")]
    pub fn hash(&self, token: &PlainToken) -> TokenHash {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(b"rollcall token v1\0");
        mac.update(token.0.as_bytes());
        TokenHash(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(…)")
    }
}

/// The big-endian number in `bytes`, written in base 62 with `digits` digits.
fn base62(bytes: &mut [u8], digits: usize) -> impl Iterator<Item = char> + use<> {
    let mut reversed = Vec::with_capacity(digits);
    for _ in 0..digits {
        let mut remainder = 0_usize;
        for byte in bytes.iter_mut() {
            let value = remainder * 256 + usize::from(*byte);
            *byte = u8::try_from(value / 62).expect("the quotient of a number below 62 · 256 is below 256");
            remainder = value % 62;
        }
        reversed.push(char::from(ALPHABET[remainder]));
    }
    reversed.into_iter().rev()
}

/// The CRC-32 of everything before it, by which a secret scanner recognizes a token.
fn checksum(text: &str) -> String {
    base62(&mut crc32fast::hash(text.as_bytes()).to_be_bytes(), CHECK_DIGITS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_prefix_and_length_and_is_parsed() {
        let token = PlainToken::generate();
        assert!(token.reveal().starts_with(PREFIX));
        assert_eq!(token.reveal().len(), PREFIX.len() + 49);
        assert_eq!(PlainToken::parse(token.reveal()), Some(token.clone()));
        assert_ne!(PlainToken::generate(), token);
        assert_eq!(format!("{token:?}"), "PlainToken(…)");
    }

    #[track_caller]
    fn refused(text: &str) {
        assert_eq!(PlainToken::parse(text), None, "{text}");
    }

    #[test]
    fn what_cannot_be_a_token_is_rejected_without_a_lookup() {
        let good = PlainToken::generate();
        let good = good.reveal();
        refused("");
        refused("rollcall_scim_");
        refused(&good.to_lowercase());
        refused(&good[1..]);
        refused(&format!("{good}0"));
        refused(&format!("{good} "));
        let last = if good.ends_with('0') { '1' } else { '0' };
        refused(&format!("{}{last}", &good[..good.len() - 1]));
        refused(&format!("{PREFIX}{}", "ü".repeat(24)));
        refused(&format!("{PREFIX}{}ü", "a".repeat(47)));
    }

    #[test]
    fn the_hash_depends_on_the_key() {
        let token = PlainToken::generate();
        assert_eq!(TokenKey([1; 32]).hash(&token), TokenKey([1; 32]).hash(&token));
        assert_ne!(TokenKey([1; 32]).hash(&token), TokenKey([2; 32]).hash(&token));
    }

    #[test]
    fn base62_writes_the_whole_number() {
        assert_eq!(base62(&mut [0, 0, 0, 61], 2).collect::<String>(), "0z");
        assert_eq!(base62(&mut [0, 0, 0, 62], 2).collect::<String>(), "10");
        assert_eq!(base62(&mut [255; 4], 6).collect::<String>(), "4gfFC3");
    }
}
