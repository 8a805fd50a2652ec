//! Compiling, in a process of its own under limits: hostile code may make a compiler run for ever
//! or eat all memory.
//!
//! The child's protocol: the component on stdin; on stdout the artifact; on stderr, when it fails, one
//! line that says why. Its limits come in two environment variables, the only ones it gets.

use crate::config::{Compiler, EngineConfig, wasmtime_config};
use crate::refusal::Refusal;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const MEMORY_VARIABLE: &str = "QUDAO_COMPILE_MEMORY_BYTES";
const CPU_VARIABLE: &str = "QUDAO_COMPILE_CPU_SECONDS";
/// The component is not valid; stderr says why.
const EXIT_INVALID: u8 = 65;
/// The child itself could not work; stderr says why.
const EXIT_FAILED: u8 = 70;

/// Compiles a component that was inspected before.
pub(crate) fn compile(
    engine: &wasmtime::Engine,
    config: &EngineConfig,
    component: &[u8],
) -> Result<Vec<u8>, Refusal> {
    let artifact = match &config.compiler {
        Compiler::InProcess => engine
            .precompile_component(component)
            .map_err(|error| Refusal::bad_structure(&format!("{error:#}")))?,
        Compiler::Child { program, args, memory_bytes, time_ms } => {
            let child = ChildCompiler { program, args, memory_bytes: *memory_bytes, time_ms: *time_ms };
            child.compile(component, config.limits.max_artifact_bytes)?
        }
    };
    artifact_fits(artifact, config.limits.max_artifact_bytes)
}

fn artifact_fits(artifact: Vec<u8>, limit: usize) -> Result<Vec<u8>, Refusal> {
    if artifact.len() > limit {
        return Err(Refusal::CompileTooBig {
            what: "artifact".into(),
            limit: u64::try_from(limit).unwrap_or(u64::MAX),
        });
    }
    Ok(artifact)
}

struct ChildCompiler<'a> {
    program: &'a Path,
    args: &'a [String],
    memory_bytes: u64,
    time_ms: u64,
}

/// Everything that a child said, once it closed its pipes.
struct Said {
    artifact: io::Result<Vec<u8>>,
    complaint: String,
}

impl ChildCompiler<'_> {
    fn compile(&self, component: &[u8], max_artifact: usize) -> Result<Vec<u8>, Refusal> {
        let mut child =
            self.start().map_err(|error| failed(format!("`{}`: {error}", self.program.display())))?;
        let until = Instant::now() + Duration::from_millis(self.time_ms);
        let said = converse(&mut child, component.to_vec(), max_artifact)
            .recv_timeout(Duration::from_millis(self.time_ms));
        let Ok(said) = said else {
            stop(&mut child);
            return Err(Refusal::CompileTooSlow { time_ms: self.time_ms });
        };
        let Some(status) = wait_until(&mut child, until).map_err(|error| failed(error.to_string()))? else {
            stop(&mut child);
            return Err(Refusal::CompileTooSlow { time_ms: self.time_ms });
        };
        self.judge(status, said, max_artifact)
    }

    fn start(&self) -> io::Result<Child> {
        // One second more than the wall clock allows, so that the clock's word comes first.
        let cpu_seconds = self.time_ms / 1000 + 2;
        Command::new(self.program)
            .args(self.args)
            .env_clear()
            .env(MEMORY_VARIABLE, self.memory_bytes.to_string())
            .env(CPU_VARIABLE, cpu_seconds.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    }

    fn judge(&self, status: ExitStatus, said: Said, max_artifact: usize) -> Result<Vec<u8>, Refusal> {
        // The parent stopped listening there, so the child's own exit status says nothing.
        if said.artifact.as_ref().is_ok_and(|bytes| bytes.len() > max_artifact) {
            return artifact_fits(said.artifact.unwrap_or_default(), max_artifact);
        }
        if status.success() {
            return said.artifact.map_err(|error| failed(error.to_string()));
        }
        // Rust's allocator and wasmtime's mmap both say so before they give up.
        let starved = ["memory allocation of", "Cannot allocate memory", "out of memory"];
        if starved.iter().any(|words| said.complaint.contains(words)) {
            return Err(Refusal::CompileTooBig { what: "memory".into(), limit: self.memory_bytes });
        }
        if status.code() == Some(i32::from(EXIT_INVALID)) {
            return Err(Refusal::bad_structure(&said.complaint));
        }
        Err(failed(format!("it ended with {status}: {}", said.complaint)))
    }
}

