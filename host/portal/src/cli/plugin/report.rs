//! The report of an upload, for people.

use qudao_engine::cases::Share;
use qudao_engine::{Came, Examined, Report};
use std::fmt::Write as _;

/// A few lines: what was measured, and what failed.
pub fn words(digest: &str, report: &Report) -> String {
    let mut text = format!(
        "  digest    {digest}\n  compiled  in {} ms to {} bytes ({})\n  trial     {} fuel, {} µs",
        report.compile_ms, report.artifact_bytes, report.engine, report.trial_fuel, report.trial_us
    );
    if let Some(examined) = &report.examined {
        tell(&mut text, examined);
    }
    text
}

fn tell(text: &mut String, examined: &Examined) {
    let cases = &examined.cases;
    let _ = write!(text, "\n  cases     {} of {} as its author says", cases.run, cases.count);
    for size in &examined.sizes {
        let _ = write!(
            text,
            "\n  size      {}: fuel {} %, memory {} %, answer {} % of what it may use, {} µs{}",
            size.entries,
            percent(size.fuel),
            percent(size.memory),
            percent(size.answer),
            size.elapsed_us,
            failed(&size.came)
        );
    }
    for probe in examined.probes.iter().filter(|probe| probe.came.is_failure()) {
        let _ = write!(text, "\n  warning   {}{}", probe.code, failed(&probe.came));
    }
    let _ = write!(text, "\n  repeated  {} questions, each answered alike", examined.asked_twice);
}

fn failed(came: &Came) -> String {
    match came {
        Came::Failed { error, detail } => format!(": FAILS with {error}: {detail}"),
        Came::Answered | Came::Refused => String::new(),
    }
}

/// In hundredths, rounded up: 0.01 is the least that is not nothing.
pub fn percent(share: Share) -> String {
    let points = share.basis_points();
    format!("{}.{:02}", points / 100, points % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_written_in_hundredths_of_a_per_cent() {
        let shown = |used, limit| percent(Share { used, limit });
        assert_eq!(shown(0, 10), "0.00");
        assert_eq!(shown(1, 1_000_000_000), "0.01");
        assert_eq!((shown(1, 8), shown(8, 8)), ("12.50".into(), "100.00".into()));
    }
}
