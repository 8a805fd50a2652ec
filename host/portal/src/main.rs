//! The `qudao` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    qudao::cli::main()
}
