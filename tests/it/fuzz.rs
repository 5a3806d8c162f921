//! The checks of the fuzz targets (`fuzz/`) on their seeds and on random changes of them (fixed seed). The targets
//! themselves need minutes and unstable compiler flags; their README says how to run them.

use std::{fs, path::Path};

use proptest::{
    collection::vec,
    prelude::any,
    sample::Index,
    test_runner::{Config, RngSeed, TestRunner},
};

#[path = "../../fuzz/src/lib.rs"]
mod invariants;

/// Random cases for each target.
const CASES: u32 = 400;

#[test]
fn any_filter_is_accepted_or_refused() {
    check("filter", invariants::filter);
}

#[test]
fn any_path_is_accepted_or_refused() {
    check("path", invariants::path);
}

#[test]
fn any_patch_agrees_with_the_reference_implementation_or_is_refused() {
    check("patch", invariants::patch);
}

#[test]
fn any_body_is_accepted_or_refused() {
    check("body", invariants::body);
}

fn check(target: &str, invariant: fn(&[u8])) {
    let seeds = seeds(target);
    for seed in &seeds {
        invariant(seed);
    }
    let change = (any::<Index>(), any::<Index>(), any::<u8>(), 0..5);
    let cases = (any::<Index>(), any::<Index>(), vec(change, 1..5));
    let config =
        Config { cases: CASES, rng_seed: RngSeed::Fixed(0x5eed), failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&cases, |(one, other, changes)| {
        let mut bytes = one.get(&seeds).clone();
        for (at, upto, byte, change) in changes {
            let at = at.index(bytes.len() + 1);
            let end = at + upto.index(bytes.len() - at + 1);
            let other = other.get(&seeds);
            match change {
                0 => bytes.insert(at, byte),
                1 => bytes[at..].iter_mut().take(1).for_each(|there| *there = byte),
                2 => drop(bytes.drain(at..end)),
                3 => bytes.extend_from_within(at..end),
                _ => drop(bytes.splice(at..end, other[..upto.index(other.len() + 1)].iter().copied())),
            }
        }
        invariant(&bytes);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}
