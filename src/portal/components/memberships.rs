//! The groups that a user or a group is in, as links.

use leptos::prelude::*;

use crate::scim::document::{Membership, MembershipKind};

/// Further groups are only counted.
const MOST: usize = 100;

/// Groups by name; indirect memberships are marked.
#[component]
pub fn Memberships(
    /// The groups.
    groups: Vec<Membership>,
) -> impl IntoView {
    if groups.is_empty() {
        return view! { <span class="muted">"In no group"</span> }.into_any();
    }
    let more = groups.len().saturating_sub(MOST);
    let named = groups
        .into_iter()
        .take(MOST)
        .map(|group| {
            let indirect = group.kind == MembershipKind::Indirect;
            view! {
                <li>
                    <a class=if indirect { "badge plainly" } else { "badge plainly info" } href=format!("/groups/{}", group.value)>
                        {group.display}
                        {indirect.then_some(" (indirect)")}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <ul class="groups">{named}</ul>
        {(more > 0).then(|| view! { <p class="muted">{format!("and {more} more")}</p> })}
    }
    .into_any()
}
