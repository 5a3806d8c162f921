//! The results of a connection check: totals by area, failed tests, skipped tests.

use leptos::prelude::*;

use crate::{
    model::connection_check::{Area, FailedTest, SkippedTests},
    portal::components::{CardHeader, ColumnHeader, Fact, Table},
};

/// If more tests failed, their details are collapsed.
const MAX_EXPANDED: usize = 3;

/// The results of each area.
#[component]
pub fn AreaTable(
    /// The areas, in order.
    areas: Vec<Area>,
) -> impl IntoView {
    let rows = areas
        .into_iter()
        .map(|area| {
            let failed = if area.failed > 0 { "end bad" } else { "end" };
            view! {
                <tr>
                    <th scope="row">{area_title(&area.name)}</th>
                    <td class="end">{area.passed}</td>
                    <td class=failed>{area.failed}</td>
                    <td class="end">{area.skipped}</td>
                </tr>
            }
        })
        .collect_view();
    let head = view! {
        <ColumnHeader label="Area" />
        <ColumnHeader label="Passed" class="end" />
        <ColumnHeader label="Failed" class="end" />
        <ColumnHeader label="Skipped" class="end" />
    };
    view! {
        <section class="card flush" aria-labelledby="areas">
            <CardHeader id="areas" title="By area" />
            <Table caption="Tests by area" head>
                {rows}
            </Table>
        </section>
    }
}

/// The tests that failed.
#[component]
pub fn FailedTests(
    /// In the order in which they ran.
    failures: Vec<FailedTest>,
) -> impl IntoView {
    let open = failures.len() <= MAX_EXPANDED;
    let failures = failures.into_iter().map(|failure| view! { <FailedTestDetails failure open /> }).collect_view();
    view! {
        <section class="card" aria-labelledby="failures">
            <CardHeader id="failures" title="Failed tests" />
            <div class="failures">{failures}</div>
        </section>
    }
}

#[component]
fn FailedTestDetails(failure: FailedTest, open: bool) -> impl IntoView {
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

/// The skipped tests, by reason.
#[component]
pub fn SkippedTestList(
    /// The reasons.
    skips: Vec<SkippedTests>,
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
            <CardHeader id="skips" title="Skipped tests" />
            <dl class="facts">{reasons}</dl>
        </section>
    }
}

/// The title of an area: `entra_users` is "Entra users".
fn area_title(area: &str) -> String {
    let text = area.replace('_', " ");
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::area_title;

    #[test]
    fn areas_have_titles() {
        assert_eq!(area_title("entra_users"), "Entra users");
        assert_eq!(area_title(""), "");
    }
}
