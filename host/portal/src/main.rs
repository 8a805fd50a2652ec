//! The `qudao` command.
fn main() {}
