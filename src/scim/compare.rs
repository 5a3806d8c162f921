//! How texts are compared: by a key, so that two texts are equal when their keys are, in memory and in a database alike.

use super::{
    DateTime,
    schema::{Attribute, Kind},
};
use precis_profiles::{UsernameCaseMapped, precis_core::profile::Rules};

/// The key of a value of that attribute: case folded unless `caseExact`, userNames by PRECIS, instants in UTC.
#[must_use]
pub fn key(attribute: &Attribute, text: &str) -> String {
    match attribute.kind {
        Kind::DateTime => DateTime::parse(text).map_or_else(|| text.to_owned(), |instant| instant.to_string()),
        _ if attribute.case_exact => text.to_owned(),
        _ if attribute.name == "userName" => user_name_key(text),
        _ => fold(text),
    }
}

/// The form in which two texts are equal when they differ in letter case only (`caseExact` false).
///
/// Lower case of upper case, letter by letter: it makes `ς` and `Σ`, `ß` and `SS` equal, as Unicode's case folding
/// does, and unlike `str::to_lowercase` the fold of a part is a part of the fold, which `co` and `sw` need. The dotless
/// `ı` has `I` as its capital, but is another letter than `i`.
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
    folded
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
    use super::{fold, user_name_key};

    /// RFC 7643 §2.2, `caseExact` false
    #[test]
    fn texts_that_differ_in_letter_case_have_one_fold() {
        for (left, right) in [
            ("ANA@Contoso.com", "ana@contoso.COM"),
            ("ΟΔΟΣ", "οδος"),
            ("Straße", "STRASSE"),
            ("Ćwikła", "ĆWIKŁA"),
            ("İ", "i\u{307}"),
        ] {
            assert_eq!(fold(left), fold(right), "{left} {right}");
        }
        for (left, right) in [("ana", "anna"), ("ısı", "isi"), ("e", "é")] {
            assert_ne!(fold(left), fold(right), "{left} {right}");
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
