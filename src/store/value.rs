//! Values, as they are bound to placeholders and as they are read from columns, whatever the engine.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::model::id::{AccountId, EntryId, GroupId, TenantId, TokenId, UserId};
use crate::model::journal::{Action, ResourceKind, Status};
use crate::model::page::Source;
use crate::scim::time::DateTime;

/// A value. Booleans are stored as the integers 0 and 1, times as milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Value<'a> {
    Integer(i64),
    Real(f64),
    Text(Cow<'a, str>),
    Null,
    #[serde(skip)]
    Bytes(Cow<'a, [u8]>),
}

impl Value<'_> {
    pub(super) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Integer(number) => Value::Integer(number),
            Self::Real(number) => Value::Real(number),
            Self::Text(text) => Value::Text(text.into_owned().into()),
            Self::Null => Value::Null,
            Self::Bytes(bytes) => Value::Bytes(bytes.into_owned().into()),
        }
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

/// A type that can be bound to a placeholder.
pub(super) trait ToValue {
    fn to_value(&self) -> Value<'_>;
}

/// A type that can be read from a column.
pub(super) trait FromValue: Sized {
    /// # Errors
    /// Why the value is not of this type. Never shows the value, which may be a secret.
    fn from_value(value: Value<'_>) -> Result<Self, String>;
}

/// `Type: value => what is bound, what is read => value`
macro_rules! conversions {
    ($($type:ty: $value:ident => $bound:expr, $read:pat => $result:expr;)+) => {$(
        impl ToValue for $type {
            fn to_value(&self) -> Value<'_> {
                let $value = self;
                $bound
            }
        }

        impl FromValue for $type {
            fn from_value(value: Value<'_>) -> Result<Self, String> {
                match value {
                    $read => $result,
                    _ => Err(concat!("it is not of type ", stringify!($type)).to_owned()),
                }
            }
        }
    )+};
}

conversions! {
    i64: number => Value::Integer(*number), Value::Integer(number) => Ok(number);
    u64: number => Value::Integer(number.cast_signed()), Value::Integer(number) => in_range(number);
    u32: number => Value::Integer((*number).into()), Value::Integer(number) => in_range(number);
    u16: number => Value::Integer((*number).into()), Value::Integer(number) => in_range(number);
    bool: truth => Value::Integer((*truth).into()), Value::Integer(number) => Ok(number != 0);
    String: text => Value::Text(text.into()), Value::Text(text) => Ok(text.into_owned());
    DateTime: time => Value::Integer(time.as_millis()), Value::Integer(millis) => Ok(Self::from_millis(millis));
    TenantId: id => Value::Integer(id.0), Value::Integer(id) => Ok(Self(id));
    AccountId: id => Value::Integer(id.0), Value::Integer(id) => Ok(Self(id));
    EntryId: id => Value::Integer(id.0), Value::Integer(id) => Ok(Self(id));
    TokenId: id => Value::Text(id.to_string().into()), Value::Text(text) => parsed(&text);
    UserId: id => Value::Text(id.to_string().into()), Value::Text(text) => parsed(&text);
    GroupId: id => Value::Text(id.to_string().into()), Value::Text(text) => parsed(&text);
    Action: action => Value::Text(action.as_str().into()), Value::Text(text) => parsed(&text);
    Status: status => Value::Text(status.as_str().into()), Value::Text(text) => parsed(&text);
    Source: source => Value::Text(source.as_str().into()), Value::Text(text) => parsed(&text);
    ResourceKind: kind => Value::Text(kind.as_str().into()), Value::Text(text) => parsed(&text);
    Json: json => Value::Text(json.to_string().into()), Value::Text(text) => parsed(&text);
    [u8; 32]: bytes => Value::Bytes(bytes[..].into()), Value::Bytes(bytes) => hash(&bytes);
}

fn in_range<T: TryFrom<i64>>(number: i64) -> Result<T, String> {
    number.try_into().map_err(|_| "it is out of range".to_owned())
}

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|why: T::Err| why.to_string())
}

fn hash(bytes: &[u8]) -> Result<[u8; 32], String> {
    bytes.try_into().map_err(|_| format!("it has {} bytes instead of 32", bytes.len()))
}

impl ToValue for str {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self.into())
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value<'_> {
        (**self).to_value()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, T::to_value)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value<'_>) -> Result<Self, String> {
        if matches!(value, Value::Null) { Ok(None) } else { T::from_value(value).map(Some) }
    }
}

impl ToValue for Value<'_> {
    fn to_value(&self) -> Value<'_> {
        match self {
            Self::Text(text) => Value::Text((&**text).into()),
            Self::Bytes(bytes) => Value::Bytes((&**bytes).into()),
            other => other.clone(),
        }
    }
}

impl FromValue for Value<'static> {
    fn from_value(value: Value<'_>) -> Result<Self, String> {
        Ok(value.into_owned())
    }
}

/// The values of a statement's placeholders: a tuple, or a slice.
pub(super) trait ToValues {
    fn to_values(&self) -> impl AsRef<[Value<'_>]> + Send;
}

impl ToValues for &[Value<'_>] {
    fn to_values(&self) -> impl AsRef<[Value<'_>]> + Send {
        let values: &[Value<'_>] = self;
        values
    }
}

macro_rules! tuples {
    ($(($($index:tt $name:ident)*))+) => {$(
        impl<$($name: ToValue),*> ToValues for ($($name,)*) {
            fn to_values(&self) -> impl AsRef<[Value<'_>]> + Send {
                [$(self.$index.to_value()),*]
            }
        }
    )+};
}

tuples! {
    ()
    (0 A)
    (0 A 1 B)
    (0 A 1 B 2 C)
    (0 A 1 B 2 C 3 D)
    (0 A 1 B 2 C 3 D 4 E)
    (0 A 1 B 2 C 3 D 4 E 5 F)
    (0 A 1 B 2 C 3 D 4 E 5 F 6 G)
    (0 A 1 B 2 C 3 D 4 E 5 F 6 G 7 H)
}
