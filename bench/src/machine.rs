//! What the figures were measured on.

use anyhow::{Context, Result};
use qudao_app::Clock;
use std::fs;
use std::path::{Path, PathBuf};

/// Prints date, processor, cores, kernel and load.
pub fn print() {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let memory = read("/proc/meminfo");
    let memory_kib: u64 = memory.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    println!("date     {}", Clock::System.now());
    println!("machine  {}, {cores} cores, {} GiB", model.map_or("?", |(_, name)| name), memory_kib >> 20);
    println!("kernel   {}", read("/proc/sys/kernel/osrelease").trim());
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or("?");
    println!("load     {load} in the last minute, before we began");
    if load.parse::<f64>().is_ok_and(|load| load > 0.5) {
        println!("         others use this machine too: trust the ratios more than the times");
    }
    println!();
}

/// The target directory that this program was built in.
pub fn target() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    program.ancestors().nth(2).unwrap_or(Path::new("target")).to_owned()
}

/// The bytes of a component of ours.
pub fn component(name: &str) -> Result<Vec<u8>> {
    read(&from_xtask("QUDAO_PLUGINS")?.join(format!("{name}.wasm")))
}

/// The bytes of volume-pricing, linked with the stack that the linker gives by itself.
pub fn with_linkers_stack() -> Result<Vec<u8>> {
    read(&from_xtask("QUDAO_LINKERS_STACK")?)
}

fn from_xtask(variable: &str) -> Result<PathBuf> {
    let path = std::env::var_os(variable);
    path.map(PathBuf::from)
        .with_context(|| format!("{variable} is not set; run it as `cargo xtask bench NAME`"))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("read {}", path.display()))
}
