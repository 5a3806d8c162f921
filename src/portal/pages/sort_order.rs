//! The order of a list as it stands in the address: a column's name, with `-` before it when the last comes first.

use crate::model::page::Order;

/// Reads it; what names no column counts as the usual order.
pub fn parse<C: Copy + Default>(columns: &[(C, &str)], text: &str) -> Order<C> {
    let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
    let column = columns.iter().find(|(_, known)| *known == name).map(|(column, _)| *column);
    Order { column: column.unwrap_or_default(), descending }
}

/// Writes it; empty for the usual one.
pub fn format<C: Copy + Default + PartialEq>(columns: &[(C, &str)], order: Order<C>) -> String {
    if order == Order::default() {
        return String::new();
    }
    let name = columns.iter().find(|(column, _)| *column == order.column).map_or("", |(_, name)| name);
    format!("{}{name}", if order.descending { "-" } else { "" })
}

/// Whether a list is ordered by this column, and if so whether descending; and the order its heading leads to.
pub fn after_click<C: Copy + PartialEq>(order: Order<C>, column: C) -> (Option<bool>, Order<C>) {
    let descending = (order.column == column).then_some(order.descending);
    (descending, Order { column, descending: descending == Some(false) })
}
