//! `rollcall check`: runs the check with a progress bar and writes its report.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{CheckArgs, Format};
use super::outcome::{Report, Verdict};
use super::{CheckError, Event};

/// Runs the check and prints the report on standard output.
pub fn run(args: &CheckArgs) -> Result<Report, CheckError> {
    let options = args.options()?;
    // Created before the tests run, so that an unwritable path fails at once.
    let file = args.report.as_deref().map(create).transpose()?;
    let bar = bar(args.quiet);
    let mut failed = 0;
    let finished = super::run(&options, &mut |event| {
        match event {
            Event::Started { total } => bar.set_length(total as u64),
            Event::Done(outcome) => {
                failed += usize::from(matches!(outcome.verdict, Verdict::Failed(_)));
                bar.inc(1);
                bar.set_message(format!("{failed} failed"));
            }
        }
        ControlFlow::Continue(())
    })?;
    bar.finish_and_clear();
    let on_screen = match file {
        Some((path, mut file)) => {
            let written = finished.write(args.report_format, args.verbose, &mut file).and_then(|()| file.flush());
            written.map_err(|error| CheckError::File { path, why: error.to_string() })?;
            Format::Text
        }
        None => args.report_format,
    };
    finished.write(on_screen, args.verbose, &mut io::stdout().lock())?;
    Ok(finished)
}

fn create(path: &Path) -> Result<(String, BufWriter<File>), CheckError> {
    let name = path.display().to_string();
    match File::create(path) {
        Ok(file) => Ok((name, BufWriter::new(file))),
        Err(error) => Err(CheckError::File { path: name, why: error.to_string() }),
    }
}

/// A progress bar on a terminal, hidden if `quiet`.
fn bar(quiet: bool) -> ProgressBar {
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(None, target);
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} tests, {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸ "));
    bar.set_message("0 failed");
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
