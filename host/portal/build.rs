//! Lists the pages' assets and the reference plugins, so that `web/assets.rs` and `cli/demo.rs` embed them in the
//! binary.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Our own sources, straight from `web/`.
const OWN: [&str; 4] = ["style.css", "app.js", "icons.svg", "icon.svg"];

/// Libraries: the address under `/assets/`, and the file that npm put there.
const LIBRARIES: [(&str, &str); 2] = [
    ("htmx.js", "node_modules/htmx.org/dist/htmx.min.js"),
    ("chart.js", "node_modules/chart.js/dist/chart.umd.min.js"),
];

/// Plugins that the binary carries, as `cargo xtask plugins` leaves them. A build without them works; its demo then
/// says what is missing.
const PLUGINS: [&str; 4] = ["volume-pricing", "tiered-rebate", "weighted-kpi", "deal-registration"];

fn main() -> io::Result<()> {
    embed_plugins()?;
    // Cargo runs this in the crate's folder. Not by `env!`: a target directory may outlive the checkout it was built in.
    let web = Path::new("../../web").canonicalize()?;
    let own = OWN.iter().map(|name| (*name, web.join(name)));
    let libraries = LIBRARIES.iter().map(|(name, file)| (*name, web.join(file)));
    let mut source = String::from("pub static ASSETS: &[(&str, &[u8])] = &[\n");
    for (name, file) in own.chain(libraries) {
        println!("cargo::rerun-if-changed={}", file.display());
        if !file.is_file() {
            println!("cargo::error=web assets: {} is missing; run `npm ci --prefix web`", file.display());
            continue;
        }
        source.push_str(&format!("    ({name:?}, include_bytes!({:?})),\n", file.display().to_string()));
    }
    source.push_str("];\n");
    // These are embedded by macros that do not see a new file.
    let starters = [
        "../../plugins/starter-rust",
        "../../plugins/starter-rust-incentive",
        "../../plugins/starter-rust-kpi",
        "../../plugins/starter-rust-deal",
    ];
    let sources = ["../../templates", "../../messages", "../../sdk/rust", "../../sdk/wit"];
    // Part by part: what npm installs beside them is not embedded.
    let typescript = [
        "../../sdk/js/src",
        "../../sdk/js/tool",
        "../../plugins/starter-ts/cases",
        "../../plugins/starter-ts/src",
        "../../plugins/starter-ts-incentive/cases",
        "../../plugins/starter-ts-incentive/src",
        "../../plugins/starter-ts-kpi/cases",
        "../../plugins/starter-ts-kpi/src",
        "../../plugins/starter-ts-deal/cases",
        "../../plugins/starter-ts-deal/src",
    ];
    for folder in sources.iter().chain(&starters).chain(&typescript) {
        println!("cargo::rerun-if-changed={folder}");
    }
    let target = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("embedded.rs");
    fs::write(target, source)
}

fn embed_plugins() -> io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut source = String::from("static PLUGINS: &[(&str, &[u8])] = &[\n");
    // Cargo marks the target directory with this file, however deep the profile lies in it.
    if let Some(target) = out.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file()) {
        let folder = target.join("plugins");
        fs::create_dir_all(&folder)?;
        println!("cargo::rerun-if-changed={}", folder.display());
        for name in PLUGINS {
            let file = folder.join(format!("{name}.wasm"));
            if file.is_file() {
                source.push_str(&format!(
                    "    ({name:?}, include_bytes!({:?})),\n",
                    file.display().to_string()
                ));
            }
        }
    }
    source.push_str("];\n");
    fs::write(out.join("plugins.rs"), source)
}
