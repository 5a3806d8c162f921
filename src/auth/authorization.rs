//! The `Authorization` header of an identity provider: a bearer token, or one that was pasted wrongly, so that the
//! administrator can be told what to correct.

use crate::{
    auth::token::{LENGTH, PREFIX, PlainToken},
    model::token_mistake::TokenMistake,
};

/// The value of an `Authorization` header.
#[derive(Debug, PartialEq, Eq)]
pub enum Authorization {
    /// RFC 6750 §2.1: `Bearer <token>`.
    Bearer(PlainToken),
    /// A whole token in a wrong form.
    Malformed(PlainToken, TokenMistake),
    /// The remains of a token.
    Damaged(TokenMistake),
    /// Anything else.
    Other,
}

impl Authorization {
    /// Reads the values of all `Authorization` headers of a request.
    pub fn read<'h>(headers: impl IntoIterator<Item = &'h [u8]>) -> Self {
        let mut values = headers.into_iter();
        let first = values.next().map_or(Self::Other, read_one);
        match (first, values.next()) {
            (first, None) => first,
            (Self::Bearer(token) | Self::Malformed(token, _), Some(_)) => {
                Self::Malformed(token, TokenMistake::HeaderTwice)
            }
            _ => Self::Other,
        }
    }
}

/// RFC 9110 §11.1: the scheme's letter case does not count.
fn read_one(value: &[u8]) -> Authorization {
    let text = String::from_utf8_lossy(value);
    let text = text.trim_matches([' ', '\t']);
    if let Some((scheme, token)) = text.split_once(' ')
        && scheme.eq_ignore_ascii_case("bearer")
        && let Some(token) = PlainToken::parse(token.trim_matches([' ', '\t']))
    {
        return Authorization::Bearer(token);
    }
    let Some(start) = text.find(PREFIX) else {
        return without_start(text);
    };
    let (before, rest) = text.split_at(start);
    if let Some(token) = rest.get(..LENGTH).and_then(PlainToken::parse) {
        return Authorization::Malformed(token, mistake_around(before, &rest[LENGTH..]));
    }
    let joined = without_breaks(rest);
    if let Some(token) = joined.get(..LENGTH).and_then(PlainToken::parse) {
        return Authorization::Malformed(token, TokenMistake::Broken);
    }
    let remains = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    Authorization::Damaged(if remains < LENGTH { TokenMistake::Cut } else { TokenMistake::Altered })
}

/// A token of which only a part of the prefix is missing: the checksum covers the prefix.
fn without_start(text: &str) -> Authorization {
    let digits = LENGTH - PREFIX.len();
    let text = text.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
    let end = text.len().checked_sub(digits).and_then(|start| text.get(start..));
    match end.and_then(|end| PlainToken::parse(&format!("{PREFIX}{end}"))) {
        Some(token) => Authorization::Malformed(token, TokenMistake::StartMissing),
        None => Authorization::Other,
    }
}

/// What is wrong with the text around a whole token, the worst first.
fn mistake_around(before: &str, after: &str) -> TokenMistake {
    const BREAKS: [&str; 6] = ["\n", "\r", "\\n", "\\r", "%0a", "%0d"];
    const QUOTES: [&str; 12] = ["\"", "'", "`", "“", "”", "„", "‘", "’", "‚", "«", "»", "%22"];
    let around = format!("{before} {after}").to_ascii_lowercase();
    let has_one_of = |texts: &[&str]| texts.iter().any(|text| around.contains(text));
    if has_one_of(&BREAKS) {
        return TokenMistake::LineBreak;
    }
    if has_one_of(&QUOTES) {
        return TokenMistake::Quoted;
    }
    let all_blank = |text: &str| text.chars().all(is_blank);
    let words: Vec<&str> =
        before.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|it| !it.is_empty()).collect();
    let bearers = words.iter().filter(|word| word.eq_ignore_ascii_case("bearer")).count();
    match (words.len(), bearers) {
        (0, _) if all_blank(before) => TokenMistake::NoScheme,
        (2.., bearers) if bearers == words.len() => TokenMistake::SchemeTwice,
        (1, 1) if !all_blank(after) => TokenMistake::Surrounded,
        (1, 1) if before.get("bearer".len()..).is_some_and(all_blank) => TokenMistake::OddBlank,
        (1, 1) if before.contains(['<', '(', '[', '{']) => TokenMistake::Surrounded,
        _ => TokenMistake::OtherScheme,
    }
}

/// What looks like nothing on a screen.
fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

fn without_breaks(text: &str) -> String {
    text.replace("\\r", "").replace("\\n", "").chars().filter(|letter| !is_blank(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Authorization {
        Authorization::read([header.as_bytes()])
    }

    #[test]
    fn a_bearer_token_is_read_in_any_letter_case_and_with_blanks_around_it() {
        let token = PlainToken::generate();
        let text = token.reveal();
        for sent in [format!("Bearer {text}"), format!("bEARER   {text} "), format!("Bearer \t{text}")] {
            assert_eq!(read(&sent), Authorization::Bearer(token.clone()));
        }
    }

    #[test]
    fn a_header_sent_twice_is_malformed() {
        let token = PlainToken::generate();
        let header = format!("Bearer {}", token.reveal());
        let twice = Authorization::read([header.as_bytes(), header.as_bytes()]);
        assert_eq!(twice, Authorization::Malformed(token, TokenMistake::HeaderTwice));
    }

    #[test]
    fn what_has_no_token_in_it_is_neither_malformed_nor_damaged() {
        for sent in ["", "Bearer", "Bearer x", "Basic dXNlcjpwYXNz", &format!("Bearer {}", "a".repeat(200)), "Bearer ü"]
        {
            assert_eq!(read(sent), Authorization::Other, "{sent}");
        }
        assert_eq!(Authorization::read([]), Authorization::Other);
        assert_eq!(Authorization::read([&b"Bearer \xff\xfe"[..]]), Authorization::Other);
    }

    #[test]
    fn remains_of_a_token_are_damaged() {
        for sent in ["Bearer rollcall_scim_", "rollcall_scim_üüü", "Bearer rollcall_scim_abc \"def"] {
            assert_eq!(read(sent), Authorization::Damaged(TokenMistake::Cut), "{sent}");
        }
        let altered = format!("Bearer {PREFIX}{}", "a".repeat(49));
        assert_eq!(read(&altered), Authorization::Damaged(TokenMistake::Altered));
    }
}
