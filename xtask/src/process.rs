//! Runs commands in sight of the user, and ends them when the user asks.

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// The process group of the command that runs now; 0 when none does.
static RUNNING: AtomicU32 = AtomicU32::new(0);

/// On Ctrl-C or SIGTERM the running command is ended and this program goes on to clean up.
///
/// # Errors
/// When the handler cannot be set.
pub fn listen_for_interrupts() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot listen for Ctrl-C")?;
    std::thread::spawn(move || {
        for _ in &mut signals {
            let again = INTERRUPTED.swap(true, Ordering::SeqCst);
            let group = RUNNING.load(Ordering::SeqCst);
            if group != 0 {
                signal(if again { "KILL" } else { "TERM" }, &format!("-{group}"));
            }
        }
    });
    Ok(())
}

/// Whether the user asked to stop.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Sends a signal to a process, or to a group when the id begins with `-`.
pub fn signal(name: &str, id: &str) {
    // The process may be gone already: then there is nothing to do.
    let _ = Command::new("kill").args(["-s", name, "--", id]).stderr(Stdio::null()).status();
}

/// Runs a command with its output in sight.
///
/// # Errors
/// When it cannot start or does not succeed.
pub fn run(command: &mut Command) -> Result<()> {
    let status = wait(command, |_| Ok(()))?;
    if !status.success() {
        bail!("`{}` ended with {status}", spoken(command));
    }
    Ok(())
}

/// Runs a command with its output in sight, and returns how it ended and what it printed.
///
/// # Errors
/// When it cannot start.
pub fn tee(command: &mut Command) -> Result<(ExitStatus, String)> {
    let mut text = String::new();
    let status = wait(command.stdout(Stdio::piped()), |child| {
        let mut lines = BufReader::new(child.stdout.take().context("stdout is piped")?);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            std::io::stdout().write_all(&line)?;
            text.push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
        Ok(())
    })?;
    Ok((status, text))
}

/// Runs a command out of sight and returns what it printed.
///
/// # Errors
/// When it cannot start or does not succeed; the message holds what it said.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` ended with {}: {}", spoken(command), output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn wait(
    command: &mut Command,
    meanwhile: impl FnOnce(&mut std::process::Child) -> Result<()>,
) -> Result<ExitStatus> {
    if interrupted() {
        bail!("stopped");
    }
    // A group of its own, so that a Ctrl-C ends its children too and spares our Postgres.
    command.stdin(Stdio::null()).process_group(0);
    let mut child = command.spawn().with_context(|| cannot_start(command))?;
    RUNNING.store(child.id(), Ordering::SeqCst);
    let heard = meanwhile(&mut child);
    let status = child.wait();
    RUNNING.store(0, Ordering::SeqCst);
    heard?;
    Ok(status?)
}

fn cannot_start(command: &Command) -> String {
    format!("cannot start `{}`; is it installed?", command.get_program().to_string_lossy())
}

/// The command as one would type it.
fn spoken(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let words = std::iter::once(program.file_name().unwrap_or(program.as_os_str())).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// The program of this name on the path.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}
