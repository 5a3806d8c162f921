//! What nobody thought of.

use super::*;
use crate::scim::dice::Dice;

impl Dice {
    fn path(&mut self) -> AttributePath {
        self.pick(&[
            "userName",
            "not",
            "and",
            "or",
            "pr",
            "emails.type",
            "name.$ref",
            "meta.created",
            "urn:a:b:2.0:User:x.y",
            "active",
        ])
        .parse()
        .unwrap()
    }

    fn literal(&mut self) -> Literal {
        match self.roll(6) {
            0 => Literal::Null,
            1 => Literal::Bool(self.roll(2) == 0),
            2 => Literal::Number(Number::from(self.0)),
            3 => {
                Literal::Number(Number::from_f64(f64::from(u32::try_from(self.roll(100_000)).unwrap()) / -7.0).unwrap())
            }
            _ => {
                let length = self.roll(6);
                Literal::String(
                    (0..length)
                        .map(|_| self.pick(&["a", "\"", "\\", "é", "😀", "\n", "\u{1}", "]", ")", " or "]))
                        .collect(),
                )
            }
        }
    }

    fn test(&mut self) -> Test {
        if self.roll(4) == 0 { Test::Present } else { Test::Compare(Operator::ALL[self.roll(9)], self.literal()) }
    }

    fn term(&mut self) -> Filter {
        let path = self.path();
        match self.test() {
            Test::Present => Filter::Present(path),
            Test::Compare(operator, value) => Filter::Compare { path, operator, value },
        }
    }

    fn filter(&mut self, depth: usize, in_brackets: bool) -> Filter {
        match self.roll(if depth == 0 { 3 } else { 8 }) {
            3 | 4 => Filter::And((0..2 + self.roll(2)).map(|_| self.filter(depth - 1, in_brackets)).collect()),
            5 | 6 => Filter::Or((0..2 + self.roll(2)).map(|_| self.filter(depth - 1, in_brackets)).collect()),
            7 => Filter::Not(Box::new(self.filter(depth - 1, in_brackets))),
            2 if !in_brackets => {
                let then = (self.roll(2) == 0).then(|| ("value".to_owned(), self.test()));
                Filter::ValuePath { path: self.path(), filter: Box::new(self.filter(1.min(depth), true)), then }
            }
            _ => self.term(),
        }
    }
}

/// House style 18: what can be parsed can be printed.
#[test]
fn what_is_printed_is_read_back_as_the_same_tree() {
    let mut dice = Dice(0x5eed_1234_5678_9abc);
    for _ in 0..2_000 {
        let filter = dice.filter(4, false);
        let printed = filter.to_string();
        match Filter::parse(&printed) {
            Ok(read) => assert_eq!(read, filter, "{printed}"),
            Err(error) => {
                assert!(printed.len() > MAX_LENGTH || error.detail.contains("more than"), "{printed}: {error}");
            }
        }
    }
}

/// Whatever is sent, an answer comes back.
#[test]
fn broken_filters_are_refused_and_never_crash() {
    let mut dice = Dice(0x0bad_5eed_0bad_5eed);
    let resource = ana();
    for _ in 0..3_000 {
        let mut letters: Vec<char> = dice.filter(3, false).to_string().chars().collect();
        for _ in 0..=dice.roll(3) {
            let at = dice.roll(letters.len());
            match dice.roll(3) {
                0 => _ = letters.remove(at),
                1 => letters.insert(
                    at,
                    dice.pick(&["(", ")", "[", "]", "\"", "\\", ".", " ", "é", "\0"]).chars().next().unwrap(),
                ),
                _ => letters.truncate(at),
            }
            if letters.is_empty() {
                letters.push('(');
            }
        }
        if let Ok(filter) = Filter::parse(&letters.iter().collect::<String>()) {
            _ = filter.check(schema::user());
            _ = eval::matches(&filter, schema::user(), &resource);
            assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
        }
    }
}
