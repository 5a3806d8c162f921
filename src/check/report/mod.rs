//! A finished check for people, programs and build servers.

use std::io::{self, Write};

use super::args::Format;
use super::outcome::Report;

mod json;
mod junit;
mod text;

impl Report {
    /// Writes the report; `verbose` lists what passed, too, in the text.
    ///
    /// # Errors
    /// When `out` takes no more.
    pub fn write(&self, format: Format, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Text => text::write(self, verbose, out),
            Format::Json => json::write(self, out),
            Format::Junit => junit::write(self, out),
        }
    }
}

/// Text of a server as it may stand on a terminal: without control characters but line breaks.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() && letter != '\n' { '\u{fffd}' } else { letter }).collect()
}
