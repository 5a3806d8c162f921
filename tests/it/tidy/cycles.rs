//! Files do not import each other in cycles.
//!
//! A file imports what its `use` lines and its `crate::` and `super::` paths name, outside tests. A name that a folder's
//! `mod.rs` re-exports counts as an import of the file that defines it. A file below a `mod.rs` may use what that `mod.rs`
//! defines.

use std::{
    collections::{BTreeMap, BTreeSet},
    iter::Peekable,
    vec::IntoIter,
};

use super::sources;

/// The segments of a path below `crate`.
type ModulePath = Vec<String>;
type Tokens = Peekable<IntoIter<String>>;

#[test]
fn files_do_not_import_each_other_in_cycles() {
    let files = sources().into_iter().filter(|(path, _)| !path.contains("/tests/") && !path.ends_with("/tests.rs"));
    let cycles = cycles(&files.collect::<Vec<_>>());
    assert!(cycles.is_empty(), "{}", cycles.join("\n"));
}

#[test]
fn cycles_are_found_through_every_kind_of_path() {
    let check = |files: &[(&str, &str)], expected: &[&str]| {
        let files = files.iter().map(|(path, code)| (format!("src/{path}.rs"), (*code).to_owned()));
        assert_eq!(cycles(&files.collect::<Vec<_>>()), expected);
    };
    check(&[("a", "use crate::b::{C, d::{E, F}};"), ("b", "fn f() -> super::a::G {}")], &["a, b"]);
    check(&[("a", "use crate::b;"), ("b", "use crate::c;"), ("c", "fn f() { crate::a::g() }")], &["a, b, c"]);
    check(&[("a", "use crate::b;"), ("b", "// use crate::a;\nconst D: &str = \"crate::a\";")], &[]);
    check(
        &[("a", "use crate::b;"), ("b", "/* crate::a */ const C: char = '\"'; fn f<'a>() { crate::a::g() }")],
        &["a, b"],
    );
    // A child uses its parent; a parent that also uses the child is no cycle.
    check(&[("a/mod", "mod b; use b::C; pub struct D;"), ("a/b", "use super::D;")], &[]);
    // Two children that meet in what their parent re-exports.
    let parent = ("a/mod", "pub use b::B; pub(crate) use self::c::{C as Renamed};");
    check(&[parent, ("a/b", "use crate::a::Renamed;"), ("a/c", "use super::B;")], &["a::b, a::c"]);
    check(&[parent, ("a/b", "use crate::a::Renamed;"), ("a/c", "use super::D;")], &[]);
}

/// Every group of files that import each other, directly or through others of the group.
fn cycles(files: &[(String, String)]) -> Vec<String> {
    let modules: BTreeMap<ModulePath, Module> =
        files.iter().map(|(path, code)| (module_path(path), Module::parse(path, code))).collect();
    let imports: BTreeMap<&ModulePath, BTreeSet<&ModulePath>> =
        modules.keys().map(|module| (module, imports(module, &modules))).collect();
    let reachable: BTreeMap<_, _> = imports.keys().map(|module| (*module, reachable(module, &imports))).collect();
    let cycles: BTreeSet<String> = reachable
        .iter()
        .filter(|(module, targets)| targets.contains(*module))
        .map(|(module, targets)| {
            let group = targets.iter().filter(|target| reachable[*target].contains(module));
            group.map(|target| target.join("::")).collect::<Vec<_>>().join(", ")
        })
        .collect();
    cycles.into_iter().collect()
}

/// What can be reached from `start` by one import or more.
fn reachable<'a>(
    start: &'a ModulePath,
    imports: &BTreeMap<&'a ModulePath, BTreeSet<&'a ModulePath>>,
) -> BTreeSet<&'a ModulePath> {
    let mut found = BTreeSet::new();
    let mut pending = vec![start];
    while let Some(module) = pending.pop() {
        pending.extend(imports[module].iter().filter(|target| found.insert(**target)));
    }
    found
}

/// The files that `module` imports, without its own parents.
fn imports<'a>(module: &ModulePath, modules: &'a BTreeMap<ModulePath, Module>) -> BTreeSet<&'a ModulePath> {
    let paths = modules[module].imports.iter();
    let absolute = paths.filter_map(|path| modules[module].absolute(module, path, modules));
    absolute.filter_map(|path| defining_file(&path, modules)).filter(|target| !module.starts_with(target)).collect()
}

/// The file that defines what `path` names, also where a `mod.rs` re-exports it.
fn defining_file<'a>(path: &ModulePath, modules: &'a BTreeMap<ModulePath, Module>) -> Option<&'a ModulePath> {
    let length = (0..=path.len()).rev().find(|length| modules.contains_key(&path[..*length]))?;
    let (file, module) = modules.get_key_value(&path[..length])?;
    let exported = path.get(length).and_then(|name| module.exports.get(name));
    match exported.and_then(|target| module.absolute(file, target, modules)) {
        Some(target) if target != *path => defining_file(&target, modules),
        _ => Some(file),
    }
}

