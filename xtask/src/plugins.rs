//! Builds the plugins: each crate to a core module, each module to a component. Those in TypeScript have their
//! own way, in [`crate::typescript`].

use anyhow::{Context, Result, bail, ensure};
use qudao_component::TARGET;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::house::House;
use crate::{process, typescript};

/// Crates that become components. `hostile` serves the tests alone and is never shipped.
pub const PLUGINS: [&str; 9] = [
    "volume-pricing",
    "tiered-rebate",
    "weighted-kpi",
    "deal-registration",
    "starter-rust",
    "starter-rust-incentive",
    "starter-rust-kpi",
    "starter-rust-deal",
    "hostile",
];

/// Builds every plugin and returns the components, `<target>/plugins/<name>.wasm`, those in Rust in the order of
/// [`PLUGINS`] and then those in TypeScript. A component newer than what it is made of is left alone.
///
/// # Errors
/// When cargo, rustup, npm or Node fails, or a module is no plugin.
pub fn build(house: &House) -> Result<Vec<PathBuf>> {
    let mut built = build_rust(house)?;
    built.extend(typescript::build(house, &house.target().join("plugins"))?);
    Ok(built)
}

/// Builds the plugins in Rust alone: all that the portal needs.
///
/// # Errors
/// When cargo or rustup fails, or a module is no plugin.
pub fn build_rust(house: &House) -> Result<Vec<PathBuf>> {
    add_target()?;
    compile(house.target())?;
    let components = house.target().join("plugins");
    PLUGINS.iter().map(|name| componentize(house, &components, name)).collect()
}

/// `volume-pricing` with the stack that the linker gives by itself, for the benchmark that shows what ours is worth:
/// built in a folder of its own, since cargo knows a file by its name, not by its flags.
///
/// # Errors
/// When cargo fails, or the module is no plugin.
pub fn build_with_linkers_stack(house: &House, folder: &Path) -> Result<PathBuf> {
    const NAME: &str = "volume-pricing";
    const STACK_BYTES: u32 = 1 << 20;
    let mut cargo = house.cargo(["build", "--quiet", "--locked", "--profile", "plugin", "--package", NAME]);
    qudao_component::with_stack(cargo.arg("--target-dir").arg(folder), STACK_BYTES);
    process::run(&mut cargo)?;
    let module = folder.join(TARGET).join("plugin").join(qudao_component::module_file(NAME));
    let component = folder.join(format!("{NAME}.wasm"));
    qudao_component::encode_file(
        &module,
        &house.root().join("plugins").join(NAME).join("cases"),
        &component,
    )?;
    Ok(component)
}

/// Installs the Wasm target when rustup says that it is missing. Without rustup (a distribution's
/// own Rust) the compiler itself says what it lacks.
fn add_target() -> Result<()> {
    let Ok(listed) = Command::new("rustup").args(["target", "list", "--installed"]).output() else {
        return Ok(());
    };
    if String::from_utf8_lossy(&listed.stdout).lines().any(|target| target == TARGET) {
        return Ok(());
    }
    eprintln!("adding the Rust target {TARGET}: rustup target add {TARGET}");
    let added = Command::new("rustup").args(["target", "add", TARGET]).status().context("run rustup")?;
    ensure!(added.success(), "`rustup target add {TARGET}` failed; run it by hand to see why");
    Ok(())
}

fn compile(target_dir: &Path) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--locked", "--profile", "plugin", "--target-dir"]).arg(target_dir);
    qudao_component::for_plugins(&mut command);
    for name in PLUGINS {
        command.args(["--package", name]);
    }
    let status = command.status().context("run cargo")?;
    if !status.success() {
        bail!("the plugins did not compile; cargo has said why");
    }
    Ok(())
}

/// Wraps a core module and the plugin's cases into a component, unless that was done since they last changed, and
/// this tool did.
fn componentize(house: &House, components: &Path, name: &str) -> Result<PathBuf> {
    let module = house.target().join(TARGET).join("plugin").join(qudao_component::module_file(name));
    let component = components.join(format!("{name}.wasm"));
    let cases = house.root().join("plugins").join(name).join("cases");
    let tool = std::env::current_exe().context("the path of this tool is unknown")?;
    // A plugin need not have cases.
    let sources =
        [module.clone(), tool].into_iter().chain(Some(cases.clone()).filter(|cases| cases.is_dir()));
    let newest = typescript::newest(sources)?;
    if typescript::changed(&component).is_ok_and(|made| made >= newest) {
        return Ok(component);
    }
    qudao_component::encode_file(&module, &cases, &component)?;
    Ok(component)
}
