//! Builds and tests what is written in TypeScript: the SDK and the plugins, with the tool of `sdk/js`.

use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::house::House;
use crate::{npm, process};

/// Folders of `plugins/` that become components.
pub const PLUGINS: [&str; 5] =
    ["volume-pricing-ts", "starter-ts", "starter-ts-incentive", "starter-ts-kpi", "starter-ts-deal"];

const SDK: &str = "sdk/js";

/// What a component is made of, besides the plugin's own folder. With a folder comes all that lies in it.
const SHARED: [&str; 7] = [
    "sdk/js/build.mjs",
    "sdk/js/package.json",
    "sdk/js/package-lock.json",
    "sdk/js/src",
    "sdk/js/tool",
    "sdk/js/tsconfig.plugin.json",
    "sdk/wit",
];
const OWN: [&str; 4] = ["package.json", "package-lock.json", "src", "tsconfig.json"];

/// Builds every plugin into a folder and returns the components in the order of [`PLUGINS`]. A component newer than
/// all that it is made of is left alone.
///
/// # Errors
/// When Node or npm fails, or a plugin is none.
pub fn build(house: &House, components: &Path) -> Result<Vec<PathBuf>> {
    install(house)?;
    let shared = newest(SHARED.map(|part| house.root().join(part)))?;
    PLUGINS
        .iter()
        .map(|name| build_one(house, name, &components.join(format!("{name}.wasm")), shared))
        .collect()
}

fn install(house: &House) -> Result<()> {
    npm::install(house, SDK)?;
    PLUGINS.iter().try_for_each(|name| npm::install(house, &format!("plugins/{name}")))
}

fn build_one(house: &House, name: &str, component: &Path, shared: SystemTime) -> Result<PathBuf> {
    let folder = house.root().join("plugins").join(name);
    // A plugin need not have cases.
    let cases = Some(folder.join("cases")).filter(|cases| cases.is_dir());
    let own = OWN.iter().map(|part| folder.join(part)).chain(cases);
    let sources = newest(own)?.max(shared);
    if changed(component).is_ok_and(|made| made >= sources) {
        return Ok(component.to_owned());
    }
    eprintln!("building {name}: a JavaScript engine is put around it, some seconds");
    let mut tool = tool(house, &folder, "build");
    process::run(tool.arg("--out").arg(component)).with_context(|| format!("build {}", folder.display()))?;
    Ok(component.to_owned())
}

/// The runs that test the SDK and each plugin natively.
///
/// # Errors
/// When npm fails.
pub fn tests(house: &House) -> Result<Vec<Command>> {
    install(house)?;
    let plugins = PLUGINS.iter().map(|name| house.root().join("plugins").join(name));
    let folders = std::iter::once(house.root().join(SDK)).chain(plugins);
    Ok(folders.map(|folder| tool(house, &folder, "test")).collect())
}

/// Checks the types of the SDK and its tests; those of a plugin are checked where it is built.
///
/// # Errors
/// When a type is wrong; the compiler has said where.
pub fn check(house: &House) -> Result<()> {
    npm::install(house, SDK)?;
    process::run(&mut tool(house, &house.root().join(SDK), "check"))
}

/// The tool, to be run in a folder.
fn tool(house: &House, folder: &Path, task: &str) -> Command {
    let mut command = house.command("node");
    command.current_dir(folder).arg(house.root().join(SDK).join("build.mjs")).arg(task);
    command
}

/// When the last of some files and folders changed. A folder changes when something in it comes or goes.
pub fn newest(paths: impl IntoIterator<Item = PathBuf>) -> Result<SystemTime> {
    let mut last = SystemTime::UNIX_EPOCH;
    for path in paths {
        last = last.max(changed(&path)?);
        if path.is_dir() {
            let entries = fs::read_dir(&path).with_context(|| format!("read {}", path.display()))?;
            let inside =
                entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
            last = last.max(newest(inside)?);
        }
    }
    Ok(last)
}

/// When a file or folder last changed.
pub fn changed(path: &Path) -> Result<SystemTime> {
    let looked = path.metadata().and_then(|metadata| metadata.modified());
    looked.with_context(|| format!("look at {}", path.display()))
}
