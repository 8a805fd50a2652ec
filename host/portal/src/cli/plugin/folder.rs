//! A folder that appears whole or not at all.

use anyhow::Context as _;
use qudao_app::AppError;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder being filled beside the place where it will stand. Dropped before [`NewFolder::finish`], it leaves nothing.
#[derive(Debug)]
pub struct NewFolder {
    target: PathBuf,
    aside: PathBuf,
}

impl NewFolder {
    /// Begins a folder. Nothing stands at `target` yet, or an empty folder.
    ///
    /// # Errors
    /// [`AppError::Conflict`] when something is there already.
    pub fn begin(target: &Path) -> anyhow::Result<Self> {
        let target = std::path::absolute(target).context("the current folder is gone")?;
        refuse_what_is_there(&target)?;
        let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else {
            let message = format!("{} cannot be made anew; name a folder below it", target.display());
            return Err(AppError::conflict("folder-taken", message).into());
        };
        let aside = parent.join(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
        fs::create_dir_all(&aside).with_context(|| format!("{} cannot be made", target.display()))?;
        Ok(Self { target, aside })
    }

    /// Writes a file of it; `path` is relative and says which folders it lies in.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let file = self.aside.join(path);
        let written =
            fs::create_dir_all(file.parent().unwrap_or(&self.aside)).and_then(|()| fs::write(&file, bytes));
        written.with_context(|| format!("{} cannot be written", self.target.join(path).display()))
    }

    /// Puts the folder where it belongs, in one step, and says where that is.
    ///
    /// # Errors
    /// When something has been put there meanwhile.
    pub fn finish(self) -> anyhow::Result<PathBuf> {
        // Over an empty folder, too; not over one that holds something.
        fs::rename(&self.aside, &self.target)
            .with_context(|| format!("{} cannot be made", self.target.display()))?;
        Ok(self.target.clone())
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        // After `finish` there is nothing.
        let _ = fs::remove_dir_all(&self.aside);
    }
}

fn refuse_what_is_there(target: &Path) -> anyhow::Result<()> {
    let taken = |what: &str| {
        let message = format!("{} {what}; name another folder", target.display());
        Err(AppError::conflict("folder-taken", message).into())
    };
    if target.symlink_metadata().is_err() {
        return Ok(());
    }
    if !target.is_dir() {
        return taken("is there already and is no folder");
    }
    let mut entries = fs::read_dir(target).with_context(|| format!("{} cannot be read", target.display()))?;
    if entries.next().is_some() {
        return taken("is not empty");
    }
    // Replacing it would pull the floor from under whoever stands in it.
    let here = std::env::current_dir().unwrap_or_default();
    if target.canonicalize().is_ok_and(|target| here.starts_with(target)) {
        return taken("is the current folder");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_folder_appears_whole() {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("deep/er");
        let folder = NewFolder::begin(&target).unwrap();
        folder.write("a/b.txt", b"words").unwrap();
        assert!(!target.exists());
        folder.finish().unwrap();
        assert_eq!(fs::read(target.join("a/b.txt")).unwrap(), b"words");
        assert_eq!(names(&place.path().join("deep")), ["er"]);
    }

    #[test]
    fn given_up_it_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        NewFolder::begin(&place.path().join("x")).unwrap().write("a.txt", b"words").unwrap();
        assert!(names(place.path()).is_empty());
    }

    #[test]
    fn an_empty_folder_is_filled_and_another_refused() {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("x");
        fs::create_dir(&target).unwrap();
        let folder = NewFolder::begin(&target).unwrap();
        folder.write("a.txt", b"words").unwrap();
        folder.finish().unwrap();
        let refused = NewFolder::begin(&target).unwrap_err().to_string();
        assert!(refused.contains("is not empty"), "{refused}");
        let refused = NewFolder::begin(&target.join("a.txt")).unwrap_err().to_string();
        assert!(refused.contains("is no folder"), "{refused}");
        assert_eq!(names(place.path()), ["x"]);
    }
}
