//! The sort order of a list as a query parameter: a column's name, with `-` before it for descending order.

use crate::model::page::Order;

/// Parses the parameter; an unknown column counts as the default order.
pub fn parse<C: Copy + Default>(columns: &[(C, &str)], text: &str) -> Order<C> {
    let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
    let column = columns.iter().find(|(_, known)| *known == name).map(|(column, _)| *column);
    Order { column: column.unwrap_or_default(), descending }
}

/// Formats the parameter; it is empty for the default order.
pub fn format<C: Copy + Default + PartialEq>(columns: &[(C, &str)], order: Order<C>) -> String {
    if order == Order::default() {
        return String::new();
    }
    let name = columns.iter().find(|(column, _)| *column == order.column).map_or("", |(_, name)| name);
    format!("{}{name}", if order.descending { "-" } else { "" })
}

/// Whether a list is sorted by this column, and if so whether descending; and its order after a click on the header.
pub fn after_click<C: Copy + PartialEq>(order: Order<C>, column: C) -> (Option<bool>, Order<C>) {
    let descending = (order.column == column).then_some(order.descending);
    (descending, Order { column, descending: descending == Some(false) })
}
