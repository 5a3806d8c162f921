//! PATCH requests in short, so that chance meets an operation more often than a broken bracket.

use super::Value;
use rollcall::scim::patch::PATCH_OP_URN;
use serde_json::json;

/// One operation a line: its word, its path and its value as JSON, with tabs between them. A path of `-` is none, and
/// what is no JSON is a text.
pub fn in_short(text: &str) -> Value {
    let operations: Vec<Value> = text.lines().map(operation).collect();
    json!({"schemas": [PATCH_OP_URN], "Operations": operations})
}

fn operation(line: &str) -> Value {
    let mut columns = line.splitn(3, '\t');
    let mut operation = json!({"op": columns.next()});
    if let Some(path) = columns.next().filter(|path| *path != "-") {
        operation["path"] = json!(path);
    }
    if let Some(value) = columns.next() {
        operation["value"] = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
    }
    operation
}
