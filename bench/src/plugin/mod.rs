//! `bench plugin`: the price of an order by the same rule, four ways.

mod asked;
mod contenders;
mod script;
mod script_values;

use crate::machine;
use crate::rounds::{Timed, at_share, median, ratio, take_turns};
use anyhow::{Context, Result, ensure};
use asked::Asked;
use contenders::{Component, Contender, Guest, Native};
use qudao_domain::pricing::PricingAnswer;
use script::Script;
use std::hint::black_box;
use std::time::Duration;

const SIZES: [u32; 3] = [1, 20, 200];
const TIME_PER_SIZE: Duration = Duration::from_secs(15);

/// Checks that all contenders give the same answers, then times them.
pub fn run() -> Result<()> {
    let settings = asked::settings();
    let component = machine::volume_pricing()?;
    let guest = machine::target().join("wasm32-unknown-unknown/plugin/extism_pricing.wasm");
    let mut contenders: Vec<Box<dyn Contender>> = vec![
        Box::new(Native::new(&settings)?),
        Box::new(Component::load(&component, &settings)?),
        Box::new(Script::new(&settings)?),
        Box::new(Guest::compile(&guest, &settings)?),
    ];
    for lines in SIZES {
        agree(&mut contenders, &Asked::lines(lines)?)?;
    }
    println!("All four give the same prices, steps, skipped rules and approvals.\n");
    println!("{:>5}  {:<30}{:>12}{:>12}{:>12}", "lines", "", "median µs", "best µs", "÷ fresh");
    for lines in SIZES {
        time(&mut contenders, &Asked::lines(lines)?)?;
    }
    println!("Median over the rounds, in which all take turns; ÷ fresh is the median of each round's ratio.");
    println!("Bar: fresh takes less than Rhai at 20 lines (÷ fresh above 1); aim: half of it (above 2).");
    Ok(())
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
    let fresh = &times[1];
    for (name, own) in names.iter().zip(&times) {
        let (middle, best) = (median(own), at_share(own, 0.0));
        let lines = asked.request.lines.len();
        println!("{lines:>5}  {name:<30}{middle:>12.1}{best:>12.1}{:>12.2}", ratio(own, fresh));
    }
    println!("{:>5}  {} rounds\n", "", fresh.len());
    Ok(())
}
