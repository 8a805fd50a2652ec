//! The compile child by itself, for tests; in production the portal's subcommand does the same.

fn main() -> std::process::ExitCode {
    qudao_engine::compile_child()
}
