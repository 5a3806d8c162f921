//! From text to tree, by recursive descent along the grammar of RFC 7644 §3.4.2.2. Depth and number of terms are
//! limited, so no text can exhaust the stack, here or in anything that walks the tree later.

use super::{Filter, Literal, MAX_DEPTH, MAX_TERMS, Operator, Test};
use crate::scim::{AttributePath, ScimError};
use serde_json::Number;

type Parsed<T> = Result<T, ScimError>;

/// The text that is still to be read, and how much has been read.
pub(in crate::scim) struct Parser<'a> {
    rest: &'a str,
    depth: usize,
    terms: usize,
}

impl<'a> Parser<'a> {
    pub(in crate::scim) fn new(text: &'a str) -> Self {
        Self { rest: text, depth: 0, terms: 0 }
    }

    pub(super) fn whole_filter(&mut self) -> Parsed<Filter> {
        let filter = self.filter(&Self::term)?;
        match self.rest {
            "" => Ok(filter),
            rest => Err(refused(format!("nothing was expected at {}", excerpt(rest)))),
        }
    }

    /// The filter between `[` and `]`; the bracket is the next thing to read.
    pub(in crate::scim) fn bracketed(&mut self) -> Parsed<Filter> {
        self.nested(&Self::simple_term, '[', ']')
    }