/// What one file says about others, as paths that are not resolved yet.
struct Module {
    is_folder: bool,
    imports: Vec<ModulePath>,
    /// Names that are re-exported with `pub use`, and the path of each.
    exports: BTreeMap<String, ModulePath>,
}

impl Module {
    fn parse(path: &str, code: &str) -> Self {
        let is_folder = path.ends_with("/mod.rs") || path.ends_with("/lib.rs");
        let mut module = Self { is_folder, imports: Vec::new(), exports: BTreeMap::new() };
        let mut tokens = tokens(code).into_iter().peekable();
        let mut is_public = false;
        while let Some(token) = tokens.next() {
            match token.as_str() {
                "use" => {
                    for (name, path) in use_tree(&mut tokens, &[]) {
                        if is_public {
                            module.exports.insert(name, path);
                        } else {
                            module.imports.push(path);
                        }
                    }
                }
                "crate" | "super" => {
                    let mut path = vec![token];
                    while tokens.next_if_eq("::").is_some() {
                        path.extend(tokens.next_if(|token| is_name(token)));
                    }
                    module.imports.extend((path.len() > 1).then_some(path));
                }
                "pub" => {
                    is_public = true;
                    if tokens.next_if_eq("(").is_some() {
                        while tokens.next().is_some_and(|token| token != ")") {}
                    }
                    continue;
                }
                _ => {}
            }
            is_public = false;
        }
        module
    }

    /// The path from the crate's root; `None` for another crate's.
    fn absolute(
        &self,
        own: &ModulePath,
        path: &[String],
        modules: &BTreeMap<ModulePath, Module>,
    ) -> Option<ModulePath> {
        let keyword = path.first()?.as_str();
        let supers = path.iter().take_while(|segment| *segment == "super").count();
        match keyword {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some([own, &path[1..]].concat()),
            "super" => Some([&own[..own.len().saturating_sub(supers)], &path[supers..]].concat()),
            _ => {
                let child = [own.as_slice(), &path[..1]].concat();
                (self.is_folder && modules.contains_key(&child)).then(|| [own.as_slice(), path].concat())
            }
        }
    }
}

/// `src/a/mod.rs` and `src/a.rs` → `a`.
fn module_path(path: &str) -> ModulePath {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut segments: Vec<_> = path.split('/').map(str::to_owned).collect();
    if segments.last().is_some_and(|last| last == "mod" || last == "lib") {
        segments.pop();
    }
    segments
}

/// `a::{b, c::{d as e}};` → `b: a::b`, `e: a::c::d`.
fn use_tree(tokens: &mut Tokens, prefix: &[String]) -> Vec<(String, ModulePath)> {
    let mut found = Vec::new();
    let mut path = prefix.to_vec();
    while let Some(token) = tokens.next() {
        match token.as_str() {
            "::" => {}
            "{" => found.extend(use_tree(tokens, &path)),
            "," | "}" | ";" => {
                let last = path.last().cloned().unwrap_or_default();
                found.extend((path.len() > prefix.len()).then_some((last, path)));
                if token != "," {
                    return found;
                }
                path = prefix.to_vec();
            }
            "as" => {
                let name = tokens.next().unwrap_or_default();
                found.push((name, std::mem::replace(&mut path, prefix.to_vec())));
            }
            _ => path.push(token),
        }
    }
    found
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, `::` and single characters, without comments, strings and spaces.
fn tokens(code: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let raw = rest.strip_prefix('r').map(|raw| raw.len() - raw.trim_start_matches('#').len());
        let raw = raw.filter(|hashes| rest[1 + hashes..].starts_with('"'));
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(hashes) = raw {
            let end = format!("\"{}", "#".repeat(hashes));
            rest[hashes + 2..].find(&end).map_or(rest.len(), |at| hashes + 2 + at + end.len())
        } else if first == '"' {
            quoted_length(rest, '"')
        } else if first == '\'' && (rest[1..].starts_with('\\') || rest.chars().nth(2) == Some('\'')) {
            quoted_length(rest, '\'')
        } else {
            let name = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let length = if rest.starts_with("::") { 2 } else { name.max(first.len_utf8()) };
            tokens.extend((!first.is_whitespace()).then(|| rest[..length].to_owned()));
            length
        };
        rest = &rest[length..];
    }
    tokens
}

/// How long a string or character literal is, with both quotes.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let ends = !escaped && *c == quote;
        escaped = !escaped && *c == '\\';
        ends
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}
