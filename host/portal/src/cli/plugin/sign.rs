//! `qudao plugin keygen` and `sign`: on the author's machine, without a server.

use anyhow::{Context as _, ensure};
use clap::Args;
use qudao_app::AppError;
use qudao_app::signatures::{MOST_BYTES, PrivateKey};
use qudao_engine::Digest;
use serde_json::json;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::{Env, tell};

/// What to sign, and with what.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// The component (.wasm).
    file: PathBuf,
    /// The private key, as `qudao plugin keygen` wrote it.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

/// Writes a new private key, which only its owner may read, and its public half beside it.
///
/// # Errors
/// [`AppError::Conflict`] `file-taken` when one of the files is there already.
pub fn keygen(env: &Env, file: &Path) -> anyhow::Result<()> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).context("the machine has no random numbers")?;
    let key = PrivateKey::from_seed(&seed);
    seed.fill(0);
    let public = beside(file, "pub");
    free(&public)?;
    write_new(file, key.pem().as_bytes(), true)?;
    write_new(&public, key.public().pem().as_bytes(), false)?;
    let fingerprint = key.public().fingerprint();
    let json = json!({ "private_key": file, "public_key": public, "fingerprint": fingerprint });
    let words = format!(
        "{} is the private key: keep it secret, and keep a copy.\n{} is its public half: have the company's administrator add it.\n  fingerprint  {fingerprint}",
        file.display(),
        public.display()
    );
    tell(env, &json, &words);
    Ok(())
}

/// Writes the signature of a component to `FILE.sig`. Signing again gives the same bytes.
///
/// # Errors
/// When the key or the component cannot be read, or the key is none.
pub fn sign(env: &Env, args: &SignArgs) -> anyhow::Result<()> {
    let component = super::read(&args.file)?;
    let digest = Digest::of(&component);
    let pem =
        fs::read_to_string(&args.key).with_context(|| format!("{} cannot be read", args.key.display()))?;
    ensure!(!pem.contains("PUBLIC KEY"), "{} is a public key; sign with the private one", args.key.display());
    let key = PrivateKey::parse(&pem).with_context(|| args.key.display().to_string())?;
    let line = key.sign(&digest);
    let target = beside(&args.file, "sig");
    fs::write(&target, format!("{line}\n"))
        .with_context(|| format!("{} cannot be written", target.display()))?;
    let json = json!({ "signature": target, "digest": digest, "fingerprint": line.fingerprint });
    let words = format!(
        "{} is signed: {}\n  digest  {digest}\n  key     {}",
        args.file.display(),
        target.display(),
        line.fingerprint
    );
    tell(env, &json, &words);
    Ok(())
}

/// The signature that goes with a component: the file that is named, or else `FILE.sig` where there is one.
///
/// # Errors
/// When a file that is there, or is named, cannot be read as text.
pub fn signature_for(component: &Path, named: Option<&Path>) -> anyhow::Result<Option<String>> {
    let file = named.map_or_else(|| beside(component, "sig"), Path::to_path_buf);
    let read = match fs::metadata(&file) {
        Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => return Ok(None),
        Ok(meta) if meta.len() > MOST_BYTES as u64 => Err(ErrorKind::FileTooLarge.into()),
        _ => fs::read_to_string(&file),
    };
    read.map(Some).with_context(|| format!("{} cannot be read as a signature", file.display()))
}

/// `a.wasm` → `a.wasm.sig`.
fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn taken(file: &Path) -> anyhow::Error {
    let message = format!("{} is there already; name another file", file.display());
    AppError::conflict("file-taken", message).into()
}

fn free(file: &Path) -> anyhow::Result<()> {
    if file.symlink_metadata().is_ok() { Err(taken(file)) } else { Ok(()) }
}

/// Writes a file that is not there yet; a private one only its owner may read, from its first moment on.
///
/// # Errors
/// [`AppError::Conflict`] `file-taken` when it is there already.
pub fn write_new(file: &Path, bytes: &[u8], private: bool) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    if private {
        only_for_owner(&mut options);
    }
    let mut opened: File = match options.open(file) {
        Ok(opened) => opened,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(taken(file)),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be made", file.display())),
    };
    let written = opened.write_all(bytes).and_then(|()| opened.sync_all());
    written.with_context(|| format!("{} cannot be written", file.display()))
}

#[cfg(unix)]
fn only_for_owner(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn only_for_owner(_: &mut OpenOptions) {}
