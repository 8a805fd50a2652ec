//! Compiled artifacts: loading them, and keeping them on disk.
//!
//! Invariant: bytes reach [`deserialize`] only from our own compiler, either directly or through a
//! file whose header names the component and whose checksum holds.

use crate::digest::Digest;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use wasmtime::component::Component;

const MAGIC: &[u8] = b"qudao artifact 1\n";
const HEADER: usize = MAGIC.len() + 32 + 32;

/// Turns an artifact of our own compiler into code.
#[expect(unsafe_code, reason = "loading compiled code is how a plugin starts without being compiled again")]
pub(crate) fn deserialize(engine: &wasmtime::Engine, artifact: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: wasmtime asks that the bytes come from `precompile_component` (or `serialize`) and were
    // not changed since. They come from `compile::compile`, which reads them from a wasmtime of this
    // very build, either in this process or in a child that runs our own executable. On disk they lie
    // in a directory that only the server may write, in a file that begins with the digest of the
    // component and a SHA-256 over digest and artifact; `Cache::read` gives out nothing else, so
    // a torn, damaged or misplaced file never gets here. Nobody can upload an artifact: uploads go
    // through `inspect` and the compiler. Wasmtime itself refuses those of another version or configuration.
    unsafe { Component::deserialize(engine, artifact) }
}

/// Artifacts on disk, one file for each component and compatibility hash.
pub(crate) struct Cache {
    directory: PathBuf,
    compatibility: u64,
}

impl Cache {
    /// Opens (and makes) the directory; on Unix for this user alone.
    pub(crate) fn open(directory: &Path, engine: &wasmtime::Engine) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(directory)?;
        Ok(Self { directory: directory.to_owned(), compatibility: compatibility(engine) })
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.directory.join(format!("{digest}-{:016x}.cwasm", self.compatibility))
    }

    /// The artifact of a component; none when there is no file or its file is not whole.
    pub(crate) fn read(&self, digest: &Digest) -> Option<Vec<u8>> {
        let path = self.path(digest);
        let mut file = match fs::read(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "compiled plugin cannot be read; compiling again");
                return None;
            }
        };
        let whole = file.len() >= HEADER && file[..HEADER] == header(digest, &file[HEADER..]);
        if !whole {
            tracing::warn!(path = %path.display(), "compiled plugin is damaged; compiling again");
            return None;
        }
        file.drain(..HEADER);
        Some(file)
    }

    /// Keeps an artifact: written beside, then renamed, so that no reader ever sees half a file.
    pub(crate) fn write(&self, digest: &Digest, artifact: &[u8]) -> io::Result<()> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let path = self.path(digest);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let beside = path.with_extension(format!("{}-{number}.part", std::process::id()));
        let written = write_file(&beside, &header(digest, artifact), artifact);
        let kept = written.and_then(|()| fs::rename(&beside, &path));
        if kept.is_err() {
            // The error that counts is the first; a leftover part is only wasted space.
            let _ = fs::remove_file(&beside);
        }
        kept
    }
}

fn write_file(path: &Path, header: &[u8], artifact: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create_new(path)?;
    file.write_all(header)?;
    file.write_all(artifact)?;
    file.sync_all()
}

fn header(digest: &Digest, artifact: &[u8]) -> Vec<u8> {
    let mut sum = Sha256::new();
    sum.update(digest.as_bytes());
    sum.update(artifact);
    let mut header = MAGIC.to_vec();
    header.extend_from_slice(digest.as_bytes());
    header.extend_from_slice(&sum.finalize());
    header
}

/// Which compiled code an engine can load, as a number.
pub(crate) fn compatibility(engine: &wasmtime::Engine) -> u64 {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EngineConfig, wasmtime_config};

    #[test]
    fn what_the_child_compiles_loads_in_the_parent() {
        let parent =
            wasmtime::Engine::new(&wasmtime_config(Some(&EngineConfig::default().pool_size(1)))).unwrap();
        let child = wasmtime::Engine::new(&wasmtime_config(None)).unwrap();
        assert_eq!(compatibility(&parent), compatibility(&child));
    }

    #[test]
    fn only_whole_files_of_the_same_component_are_read() {
        let directory = tempfile::tempdir().unwrap();
        let engine = wasmtime::Engine::new(&wasmtime_config(None)).unwrap();
        let cache = Cache::open(&directory.path().join("new/folder"), &engine).unwrap();
        let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
        assert_eq!(cache.read(&one), None);
        cache.write(&one, b"compiled").unwrap();
        assert_eq!(cache.read(&one).as_deref(), Some(&b"compiled"[..]));

        fs::copy(cache.path(&one), cache.path(&two)).unwrap();
        assert_eq!(cache.read(&two), None, "a foreign file");

        let good = fs::read(cache.path(&one)).unwrap();
        for place in 0..good.len() {
            let mut bad = good.clone();
            bad[place] ^= 1;
            fs::write(cache.path(&one), &bad).unwrap();
            assert_eq!(cache.read(&one), None, "byte {place}");
            fs::write(cache.path(&one), &good[..place]).unwrap();
            assert_eq!(cache.read(&one), None, "torn at {place}");
        }
        cache.write(&one, b"compiled").unwrap();
        assert!(cache.read(&one).is_some());
        let left = fs::read_dir(directory.path().join("new/folder")).unwrap().count();
        assert_eq!(left, 2, "no parts are left over");
    }
}
