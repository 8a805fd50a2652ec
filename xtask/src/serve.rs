//! `cargo xtask run`: builds the portal, makes demo data once, and serves.

use anyhow::{Context, Result};
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

use crate::house::House;
use crate::{plugins, process, setup};

/// The arguments of `cargo xtask run`.
#[derive(clap::Args)]
pub struct Options {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// Throw the demo data away and make them anew.
    #[arg(long)]
    fresh: bool,
    /// Further arguments for `qudao serve`.
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// Never returns while the portal serves: it becomes the portal.
///
/// # Errors
/// When a part cannot be built or the portal cannot start.
pub fn run(house: &House, options: &Options) -> Result<()> {
    let portal = build(house)?;
    let demo = Demo::of(house);
    if options.fresh {
        demo.remove()?;
    }
    demo.make(house, &portal)?;
    demo.print_log_ins()?;
    println!("serving http://{}/ — Ctrl-C stops it", options.listen);
    let mut serve = house.command(portal);
    serve
        .args(["serve", "--listen", &options.listen, "--data-dir"])
        .arg(demo.data())
        .args(&options.arguments);
    Err(serve.exec()).context("cannot start the portal")
}

/// Builds the portal in the dev profile, with all that it embeds.
///
/// # Errors
/// When a part cannot be built.
pub fn build(house: &House) -> Result<PathBuf> {
    setup::for_building(house)?;
    plugins::build_rust(house)?;
    // The same crates as `cargo xtask test`, so that cargo unites the same features and builds nothing twice.
    process::run(house.cargo(["build", "--bin", "qudao"]).args(house.crates()))?;
    Ok(house.portal())
}

/// Demo data under the target directory, made once.
pub struct Demo {
    folder: PathBuf,
}

impl Demo {
    /// The demo data of this checkout.
    pub fn of(house: &House) -> Self {
        Self { folder: house.target().join("qudao-demo") }
    }

    /// The portal's data directory.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// What `qudao demo --json` printed.
    pub fn users(&self) -> PathBuf {
        self.folder.join("users.json")
    }

    fn remove(&self) -> Result<()> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Makes the data unless they are there. The log-ins are written last: half-made data are made
    /// again.
    ///
    /// # Errors
    /// When the portal fails.
    pub fn make(&self, house: &House, portal: &Path) -> Result<()> {
        if self.users().exists() {
            return Ok(());
        }
        self.remove()?;
        fs::create_dir_all(&self.folder)?;
        eprintln!("making demo data in {}", self.folder.display());
        let mut demo = house.command(portal);
        demo.args(["demo", "--json", "--data-dir"]).arg(self.data()).stderr(std::process::Stdio::inherit());
        let users = process::capture(&mut demo)?;
        log_ins(&users)?;
        fs::write(self.users(), users).context("cannot keep the log-ins")
    }

    fn print_log_ins(&self) -> Result<()> {
        let rows = log_ins(&fs::read_to_string(self.users())?)?;
        println!("\n{:<24} {:<16} {:<32} password", "company", "role", "e-mail");
        for [company, role, email, password] in rows {
            println!("{company:<24} {role:<16} {email:<32} {password}");
        }
        println!();
        Ok(())
    }
}

fn log_ins(json: &str) -> Result<Vec<[String; 4]>> {
    let value: serde_json::Value =
        serde_json::from_str(json).context("`qudao demo --json` printed no JSON")?;
    let users = value["users"].as_array().context("`qudao demo --json` printed no `users`")?;
    let row = |user: &serde_json::Value| {
        ["company", "role", "email", "password"].map(|field| user[field].as_str().unwrap_or("?").to_owned())
    };
    Ok(users.iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::log_ins;

    #[test]
    fn log_ins_are_read_from_the_demos_json() {
        let json =
            r#"{"users":[{"company":"acme","role":"ops","email":"a@b","password":"p","api_token":"t"}]}"#;
        assert_eq!(log_ins(json).unwrap(), [["acme", "ops", "a@b", "p"]]);
        assert!(log_ins("{}").is_err());
    }
}
