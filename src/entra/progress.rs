//! The progress bar; silent when asked to be, or when nobody looks at a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Where the run is.
pub struct Progress {
    quiet: bool,
}

impl Progress {
    /// A bar for people, or none.
    pub fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// A bar for one part of the run; it vanishes when it is dropped.
    pub fn bar(&self, name: &'static str, length: usize) -> ProgressBar {
        let target = if self.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(length as u64), target);
        let style = ProgressStyle::with_template("{msg:12} {bar:40} {pos}/{len}  {per_sec}, {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸ "));
        bar.set_message(name);
        bar.enable_steady_tick(Duration::from_millis(200));
        bar.with_finish(indicatif::ProgressFinish::AndClear)
    }
}
