//! `bench plugin`: the price of an order by the same rule: native, as a component in Rust and in TypeScript, as a script, by Extism; and what a
//! fresh instance costs untuned.

mod asked;
mod contenders;
mod script;
mod script_values;

use crate::machine;
use crate::rounds::{Timed, at_share, median, ratio, take_turns};
use anyhow::{Context, Result, ensure};
use asked::Asked;
use contenders::{Component, Contender, Guest, Native, Parsing};
use qudao_domain::pricing::PricingAnswer;
use qudao_engine::EngineConfig;
use script::Script;
use std::hint::black_box;
use std::time::Duration;
use volume_pricing::Settings;

const SIZES: [u32; 4] = [1, 20, 200, 1_000];
const TIME_PER_SIZE: Duration = Duration::from_secs(30);

/// Checks that all contenders give the same answers, then times them.
pub fn run() -> Result<()> {
    let settings = asked::settings();
    let mut contenders = contenders(&settings)?;
    for lines in SIZES {
        agree(&mut contenders, &Asked::lines(lines)?)?;
    }
    println!("All give the same prices, steps, skipped rules and approvals.\n");
    println!(
        "{:>5}  {:<30}{:>12}{:>12}{:>12}{:>12}",
        "lines", "", "median µs", "best µs", "÷ native", "÷ fresh"
    );
    for lines in SIZES {
        time(&mut contenders, &Asked::lines(lines)?)?;
    }
    println!("Median over the rounds, in which all take turns; a ratio is the median of each round's ratio.");
    println!("Bar: fresh takes less than Rhai at 20 lines (÷ fresh above 1); aim: half of it (above 2).");
    println!("Aim: fresh takes at most 15 times as long as native Rust at 20 lines, 8 times at 1,000.");
    Ok(())
}

/// Native code first and the component as the portal runs it second: the others are held against these two.
fn contenders(settings: &Settings) -> Result<Vec<Box<dyn Contender>>> {
    // A JavaScript engine takes a minute to compile here: kept for the next run.
    let config = || EngineConfig::default().cache_dir(machine::target().join("compiled"));
    let component = |name, bytes: &[u8], config| Component::load(name, bytes, config, settings);
    let (rust, typescript) =
        (machine::component("volume-pricing")?, machine::component("volume-pricing-ts")?);
    let stack = machine::with_linkers_stack()?;
    let guest = machine::target().join("wasm32-unknown-unknown/plugin/extism_pricing.wasm");
    Ok(vec![
        Box::new(Native::new(settings)?),
        Box::new(component("component, fresh instance", &rust, config())?),
        Box::new(Parsing::new(settings)?),
        Box::new(component("  memory given back each time", &rust, config().keep_resident(0))?),
        Box::new(component("  stack of 1 MiB", &stack, config())?),
        Box::new(component("  both", &stack, config().keep_resident(0))?),
        Box::new(component("component in TypeScript", &typescript, config())?),
        Box::new(Script::new(settings)?),
        Box::new(Guest::compile(&guest, settings)?),
    ])
}

fn agree(contenders: &mut [Box<dyn Contender>], asked: &Asked) -> Result<()> {
    let mut first: Option<(&str, PricingAnswer)> = None;
    for contender in contenders {
        let name = contender.name();
        let answer = contender.price(asked)?.into_answer()?;
        match &first {
            None => first = Some((name, answer)),
            Some((other, expected)) => ensure!(
                answer == *expected,
                "{name} and {other} disagree on {} lines:\n{answer:?}\n{expected:?}",
                asked.request.lines.len()
            ),
        }
    }
    first.map(drop).context("there is nobody to compare")
}

struct Turn<'a> {
    contender: &'a mut dyn Contender,
    asked: &'a Asked,
}

impl Timed for Turn<'_> {
    fn call(&mut self) -> Result<()> {
        black_box(self.contender.price(black_box(self.asked))?);
        Ok(())
    }
}

fn time(contenders: &mut [Box<dyn Contender>], asked: &Asked) -> Result<()> {
    let names: Vec<&str> = contenders.iter().map(|contender| contender.name()).collect();
    let mut turns: Vec<Box<dyn Timed + '_>> = Vec::new();
    for contender in contenders {
        turns.push(Box::new(Turn { contender: &mut **contender, asked }));
    }
    let times = take_turns(&mut turns, TIME_PER_SIZE)?;
    let (native, fresh) = (&times[0], &times[1]);
    for (name, own) in names.iter().zip(&times) {
        let (middle, best) = (median(own), at_share(own, 0.0));
        let lines = asked.request.lines.len();
        let ratios = [native, fresh].map(|to| format!("{:>12.2}", ratio(own, to))).concat();
        println!("{lines:>5}  {name:<30}{middle:>12.1}{best:>12.1}{ratios}");
    }
    println!("{:>5}  {} rounds\n", "", fresh.len());
    Ok(())
}
