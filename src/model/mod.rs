//! The types beside SCIM's that store, directory, endpoint and portal (browser included) share. Plain values with serde; no
//! database, no clock, no HTTP.

/// Implements `as_str`, `FromStr`, `Display` and `ALL` for an enum, with the same words in the database, in addresses and on
/// screens.
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord(text.to_owned())),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// A word that the enum does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not one of the words known here")]
pub struct UnknownWord(pub String);

pub mod account;
pub mod advice;
pub mod connection_check;
pub mod id;
pub mod journal;
pub mod page;
pub mod schema;
pub mod tenant;
pub mod token;
pub mod token_mistake;
