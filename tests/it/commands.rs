//! The program as an operator or a script runs it.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

const PASSWORD: &str = "correct horse battery";

/// The result of a command: exit code, standard output, standard error.
pub struct CommandOutput {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

pub fn rollcall(folder: &Path, arguments: &[&str]) -> CommandOutput {
    rollcall_with_input(folder, arguments, "")
}

/// Runs a command with this standard input.
pub fn rollcall_with_input(folder: &Path, arguments: &[&str], input: &str) -> CommandOutput {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
    command.args(arguments).env_clear().env("ROLLCALL_DATA_DIR", folder);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = piped.unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    CommandOutput { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl CommandOutput {
    #[track_caller]
    pub fn success(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{}", self.stdout);
        self.stdout
    }

    /// Failed with one line that contains all of this.
    #[track_caller]
    pub fn refused(self, code: i32, words: &[&str]) {
        assert_eq!((self.code, self.stdout.as_str()), (code, ""), "{}", self.stderr);
        assert_eq!(self.stderr.lines().count(), 1, "{}", self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "{word}: {}", self.stderr);
        }
    }
}

/// A data folder with a company and its first administrator.
pub fn company() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    admin(folder.path(), &["--company", "Contoso", "--email", "ada@contoso.example"]).success();
    folder
}

fn admin(folder: &Path, arguments: &[&str]) -> CommandOutput {
    rollcall_with_input(folder, &[&["admin", "create"], arguments].concat(), &format!("{PASSWORD}\n"))
}

pub fn token(folder: &Path, name: &str) -> CommandOutput {
    rollcall(folder, &["token", "create", "--name", name])
}

#[test]
fn command_line_errors_are_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let check = |arguments: &[&str], words: &[&str]| rollcall(folder.path(), arguments).refused(2, words);
    check(&["serv"], &["unrecognized subcommand 'serv'", "try --help"]);
    check(&["token", "create"], &["required", "--name <NAME>", "try --help"]);
    check(&["token", "create", "--name", "x", "--expires", "soon"], &["'soon'", "30d, 90d", "try --help"]);
    check(&["serve", "--addr", "here"], &["'here'", "--addr", "try --help"]);
    check(&["token", "revoke"], &["<ID>", "try --help"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was created");
}

#[test]
fn help_is_complete_and_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, words) in [
        (vec!["--help"], vec!["Usage:", "serve", "tenant", "simulate"]),
        (vec!["serve", "--help"], vec!["Usage:", "ROLLCALL_PUBLIC_URL"]),
        (vec!["simulate", "--help"], vec!["Usage:", "Exits with 0", "1 when any"]),
        (vec!["backup", "--help"], vec!["secret.key", "rollcall restore"]),
        (vec!["doctor", "--help"], vec!["--full", "--json", "ROLLCALL_PUBLIC_URL"]),
        (vec!["tenant", "create", "--help"], vec!["--name", "rollcall admin create --tenant"]),
        (vec!["--version"], vec!["rollcall "]),
    ] {
        let help = rollcall(folder.path(), &arguments).success();
        for word in words {
            assert!(help.contains(word), "{arguments:?}: {word}: {help}");
        }
    }
}

#[test]
fn a_missing_key_is_an_error_until_it_is_restored_or_its_tokens_are_revoked() {
    let folder = company();
    token(folder.path(), "Entra").success();
    let key = folder.path().join("secret.key");
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let expected = ["secret.key is missing", "restore the file from a backup", "rollcall token revoke --all"];
    rollcall(folder.path(), &["serve", "--addr", "127.0.0.1:0"]).refused(1, &expected);
    token(folder.path(), "Okta").refused(1, &expected);
    let copy = folder.path().join("copy");
    rollcall(folder.path(), &["backup", copy.to_str().unwrap()]).refused(1, &expected);
    assert!(!key.exists() && !copy.exists(), "nothing was created in its place");

    fs::write(&key, &kept).unwrap();
    token(folder.path(), "Okta").success();
    fs::remove_file(&key).unwrap();
    assert_eq!(rollcall(folder.path(), &["token", "revoke", "--all"]).success(), "Revoked 2 tokens of Contoso\n");
    token(folder.path(), "new").success();
    assert_ne!(fs::read(&key).unwrap(), kept);
}

#[test]
fn a_backup_contains_the_key() {
    let folder = company();
    token(folder.path(), "Entra").success();
    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("copy");
    rollcall(folder.path(), &["backup", copy.to_str().unwrap()]).success();
    let key = |folder: &Path| fs::read(folder.join("secret.key")).unwrap();
    assert_eq!(key(&copy), key(folder.path()));
    assert!(rollcall(&copy, &["token", "list"]).success().contains("Entra"));
    token(&copy, "after the restore").success();
}

