//! Who works in the demo: users for each role, called by what they do.

use super::DemoUser;
use super::dice::Dice;
use super::sketch::Sketch;
use crate::accounts::NewUser;
use crate::errors::Result;
use crate::{App, Company, Context};
use qudao_domain::ids::DealerId;
use qudao_domain::permissions::Role;

/// Those through whom the demo acts.
pub(super) struct People {
    pub ops: Context,
    /// A second one of them, who approves what the first uploads.
    pub second_ops: Context,
    pub finance: Context,
    /// Sells directly.
    pub sales: Context,
    /// Buyers, each of another dealer.
    pub buyers: Vec<Context>,
}

/// The vendor's people. Nobody of a dealer is there yet.
pub(super) async fn of_vendor(
    app: &App,
    company: &Company,
    sketch: &Sketch,
    dice: &mut Dice,
    users: &mut Vec<DemoUser>,
) -> Result<People> {
    let titles = &sketch.titles;
    let mut team = vec![
        ("admin".to_owned(), Role::Admin, titles.admin),
        ("sales".to_owned(), Role::Sales, titles.sales),
    ];
    for (word, role, names) in [
        ("ops", Role::Ops, titles.ops),
        ("pricing", Role::Pricing, titles.pricing),
        ("finance", Role::Finance, titles.finance),
    ] {
        team.extend((1..).zip(names).map(|(number, name)| (format!("{word}{number}"), role, name)));
    }
    let (mut ops, mut second_ops, mut finance, mut sales) = (None, None, None, None);
    for (word, role, name) in team {
        let ctx = add(app, company, &word, role, name, None, dice, users).await?;
        match role {
            Role::Ops if ops.is_none() => ops = Some(ctx),
            Role::Ops => second_ops = Some(ctx),
            Role::Finance => finance = finance.or(Some(ctx)),
            Role::Sales => sales = Some(ctx),
            _ => {}
        }
    }
    let missing = || crate::AppError::Internal("the demo's team is not whole".to_owned());
    Ok(People {
        ops: ops.ok_or_else(missing)?,
        second_ops: second_ops.ok_or_else(missing)?,
        finance: finance.ok_or_else(missing)?,
        sales: sales.ok_or_else(missing)?,
        buyers: Vec::new(),
    })
}

/// A manager and a buyer for one dealer of each tier.
pub(super) async fn of_dealers(
    app: &App,
    company: &Company,
    sketch: &Sketch,
    ids: &[DealerId],
    dice: &mut Dice,
    users: &mut Vec<DemoUser>,
) -> Result<Vec<Context>> {
    let mut tiers: Vec<&str> = Vec::new();
    let mut buyers = Vec::new();
    for (dealer, id) in sketch.dealers.iter().zip(ids) {
        if tiers.contains(&dealer.tier) {
            continue;
        }
        tiers.push(dealer.tier);
        let code = dealer.code.to_lowercase();
        let (manager, buyer) = (sketch.titles.manager, sketch.titles.buyer);
        let name = format!("{} {manager}", dealer.name);
        add(app, company, &format!("manager.{code}"), Role::DealerManager, &name, Some(*id), dice, users)
            .await?;
        let name = format!("{} {buyer}", dealer.name);
        let word = format!("buyer.{code}");
        buyers.push(add(app, company, &word, Role::DealerBuyer, &name, Some(*id), dice, users).await?);
    }
    Ok(buyers)
}

#[expect(clippy::too_many_arguments, reason = "everything that is said of a user, once")]
async fn add(
    app: &App,
    company: &Company,
    word: &str,
    role: Role,
    name: &str,
    dealer: Option<DealerId>,
    dice: &mut Dice,
    users: &mut Vec<DemoUser>,
) -> Result<Context> {
    let email = format!("{word}@{}.example", company.code);
    let password = format!("demo-{}", dice.word(8));
    let new =
        NewUser { email: email.clone(), name: name.to_owned(), role, dealer, password: password.clone() };
    app.add_user(company, new).await?;
    let ctx = app.act_as(company, &email).await?;
    let api_token = app.add_token(&ctx, "demo", &[]).await?;
    users.push(DemoUser {
        company: company.code.clone(),
        role,
        email,
        password,
        api_token,
        name: name.to_owned(),
    });
    Ok(ctx)
}
