//! What a check found: by area, each failure with its exchange, and what was skipped.

use leptos::prelude::*;

use crate::{
    model::connection_check::{Area, FailedTest, Skip},
    portal::components::{Column, Fact, Table, Titled},
};

/// More failures than these are folded away at first.
const MOST_OPEN: usize = 3;

/// What came of the tests of each area.
#[component]
pub fn Areas(
    /// The areas, in order.
    areas: Vec<Area>,
) -> impl IntoView {
    let rows = areas
        .into_iter()
        .map(|area| {
            let failed = if area.failed > 0 { "end bad" } else { "end" };
            view! {
                <tr>
                    <th scope="row">{title_of(&area.name)}</th>
                    <td class="end">{area.passed}</td>
                    <td class=failed>{area.failed}</td>
                    <td class="end">{area.skipped}</td>
                </tr>
            }
        })
        .collect_view();
    let head = view! {
        <Column words="Area" />
        <Column words="Passed" class="end" />
        <Column words="Failed" class="end" />
        <Column words="Skipped" class="end" />
    };
    view! {
        <section class="card flush" aria-labelledby="areas">
            <Titled id="areas" title="By area" />
            <Table caption="Tests by area" head>
                {rows}
            </Table>
        </section>
    }
}

/// The tests that failed.
#[component]
pub fn Failures(
    /// In the order they were played in.
    failures: Vec<FailedTest>,
) -> impl IntoView {
    let open = failures.len() <= MOST_OPEN;
    let failures = failures.into_iter().map(|failure| view! { <Failure failure open /> }).collect_view();
    view! {
        <section class="card" aria-labelledby="failures">
            <Titled id="failures" title="What failed" />
            <div class="failures">{failures}</div>
        </section>
    }
}

#[component]
fn Failure(failure: FailedTest, open: bool) -> impl IntoView {
    let label = format!("Exchange of {}", failure.name);
    let exchange = (!failure.exchange.is_empty()).then(|| {
        view! {
            <pre class="exchange" tabindex="0" role="region" aria-label=label>
                {failure.exchange.join("\n")}
            </pre>
        }
    });
    view! {
        <details open=open>
            <summary>{failure.title}</summary>
            <p class="wrap">{failure.what}</p>
            <dl class="facts">
                <Fact name="In Microsoft Entra">{failure.meaning}</Fact>
                <Fact name="Required by">{failure.requirement}</Fact>
                <Fact name="Test">
                    <code>{failure.name}</code>
                </Fact>
            </dl>
            {exchange}
        </details>
    }
}

/// Why tests were skipped.
#[component]
pub fn Skips(
    /// The reasons.
    skips: Vec<Skip>,
) -> impl IntoView {
    let reasons = skips
        .into_iter()
        .map(|skip| {
            view! {
                <Fact name=skip.reason>
                    <code>{skip.tests.join(", ")}</code>
                </Fact>
            }
        })
        .collect_view();
    view! {
        <section class="card" aria-labelledby="skips">
            <Titled id="skips" title="What was skipped, and why" />
            <dl class="facts">{reasons}</dl>
        </section>
    }
}

/// An area as people read it: `entra_users` is Entra users.
fn title_of(area: &str) -> String {
    let words = area.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::title_of;

    #[test]
    fn areas_are_words() {
        assert_eq!(title_of("entra_users"), "Entra users");
        assert_eq!(title_of(""), "");
    }
}