    /// What has not been read yet.
    pub(in crate::scim) fn rest(&self) -> &'a str {
        self.rest
    }

    /// Precedence (§3.4.2.2): "1. Grouping operators 2. Logical operators - where 'not' takes precedence over 'and',
    /// which takes precedence over 'or' 3. Attribute operators".
    fn filter(&mut self, term: &dyn Fn(&mut Self) -> Parsed<Filter>) -> Parsed<Filter> {
        self.chain("or", Filter::Or, &|parser| parser.chain("and", Filter::And, &|parser| parser.factor(term)))
    }

    fn chain(
        &mut self,
        word: &str,
        joined: fn(Vec<Filter>) -> Filter,
        next: &dyn Fn(&mut Self) -> Parsed<Filter>,
    ) -> Parsed<Filter> {
        let first = next(self)?;
        if !self.take_word(word) {
            return Ok(first);
        }
        let mut terms = vec![first, next(self)?];
        while self.take_word(word) {
            terms.push(next(self)?);
        }
        Ok(joined(terms))
    }

    fn factor(&mut self, term: &dyn Fn(&mut Self) -> Parsed<Filter>) -> Parsed<Filter> {
        self.skip_space();
        if self.rest.starts_with('(') {
            return self.nested(term, '(', ')');
        }
        let before = self.rest;
        if self.take_word("not") {
            self.skip_space();
            if self.rest.starts_with('(') {
                return Ok(Filter::Not(Box::new(self.nested(term, '(', ')')?)));
            }
            self.rest = before;
        }
        term(self)
    }

    fn nested(&mut self, term: &dyn Fn(&mut Self) -> Parsed<Filter>, open: char, close: char) -> Parsed<Filter> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(refused(format!("its brackets are nested more than {MAX_DEPTH} deep")));
        }
        self.rest = self.rest.strip_prefix(open).unwrap_or(self.rest);
        let filter = self.filter(term)?;
        self.skip_space();
        let Some(rest) = self.rest.strip_prefix(close) else {
            return Err(refused(format!("`{close}` was expected at {}", excerpt(self.rest))));
        };
        self.rest = rest;
        self.depth -= 1;
        Ok(filter)
    }

    /// `attrPath test` or `attrPath[filter]`, the latter perhaps with `.sub test` behind it, as Entra has it.
    fn term(&mut self) -> Parsed<Filter> {
        let path = self.path()?;
        if !self.rest.starts_with('[') {
            return self.tested(path);
        }
        let filter = Box::new(self.bracketed()?);
        let then = match self.rest.strip_prefix('.') {
            None => None,
            Some(rest) => {
                self.rest = rest;
                let sub_attribute = self.path()?;
                if sub_attribute.urn.is_some() || sub_attribute.sub_attribute.is_some() {
                    return Err(refused(format!("`{sub_attribute}` is not the name of a sub-attribute")));
                }
                Some((sub_attribute.attribute, self.test()?))
            }
        };
        Ok(Filter::ValuePath { path, filter, then })
    }

    /// A term inside `[ ]`, where the grammar has no further `[ ]`.
    fn simple_term(&mut self) -> Parsed<Filter> {
        let path = self.path()?;
        if self.rest.starts_with('[') {
            return Err(refused("`[` cannot be used inside `[ ]`"));
        }
        self.tested(path)
    }

    fn tested(&mut self, path: AttributePath) -> Parsed<Filter> {
        Ok(match self.test()? {
            Test::Present => Filter::Present(path),
            Test::Compare(operator, value) => Filter::Compare { path, operator, value },
        })
    }

    fn path(&mut self) -> Parsed<AttributePath> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(refused(format!("it has more than {MAX_TERMS} comparisons")));
        }
        self.skip_space();
        let word = self.take_while(|letter| !letter.is_ascii_whitespace() && !"[]()\"".contains(letter));
        word.parse().map_err(|_| match word {
            "" => refused(format!("the name of an attribute was expected at {}", excerpt(self.rest))),
            _ => refused(format!("`{word}` is not the name of an attribute")),
        })
    }

    fn test(&mut self) -> Parsed<Test> {
        self.skip_space();
        let word = self.take_while(|letter| letter.is_ascii_alphanumeric());
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Test::Present);
        }
        let operator = Operator::ALL.into_iter().find(|operator| word.eq_ignore_ascii_case(operator.as_str()));
        match (operator, word) {
            (Some(operator), _) => Ok(Test::Compare(operator, self.literal()?)),
            (None, "") => Err(refused(format!("an operator such as `eq` was expected at {}", excerpt(self.rest)))),
            (None, _) => Err(refused(format!("`{word}` is not an operator"))),
        }
    }

    /// `compValue = false / null / true / number / string`, as in JSON. The letter case of the words is free, like that
    /// of every word of the language.
    fn literal(&mut self) -> Parsed<Literal> {
        self.skip_space();
        if self.rest.starts_with('"') {
            return self.string().map(Literal::String);
        }
        let word = self.take_while(|letter| letter.is_ascii_alphanumeric() || "+-._".contains(letter));
        match word.to_ascii_lowercase().as_str() {
            "" => Err(refused(format!("a value was expected at {}", excerpt(self.rest)))),
            "true" => Ok(Literal::Bool(true)),
            "false" => Ok(Literal::Bool(false)),
            "null" => Ok(Literal::Null),
            _ => number(word)
                .map(Literal::Number)
                .ok_or_else(|| refused(format!("`{word}` is not a value; texts are written in double quotes"))),
        }
    }

    fn string(&mut self) -> Parsed<String> {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find_map(|(at, letter)| {
            let ends = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            ends.then_some(at + 1)
        });
        let end = end.ok_or_else(|| refused(format!("the text {} has no end", excerpt(self.rest))))?;
        let (literal, rest) = self.rest.split_at(end);
        self.rest = rest;
        let text: String =
            serde_json::from_str(literal).map_err(|_| refused(format!("{} is not a JSON text", excerpt(literal))))?;
        if text.contains('\0') { Err(refused("a text may not hold the character U+0000")) } else { Ok(text) }
    }

    /// Reads the word if it comes next, as a whole word.
    fn take_word(&mut self, word: &str) -> bool {
        let before = self.rest;
        self.skip_space();
        let next = self.take_while(|letter| !letter.is_ascii_whitespace() && !"[]()\"".contains(letter));
        let taken = next.eq_ignore_ascii_case(word);
        if !taken {
            self.rest = before;
            self.skip_space();
        }
        taken
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let (taken, rest) = self.rest.split_at(self.rest.find(|letter| !wanted(letter)).unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }
}

/// `serde_json` decides whether it is a number; the standard library reads fractions exactly.
fn number(word: &str) -> Option<Number> {
    let number: Number = serde_json::from_str(word).ok()?;
    if number.is_f64() { Number::from_f64(word.parse().ok()?) } else { Some(number) }
}

fn refused(why: impl std::fmt::Display) -> ScimError {
    ScimError::invalid_filter(format!("The filter cannot be read: {why}."))
}

fn excerpt(text: &str) -> String {
    let mut letters = text.chars();
    let start: String = letters.by_ref().take(20).collect();
    match (start.is_empty(), letters.next()) {
        (true, _) => "its end".to_owned(),
        (_, None) => format!("`{start}`"),
        (_, Some(_)) => format!("`{start}…`"),
    }
}
