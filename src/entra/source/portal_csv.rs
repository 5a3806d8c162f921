//! The CSV of the admin center's "Download users", which has a byte order mark, `True`/`False`, and no manager.

use super::{SourceUser, UserPage};

/// Columns that have another name in Microsoft Graph.
const RENAMED: &[(&str, &str)] =
    &[("telephoneNumber", "businessPhones"), ("mobile", "mobilePhone"), ("objectId", "id")];

/// Reads users from the CSV, without the byte order mark.
pub fn users(text: &str) -> Result<UserPage, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().map_err(|error| error.to_string())?;
    let names: Vec<String> = headings.iter().map(graph_name).collect();
    if !names.iter().any(|name| name == "id") || !names.iter().any(|name| name == "userPrincipalName") {
        return Err(
            "there is no column `id` or `userPrincipalName`: this is not the admin center's list of users".into()
        );
    }
    let mut users = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let mut user = SourceUser::default();
        for (name, value) in names.iter().zip(&record).filter(|(_, value)| !value.is_empty()) {
            user.attributes.insert(name.clone(), value.to_owned());
        }
        user.id = user.get("id").map(str::to_owned).ok_or_else(|| format!("line {} has no id", users.len() + 2))?;
        users.push(user);
    }
    Ok(UserPage { users, attributes: names.into_iter().collect(), more: false })
}

fn graph_name(heading: &str) -> String {
    let heading = heading.trim();
    let renamed = RENAMED.iter().find(|(csv, _)| *csv == heading).map_or(heading, |(_, graph)| graph);
    renamed.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_under_their_names_in_graph() {
        let page = users("userPrincipalName,id,accountEnabled,telephoneNumber,streetAddress,mail\na@b,1,False,+1,\"Flat 9\nMews\",\n").unwrap();
        let shown: Vec<_> = page.users[0].attributes.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(
            shown,
            [
                "accountEnabled=False",
                "businessPhones=+1",
                "id=1",
                "streetAddress=Flat 9\nMews",
                "userPrincipalName=a@b"
            ]
        );
        assert!(page.users[0].is_blocked() && !page.attributes.contains("manager"));
    }

    #[test]
    fn another_csv_is_refused() {
        assert!(users("a,b\n1,2\n").is_err());
    }
}
