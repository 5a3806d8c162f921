//! How texts are compared: by a key, so that two texts are equal when their keys are, in memory and in a database alike.

use super::{
    DateTime,
    schema::{Attribute, Kind},
};
use precis_profiles::{UsernameCaseMapped, precis_core::profile::Rules};
use serde_json::Number;
use std::borrow::Cow;

/// How a text becomes a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Neither letter case nor composition counts.
    Fold,
    /// It is a userName: by PRECIS.
    UserName,
    /// It is an instant: in UTC.
    Instant,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Fold, Self::UserName, Self::Instant];

    /// The rule for texts of that attribute; none where each is its own key.
    #[must_use]
    pub fn of(attribute: &Attribute) -> Option<Self> {
        match attribute.kind {
            Kind::DateTime => Some(Self::Instant),
            kind if attribute.case_exact || !kind.is_text() => None,
            _ if attribute.name == "userName" => Some(Self::UserName),
            _ => Some(Self::Fold),
        }
    }

    /// The key of a text.
    #[must_use]
    pub fn key(self, text: &str) -> String {
        match self {
            Self::Fold => fold(text),
            Self::UserName => user_name_key(text),
            Self::Instant => DateTime::parse(text).map_or_else(|| text.to_owned(), |instant| instant.to_string()),
        }
    }
}

/// The key of a value of that attribute: case folded unless `caseExact`, userNames by PRECIS, instants in UTC.
#[must_use]
pub fn key(attribute: &Attribute, text: &str) -> String {
    Rule::of(attribute).map_or_else(|| text.to_owned(), |rule| rule.key(text))
}

/// The number that a text is, for comparisons with an attribute that holds numbers. Entra quotes all that it looks up.
#[must_use]
pub fn number(text: &str) -> Option<Number> {
    let text = text.trim();
    text.parse::<i64>().map(Number::from).ok().or_else(|| serde_json::from_str(text).ok())
}

/// The form in which two texts are equal when they differ in letter case only (`caseExact` false), or in the composition of
/// letters and accents, which look the same: macOS decomposes `é`, Windows does not.
///
/// Lower case of upper case, letter by letter: it makes `ς` and `Σ`, `ß` and `SS` equal, as Unicode's case folding
/// does, and unlike `str::to_lowercase` the fold of a part is a part of the fold, which `co` and `sw` need (but for an
/// accent that is cut off its letter). The dotless `ı` has `I` as its capital, but is another letter than `i`. Then NFC.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            'ı' => folded.push(letter),
            _ => folded.extend(letter.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase)),
        }
    }
    match UsernameCaseMapped::new().normalization_rule(&folded) {
        Ok(Cow::Owned(normalized)) => normalized,
        Ok(Cow::Borrowed(_)) | Err(_) => folded,
    }
}

/// The form in which userNames are compared and kept apart: the mappings of PRECIS `UsernameCaseMapped` (RFC 8265 §3.3:
/// width, case, then NFC).
///
/// The profile also refuses texts, those with spaces for instance. Clients do send them, filters hold parts of
/// userNames, and RFC 7643 wants a comparison, not a check; so the mappings are applied to any text.
#[must_use]
pub fn user_name_key(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let profile = UsernameCaseMapped::new();
    profile
        .width_mapping_rule(text)
        .and_then(|text| profile.case_mapping_rule(text))
        .and_then(|text| profile.normalization_rule(text))
        .map_or_else(|_| fold(text), Into::into)
}

#[cfg(test)]
mod tests {
    use super::{fold, key, user_name_key};
    use crate::scim::schema::{self, ENTERPRISE_URN};

    /// RFC 7643 §2.2, `caseExact` false
    #[test]
    fn texts_that_differ_in_letter_case_have_one_fold() {
        for (left, right) in [
            ("ANA@Contoso.com", "ana@contoso.COM"),
            ("ΟΔΟΣ", "οδος"),
            ("Straße", "STRASSE"),
            ("Ćwikła", "ĆWIKŁA"),
            ("İ", "i\u{307}"),
            ("E\u{301}quipe", "équipe"),
            ("ǰ", "J\u{30c}"),
            ("a\u{323}\u{307}", "Ạ\u{307}"),
        ] {
            assert_eq!(fold(left), fold(right), "{left} {right}");
            assert_eq!(fold(&fold(left)), fold(left), "{left}");
        }
        for (left, right) in [("ana", "anna"), ("ısı", "isi"), ("e", "é")] {
            assert_ne!(fold(left), fold(right), "{left} {right}");
        }
    }

    /// Checklist 45
    #[test]
    fn letter_case_counts_where_the_schema_says_so() {
        for (pointer, text, expected) in [
            (&["userName"][..], "ＡNA", "ana"),
            (&["externalId"], "AbC", "AbC"),
            (&["displayName"], "Ana RUIZ", "ana ruiz"),
            (&["emails", "value"], "A@B", "a@b"),
            (&["emails", "type"], "WORK", "work"),
            (&["x509Certificates", "value"], "MiI", "MiI"),
            (&[ENTERPRISE_URN, "department"], "Sales", "sales"),
            (&[ENTERPRISE_URN, "manager", "value"], "Mm", "Mm"),
            (&["meta", "created"], "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(key(schema::user().at(pointer).unwrap(), text), expected, "{pointer:?}");
        }
    }

    #[test]
    fn the_fold_of_a_part_is_a_part_of_the_fold() {
        let whole = "ΟΔΟΣ Straße İzmir ana";
        for (at, _) in whole.char_indices() {
            assert!(fold(whole).starts_with(&fold(&whole[..at])));
            assert!(fold(whole).ends_with(&fold(&whole[at..])));
        }
    }

    /// Checklist 26, RFC 8265 §3.3
    #[test]
    fn user_names_are_compared_by_precis() {
        for (left, right) in [
            ("Ana@Contoso.com", "ana@contoso.com"),
            ("ａｎａ", "ANA"),
            ("e\u{301}va", "ÉVA"),
            ("Ana Ruiz", "ana ruiz"),
            ("é va", "É VA"),
            ("", ""),
        ] {
            assert_eq!(user_name_key(left), user_name_key(right), "{left} {right}");
        }
        assert_ne!(user_name_key("straße"), user_name_key("strasse"));
    }
}
