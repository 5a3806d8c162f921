//! Properties of filters, on random input.

use super::*;
use crate::scim::arbitrary::check;
use proptest::{
    collection::vec,
    option,
    prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof},
    prop_assert, prop_assert_eq, prop_assert_ne,
    sample::{Index, select},
};

fn path() -> BoxedStrategy<AttributePath> {
    select(
        &[
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
        ][..],
    )
    .prop_map(|text| text.parse().unwrap())
    .boxed()
}

fn literal() -> BoxedStrategy<Literal> {
    let letters = select(&["a", "\"", "\\", "é", "😀", "\n", "\u{1}", "]", ")", " or "][..]);
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        any::<u64>().prop_map(|number| Literal::Number(number.into())),
        any::<i64>().prop_map(|number| Literal::Number(number.into())),
        any::<f64>().prop_filter_map("finite", Number::from_f64).prop_map(Literal::Number),
        vec(letters, 0..6).prop_map(|letters| Literal::String(letters.concat())),
    ]
    .boxed()
}

fn test() -> BoxedStrategy<Test> {
    prop_oneof![
        1 => Just(Test::Present),
        3 => (select(&Operator::ALL[..]), literal()).prop_map(|(operator, value)| Test::Compare(operator, value)),
    ]
    .boxed()
}

fn term() -> BoxedStrategy<Filter> {
    (path(), test())
        .prop_map(|(path, test)| match test {
            Test::Present => Filter::Present(path),
            Test::Compare(operator, value) => Filter::Compare { path, operator, value },
        })
        .boxed()
}

fn nested(leaf: BoxedStrategy<Filter>) -> BoxedStrategy<Filter> {
    leaf.prop_recursive(4, 32, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Filter::And),
            vec(inner.clone(), 2..4).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
    .boxed()
}

fn filter() -> BoxedStrategy<Filter> {
    let then = option::of(test()).prop_map(|test| test.map(|test| ("value".to_owned(), test)));
    let value_path = (path(), nested(term()), then).prop_map(|(path, filter, then)| Filter::ValuePath {
        path,
        filter: Box::new(filter),
        then,
    });
    nested(prop_oneof![3 => term(), 1 => value_path].boxed())
}

/// House style 18: what can be parsed can be printed.
#[test]
fn what_is_printed_is_read_back_as_the_same_tree() {
    check(1_000, filter(), |filter| {
        let printed = filter.to_string();
        if printed.len() <= MAX_LENGTH {
            prop_assert_eq!(Filter::parse(&printed), Ok(filter), "{}", printed);
        }
        Ok(())
    });
}

/// Whatever is sent, an answer comes back, and the opposite of what matches does not match.
#[test]
fn broken_filters_are_refused_and_never_crash() {
    let signs = select(&["(", ")", "[", "]", "\"", "\\", ".", " ", "é", "\0"][..]);
    let resource = ana();
    check(1_000, (filter(), vec((any::<Index>(), 0..3, signs), 0..4)), |(filter, changes)| {
        let mut letters: Vec<char> = filter.to_string().chars().collect();
        for (at, what, sign) in changes {
            let at = at.index(letters.len() + 1);
            match what {
                0 if at < letters.len() => _ = letters.remove(at),
                1 => letters.truncate(at),
                _ => letters.splice(at..at, sign.chars()).for_each(drop),
            }
        }
        let text: String = letters.iter().collect();
        match Filter::parse(&text) {
            Ok(filter) => {
                _ = filter.check(schema::user());
                let matches = eval::matches(&filter, schema::user(), &resource);
                prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter.clone()));
                prop_assert_ne!(eval::matches(&Filter::Not(Box::new(filter)), schema::user(), &resource), matches);
            }
            Err(error) => prop_assert!(error.scim_type == Some(ScimType::InvalidFilter), "{error}"),
        }
        Ok(())
    });
}

/// RFC 7644 §3.5.2: paths of attributes, of values and of their parts.
#[test]
fn paths_are_read_back_as_they_were_printed() {
    let part = option::of(select(&["value", "$ref", "a-b_1"][..]).prop_map(str::to_owned));
    check(500, (path(), option::of(nested(term())), part), |(mut attribute, filter, part)| {
        prop_assert_eq!(attribute.to_string().parse::<AttributePath>(), Ok(attribute.clone()));
        let sub_attribute = part.filter(|_| filter.is_some());
        if filter.is_some() {
            attribute.sub_attribute = None;
        }
        let path = PatchPath { attribute, filter, sub_attribute };
        let printed = path.to_string();
        if printed.len() <= MAX_LENGTH {
            prop_assert_eq!(printed.parse::<PatchPath>(), Ok(path), "{}", printed);
        }
        Ok(())
    });
}