#[test]
fn a_second_company_is_created_and_selected_with_tenant() {
    let folder = company();
    let folder = folder.path();
    assert_eq!(
        rollcall(folder, &["tenant", "create", "--name", " Fabrikam "]).success(),
        "Created the tenant Fabrikam (id 2)\n"
    );
    rollcall(folder, &["tenant", "create", "--name", "Fabrikam"]).refused(1, &["already"]);
    rollcall(folder, &["tenant", "create", "--name", " "]).refused(1, &["empty"]);
    rollcall(folder, &["tenant", "create", "--name", "a\nb"]).refused(1, &["control characters"]);
    rollcall(folder, &["tenant", "create", "--name", "7"]).refused(1, &["number"]);
    let list = rollcall(folder, &["tenant", "list"]).success();
    assert_eq!(list.lines().count(), 3, "{list}");
    assert!(list.contains("Contoso") && list.contains("Fabrikam"), "{list}");

    token(folder, "Okta").refused(1, &["2 tenants", "--tenant", "rollcall tenant list"]);
    admin(folder, &["--tenant", "Fabrikam", "--email", "fay@fabrikam.example"]).success();
    rollcall(folder, &["token", "create", "--tenant", "Fabrikam", "--name", "Okta"]).success();
    assert!(rollcall(folder, &["token", "list", "--tenant", "2"]).success().contains("Okta"));
    assert!(!rollcall(folder, &["token", "list", "--tenant", "Contoso"]).success().contains("Okta"));
    rollcall(folder, &["token", "revoke", "--all", "--tenant", "Fabrikam"]).success();
}

#[test]
fn a_tenant_can_be_created_before_any_account() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    rollcall(folder, &["tenant", "create", "--name", "Fabrikam"]).success();
    admin(folder, &["--email", "fay@fabrikam.example"]).success();
    assert_eq!(rollcall(folder, &["tenant", "list"]).success().lines().count(), 2, "no other company was created");
}

#[test]
fn token_names_cannot_contain_control_characters() {
    let folder = company();
    token(folder.path(), "two\nlines").refused(1, &["control characters"]);
    token(folder.path(), " ").refused(1, &["empty"]);
    token(folder.path(), &"x".repeat(61)).refused(1, &["60 characters"]);
}

/// What `/Schemas` shows, `schema show` prints and `schema set` takes.
#[test]
fn schemas_are_set_shown_and_deleted() {
    let folder = company();
    let file = folder.path().join("acme.json");
    let set = || rollcall(folder.path(), &["schema", "set", file.to_str().unwrap()]);
    set().refused(1, &["acme.json cannot be read"]);
    fs::write(&file, "{").unwrap();
    set().refused(1, &["acme.json is not JSON"]);
    fs::write(&file, r#"{"id": "acme"}"#).unwrap();
    set().refused(1, &["`id` must have the form"]);
    let urn = "urn:ietf:params:scim:schemas:extension:acme:2.0:User";
    fs::write(&file, format!(r#"{{"id": "{urn}", "attributes": [{{"name": "badge", "type": "text"}}]}}"#)).unwrap();
    set().refused(1, &["`badge`", "`type` must be one of"]);
    fs::write(&file, format!(r#"{{"id": "{urn}", "attributes": [{{"name": "badge", "uniqueness": "server"}}]}}"#))
        .unwrap();
    assert_eq!(set().success(), format!("Set {urn}\n"));
    assert_eq!(set().success(), format!("{urn} has not changed\n"));
    assert!(rollcall(folder.path(), &["schema", "list"]).success().contains(urn));
    let shown = rollcall(folder.path(), &["schema", "show", "acme"]).success();
    assert!(shown.contains("\"uniqueness\": \"server\"") && !shown.contains("meta"), "{shown}");
    let again = rollcall_with_input(folder.path(), &["schema", "set", "-"], &shown);
    assert_eq!(again.success(), format!("{urn} has not changed\n"));
    rollcall(folder.path(), &["tenant", "create", "--name", "Fabrikam"]).success();
    rollcall(folder.path(), &["schema", "list"]).refused(1, &["2 tenants", "--tenant"]);
    let other = rollcall(folder.path(), &["schema", "list", "--tenant", "Fabrikam"]).success();
    assert!(!other.contains(urn), "{other}");
    let delete = |urn: &str| rollcall(folder.path(), &["schema", "delete", "--tenant", "Contoso", urn]);
    delete("nothing").refused(1, &["there is no schema \"nothing\"", "rollcall schema list"]);
    assert_eq!(delete("acme").success(), format!("Deleted {urn}\n"));
    delete(urn).refused(1, &["there is no schema"]);
}
