//! Benchmarks: `cargo xtask bench plugin|orders|neighbour|simulation`. Each measures Qudao and its peers in the same run, in
//! alternating rounds, and prints ratios. None of them fails because something was slow.

mod machine;
mod neighbour;
mod orders;
mod plugin;
mod rounds;
mod simulation;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let name = std::env::args().nth(1);
    let run = match name.as_deref() {
        Some("plugin") => plugin::run,
        Some("orders") => orders::run,
        Some("neighbour") => neighbour::run,
        Some("simulation") => simulation::run,
        _ => bail!("name a benchmark: plugin, orders, neighbour or simulation"),
    };
    machine::print();
    run()
}