fn failed(detail: String) -> Refusal {
    Refusal::CompilerFailed { detail }
}

/// Feeds the child and listens to it, each pipe on its own thread so that none can block another.
fn converse(child: &mut Child, component: Vec<u8>, max_artifact: usize) -> mpsc::Receiver<Said> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (done, said) = mpsc::channel();
    thread::spawn(move || {
        // A child that fails early closes its stdin; what it says counts, not that.
        let _ = stdin.map(|mut pipe| pipe.write_all(&component));
    });
    thread::spawn(move || {
        let listener = thread::spawn(move || read_at_most(stderr, 4_000));
        // One byte more than allowed shows that it is too large.
        let artifact = read_at_most(stdout, max_artifact.saturating_add(1));
        let complaint = listener.join().map(|text| text.unwrap_or_default()).unwrap_or_default();
        let complaint = String::from_utf8_lossy(&complaint).trim().to_owned();
        // The receiver is gone when the time is over.
        let _ = done.send(Said { artifact, complaint });
    });
    said
}

fn read_at_most(pipe: Option<impl Read>, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(u64::try_from(limit).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn wait_until(child: &mut Child, until: Instant) -> io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= until {
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Ends a child that is no longer wanted and takes its exit status, so that no zombie stays.
fn stop(child: &mut Child) {
    if let Err(error) = child.kill().and_then(|()| child.wait()) {
        tracing::warn!(%error, "a compiler that ran too long could not be stopped");
    }
}

/// The child's whole life: limits itself, compiles stdin to stdout. The portal's hidden subcommand
/// `compile-plugin` and the test binary `qudao-compile` are nothing else.
#[must_use]
pub fn compile_child() -> ExitCode {
    match compile_stdin() {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, detail)) => {
            // Nobody is left to tell when even stderr is closed.
            let _ = writeln!(io::stderr(), "{detail}");
            ExitCode::from(code)
        }
    }
}

fn compile_stdin() -> Result<(), (u8, String)> {
    let failed = |error: String| (EXIT_FAILED, error);
    limit_self().map_err(|error| failed(format!("limits cannot be set: {error}")))?;
    let mut component = Vec::new();
    io::stdin().lock().read_to_end(&mut component).map_err(|error| failed(error.to_string()))?;
    // On all processors: the server would else wait long for the megabytes of a JavaScript engine.
    let mut config = wasmtime_config(None);
    config.parallel_compilation(true);
    let engine = wasmtime::Engine::new(&config).map_err(|error| failed(format!("{error:#}")))?;
    let artifact =
        engine.precompile_component(&component).map_err(|error| (EXIT_INVALID, format!("{error:#}")))?;
    let mut stdout = io::stdout().lock();
    stdout.write_all(&artifact).and_then(|()| stdout.flush()).map_err(|error| failed(error.to_string()))
}

/// Memory (writable private pages), processor time and core files of this process. Where a variable
/// is not set (somebody runs the subcommand by hand) there is no such limit.
fn limit_self() -> io::Result<()> {
    #[cfg(unix)]
    {
        let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        if let Some(bytes) = number(MEMORY_VARIABLE) {
            rlimit::setrlimit(rlimit::Resource::DATA, bytes, bytes)?;
        }
        if let Some(seconds) = number(CPU_VARIABLE) {
            rlimit::setrlimit(rlimit::Resource::CPU, seconds, seconds)?;
        }
        rlimit::setrlimit(rlimit::Resource::CORE, 0, 0)?;
    }
    Ok(())
}
