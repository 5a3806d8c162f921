//! The progress bar; hidden with `--quiet` and without a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Creates the progress bars of a run.
pub struct Progress {
    quiet: bool,
}

impl Progress {
    /// Progress bars, hidden if `quiet`.
    pub fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// A bar for one part of the run; it is cleared when dropped.
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
