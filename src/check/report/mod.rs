//! Writes the result of a check as text, JSON or `JUnit` XML.

use std::io::{self, Write};

use super::args::Format;
use super::outcome::Report;

mod json;
mod junit;
mod text;

impl Report {
    /// Writes the report; `verbose` lists passed tests in the text format.
    ///
    /// # Errors
    /// When writing to `out` fails.
    pub fn write(&self, format: Format, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Text => text::write(self, verbose, out),
            Format::Json => json::write(self, out),
            Format::Junit => junit::write(self, out),
        }
    }
}

/// Replaces control characters except line breaks, so that text from a server is safe on a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() && letter != '\n' { '\u{fffd}' } else { letter }).collect()
}
