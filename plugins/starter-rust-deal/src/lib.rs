//! The smallest honest deal plugin: whoever comes first has the customer for a while, and nobody undercuts.

mod settings;

use qudao_sdk::deal::{Affected, Claim, Deal, Earlier, Floor, Ruling, Standing};
use qudao_sdk::{
    Descriptor, Kind, Message, Note, Text, export_deal, note, percent, settings_default, settings_schema,
};
pub use settings::Settings;

/// The plugin. The name is yours to choose; the host never sees it.
pub struct Starter;

// One macro makes the type the component's exports. Forget it, and the upload is refused.
export_deal!(Starter);

impl Deal for Starter {
    type Settings = Settings;

    fn describe() -> Descriptor {
        Descriptor {
            kind: Kind::Deal,
            name: "starter-rust-deal".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            title: Text::new("先报备者得", "First come, first served"),
            summary: Text::new(
                "先报备者在一定天数内独享该客户，各方守同一最低价。",
                "Whoever registers a customer first has it for some days; one price floor for all.",
            ),
            settings_schema: settings_schema::<Settings>(),
            settings_default: settings_default::<Settings>(),
            // Every code that an answer may use, in both languages. None may say who the other claimant is.
            messages: vec![
                Message::new("protected", "受保护至 {0}", "Protected until {0}"),
                Message::new("taken", "该客户已有人报备", "Somebody registered this customer before"),
                Message::new("kept", "另有报备未被受理", "Another registration was refused"),
                Message::new(
                    "floor",
                    "报价不得低于目录价的 {0}",
                    "Nobody may quote below {0} of the list price",
                ),
            ],
            attributes: vec![],
            metrics: vec![],
        }
    }

    fn decide(claim: &Claim, settings: &Settings) -> Result<Ruling, Vec<Note>> {
        let floor = note!("floor", percent(settings.floor_share));
        let holders: Vec<&Earlier> = claim.earlier.iter().filter(|earlier| holds(earlier, claim)).collect();
        let mut ruling = if holders.is_empty() {
            let until = claim.on.plus_days(settings.days);
            Ruling::protect(until, note!("protected", until))
        } else {
            Ruling::refuse(note!("taken"))
        };
        ruling.reasons.push(floor.clone());
        ruling.floor = Some(Floor::Share(settings.floor_share));
        // The floor holds for those who are told; each reads why.
        ruling.affected = holders.into_iter().map(|holder| told(holder, &floor)).collect();
        Ok(ruling)
    }
}

/// Whether an earlier registration keeps the claim out.
fn holds(earlier: &Earlier, claim: &Claim) -> bool {
    let protected = earlier.protected_until.is_some_and(|until| until >= claim.on);
    earlier.standing == Standing::Asked || protected
}

fn told(holder: &Earlier, floor: &Note) -> Affected {
    Affected { registration: holder.number, ends: false, reasons: vec![note!("kept"), floor.clone()] }
}
