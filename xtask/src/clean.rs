//! The tree must look after the checks as it did before them.

use anyhow::{Result, bail};
use std::collections::BTreeSet;

use crate::house::House;
use crate::process;

/// What git says of the tree; `None` outside a repository.
pub struct Tree(Option<String>);

impl Tree {
    /// Looks at the tree now.
    pub fn look(house: &House) -> Self {
        Self(process::capture(house.command("git").args(["status", "--porcelain"])).ok())
    }

    /// Compares with an earlier look.
    ///
    /// # Errors
    /// When something differs; the message names it.
    pub fn same_as(&self, before: &Self) -> Result<()> {
        let (Some(after), Some(before)) = (&self.0, &before.0) else { return Ok(()) };
        let (before, after): (BTreeSet<_>, BTreeSet<_>) = (before.lines().collect(), after.lines().collect());
        let changed: Vec<&str> = after.symmetric_difference(&before).copied().collect();
        if !changed.is_empty() {
            bail!("the checks changed the tree (or someone did meanwhile): {}", changed.join(", "));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Tree;

    #[test]
    fn what_changed_is_named() {
        let before = Tree(Some("?? notes.txt\n".to_owned()));
        let after = Tree(Some("?? notes.txt\n M Cargo.lock\n".to_owned()));
        assert!(before.same_as(&before).is_ok());
        let error = after.same_as(&before).unwrap_err().to_string();
        assert!(error.ends_with(": M Cargo.lock") || error.ends_with(":  M Cargo.lock"), "{error}");
    }
}
