//! Settling on both databases: what a period earns is posted once, and every change afterwards as its difference.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use qudao_app::imports::ImportKind;
use qudao_app::{AppError, Context, DealerInput, NewProgram, NewUser, StatementFilter};
use qudao_domain::ids::DealerId;
use qudao_domain::incentive::FactKind;
use qudao_domain::permissions::Role;
use qudao_domain::settlement::Calendar;
use qudao_engine::Engine;
use qudao_store::carts::Typed;
use qudao_store::facts::{self, NewFact, Window};
use qudao_store::testing::TestDb;
use qudao_store::{companies, orders, products, settlements, statements};
use qudao_tests::desk::Desk;
use qudao_tests::history::{import, ledger_is_sound, set_rule, upload};
use serde_json::json;

const PERIOD: &str = "2026-Q3";

const ORDERS: &str = "number,date,dealer,sku,quantity,unit_price
A1,2026-07-03,D1,P1,100,100.00
A2,2026-08-10,D1,V1,30,333.33
A3,2026-09-30,D1,P1,1,0.01
B1,2026-07-20,D2,P1,400,100.00
C1,2026-07-20,D3,P1,10,100.00
Z1,2025-07-01,D1,P1,50,100.00
Z2,2026-06-30,D1,P1,999,100.00
Z3,2026-10-01,D1,P1,999,100.00
";

/// 1 % from 10,000 and 2 % from 50,000 on everything, no bonus, cap or minimum.
fn simple() -> serde_json::Value {
    json!({
        "method": "retroactive",
        "bands": [
            { "category": "", "from": "10000", "rate": "0.01" },
            { "category": "", "from": "50000", "rate": "0.02" },
        ],
        "growth": [], "cap": null, "minimum": "0",
    })
}

/// A desk with three dealers, a past, and the program `rebate` under [`simple`].
struct Shop {
    desk: Desk,
    digest: String,
}

impl Shop {
    async fn open(test: TestDb, engine: &Engine, budget_minor: Option<i64>) -> Self {
        let desk = Desk::open(test, engine).await;
        for (code, parent) in [("D2", None), ("D3", Some("D2"))] {
            let dealer = DealerInput {
                code: code.into(),
                name: format!("Dealer {code}"),
                tier: "gold".into(),
                region: "east".into(),
                parent: parent.map(str::to_owned),
                attributes: json!({}),
                ..DealerInput::default()
            };
            desk.app.save_dealer(&desk.ops, &dealer).await.unwrap();
        }
        import(&desk.app, &desk.ops, ImportKind::Products, "sku,name,category\nV1,Valve,valves\n").await;
        import(&desk.app, &desk.ops, ImportKind::Orders, ORDERS).await;
        let program = NewProgram {
            code: "rebate".into(),
            name_zh: "季度返利".into(),
            name_en: "Quarterly rebate".into(),
            calendar: Calendar::Quarter,
            budget_minor,
        };
        desk.app.add_program(&desk.finance, program).await.unwrap();
        let digest = upload(&desk, "tiered-rebate").await;
        set_rule(&desk, &digest, Some("rebate"), &simple()).await;
        Self { desk, digest }
    }

    async fn settle(&self) -> settlements::Run {
        let run = self.desk.app.settle(&self.desk.finance, "rebate", PERIOD).await.unwrap();
        ledger_is_sound(&self.desk.app, self.desk.company.id).await;
        run
    }

    async fn order(&self, csv: &str) {
        let csv = format!("number,date,dealer,sku,quantity,unit_price\n{csv}\n");
        import(&self.desk.app, &self.desk.ops, ImportKind::Orders, &csv).await;
    }

    /// Takes back so many pieces of a line's only shipment.
    async fn take_back(&self, number: &str, day: &str, quantity: i64, amount_minor: i64) -> i64 {
        let company = self.desk.company.id;
        let mut tx = self.desk.app.db().write(company).await.unwrap();
        let everything = ("2025-01-01".parse().unwrap(), "2026-12-31".parse().unwrap());
        let window = Window { days: everything, year_before: everything, watermark: i64::MAX };
        let all = facts::between(&mut tx, company, &window, 0, i64::MAX).await.unwrap();
        let seqs: Vec<i64> = all.iter().map(|fact| fact.seq).collect();
        let shown = facts::shown(&mut tx, company, &seqs).await.unwrap();
        let shipped = shown.iter().find(|fact| fact.order_number == number).unwrap();
        let read = all.iter().find(|fact| fact.seq == shipped.seq).unwrap();
        let back = NewFact {
            kind: FactKind::Returned,
            dealer: read.dealer,
            product: read.product,
            effective_on: day.parse().unwrap(),
            paid_on: None,
            quantity: -quantity,
            amount_minor: -amount_minor,
            currency: "CNY".into(),
            customer: String::new(),
            order: shipped.order_id,
            line: 1,
            reverses: Some(read.seq),
        };
        let seq = facts::append(&mut tx, company, self.desk.app.clock().now(), &[back]).await.unwrap();
        tx.commit().await.unwrap();
        seq
    }

    /// What each dealer is owed for program and period, by the ledger.
    async fn owed(&self) -> Vec<(String, i64)> {
        let company = self.desk.company.id;
        let program = self.desk.app.programs(&self.desk.finance).await.unwrap().remove(0).id;
        let mut tx = self.desk.app.db().read(company).await.unwrap();
        let mut owed = Vec::new();
        for (dealer, sum) in settlements::posted_by_dealer(&mut tx, company, program, PERIOD).await.unwrap() {
            let dealer = qudao_store::dealers::by_id(&mut tx, company, dealer).await.unwrap().unwrap();
            owed.push((dealer.code, sum));
        }
        owed.sort();
        owed
    }

    /// What one dealer was posted, by fact.
    async fn by_fact(&self, dealer: DealerId) -> Vec<(Option<i64>, i64)> {
        let company = self.desk.company.id;
        let program = self.desk.app.programs(&self.desk.finance).await.unwrap().remove(0).id;
        let mut tx = self.desk.app.db().read(company).await.unwrap();
        let posted = settlements::posted(&mut tx, company, program, PERIOD, dealer).await.unwrap();
        posted.into_iter().map(|(_, seq, sum)| (seq, sum)).collect()
    }

    async fn statements(&self, ctx: &Context, replaced: bool) -> Vec<statements::Statement> {
        let filter = StatementFilter { replaced, limit: 100, ..StatementFilter::default() };
        self.desk.app.statements(ctx, &filter).await.unwrap()
    }

    fn d1(&self) -> DealerId {
        self.desk.buyer.dealer.unwrap()
    }
}

/// Runs a test in a shop on each database.
async fn on_both<F: Future<Output = ()>>(budget_minor: Option<i64>, test: impl Fn(Shop) -> F) {
    let engine = Desk::engine();
    for db in TestDb::both().await {
        test(Shop::open(db, &engine, budget_minor).await).await;
    }
}

fn owed(sums: &[(&str, i64)]) -> Vec<(String, i64)> {
    sums.iter().map(|(dealer, sum)| ((*dealer).to_owned(), *sum)).collect()
}

#[tokio::test]
async fn settled_twice_it_pays_once() {
    on_both(None, async |shop| {
        // D1: 10,000.00 + 9,999.90 + 0.01 = 19,999.91 → 200.00 (199.9991). D2: 40,000 → 400.00. D3: 1,000 → nothing.
        let first = shop.settle().await;
        assert_eq!((first.number, first.total_minor, first.posted_minor), (1, 60_000, 60_000));
        assert_eq!(first.facts, 6, "five of the period and one of the year before");
        assert_eq!(shop.owed().await, owed(&[("D1", 20_000), ("D2", 40_000)]));
        let shares = shop.by_fact(shop.d1()).await;
        assert_eq!(shares.iter().map(|(_, share)| share).sum::<i64>(), 20_000);
        assert_eq!(shares.len(), 2, "the one fen of A3 weighs too little for a share: {shares:?}");

        let second = shop.settle().await;
        assert_eq!((second.number, second.total_minor), (2, 60_000));
        assert_eq!((second.posted_minor, second.postings, second.statements), (0, 0, 0));
        assert_eq!(shop.owed().await, owed(&[("D1", 20_000), ("D2", 40_000)]));
        assert_eq!(
            shop.statements(&shop.desk.finance, true).await.len(),
            3,
            "one for each dealer, D3 told why not"
        );
    })
    .await;
}

#[tokio::test]
async fn late_facts_and_returns_become_adjustments() {
    on_both(None, async |shop| {
        shop.settle().await;
        shop.order("L1,2026-09-01,D1,P1,350,100.00").await;
        // 54,999.91 is in the second band: 1,099.9982.
        let late = shop.settle().await;
        assert_eq!((late.number, late.posted_minor), (2, 110_000 - 20_000));
        assert_eq!(late.statements, 1, "only D1's changed");
        assert_eq!(shop.owed().await, owed(&[("D1", 110_000), ("D2", 40_000)]));

        // A late return of a third: 42,999.91, back in the first band: 430.00.
        let back = shop.take_back("L1", "2026-09-20", 120, 1_200_000).await;
        let less = shop.settle().await;
        assert_eq!(less.posted_minor, 43_000 - 110_000);
        assert_eq!(shop.owed().await, owed(&[("D1", 43_000), ("D2", 40_000)]));
        let shares = shop.by_fact(shop.d1()).await;
        assert_eq!(shares.iter().map(|(_, share)| share).sum::<i64>(), 43_000);
        assert!(shares.iter().all(|(seq, share)| *seq != Some(back) && *share > 0), "{shares:?}");

        // A return in the next quarter is not this one's.
        shop.take_back("A1", "2026-10-05", 100, 1_000_000).await;
        assert_eq!(shop.settle().await.posted_minor, 0);
    })
    .await;
}

#[tokio::test]
async fn swapped_settings_post_the_difference_and_can_take_everything_back() {
    on_both(None, async |shop| {
        shop.settle().await;
        let mut generous = simple();
        generous["bands"] = json!([{ "category": "valves", "from": "0", "rate": "0.1" },
                                   { "category": "", "from": "0", "rate": "0.01" }]);
        set_rule(&shop.desk, &shop.digest, Some("rebate"), &generous).await;
        // D1: valves 9,999.90 → 999.99, the rest 10,000.01 → 100.00. D2 400.00. D3 10.00.
        let swapped = shop.settle().await;
        assert_eq!(swapped.total_minor, 99_999 + 10_000 + 40_000 + 1_000);
        assert_eq!(swapped.posted_minor, swapped.total_minor - 60_000);
        assert_eq!(shop.owed().await, owed(&[("D1", 109_999), ("D2", 40_000), ("D3", 1_000)]));

        let mut mean = simple();
        mean["bands"] = json!([{ "category": "", "from": "1000000", "rate": "0.01" }]);
        set_rule(&shop.desk, &shop.digest, Some("rebate"), &mean).await;
        let none = shop.settle().await;
        assert_eq!((none.total_minor, none.posted_minor), (0, -150_999));
        assert_eq!(shop.owed().await, owed(&[("D1", 0), ("D2", 0), ("D3", 0)]));
        assert_eq!(shop.by_fact(shop.d1()).await, []);

        set_rule(&shop.desk, &shop.digest, Some("rebate"), &simple()).await;
        assert_eq!(shop.settle().await.posted_minor, 60_000);
        let numbers: Vec<i64> = shop
            .desk
            .app
            .settlements(&shop.desk.finance, None, 50)
            .await
            .unwrap()
            .iter()
            .map(|listed| listed.run.number)
            .collect();
        assert_eq!(numbers.len(), 4);
        assert!((1..=4).all(|number| numbers.contains(&number)));
    })
    .await;
}

#[tokio::test]
async fn runs_at_the_same_time_post_once() {
    on_both(None, async |shop| {
        let app = &shop.desk.app;
        let ctx = &shop.desk.finance;
        let (a, b, c) = tokio::join!(
            app.settle(ctx, "rebate", PERIOD),
            app.settle(ctx, "rebate", PERIOD),
            app.settle(ctx, "rebate", PERIOD)
        );
        let runs = [a, b, c].map(|run| match run {
            Ok(run) => Some(run),
            Err(AppError::Conflict { code: "settlement-raced", .. } | AppError::Busy) => None,
            Err(other) => panic!("{other:?}"),
        });
        let posted: Vec<i64> = runs.iter().flatten().map(|run| run.posted_minor).collect();
        assert_eq!(posted.iter().sum::<i64>(), 60_000);
        assert_eq!(posted.iter().filter(|posted| **posted != 0).count(), 1);
        assert_eq!(shop.owed().await, owed(&[("D1", 20_000), ("D2", 40_000)]));
        ledger_is_sound(app, shop.desk.company.id).await;
    })
    .await;
}

#[tokio::test]
async fn the_budget_is_what_other_periods_left() {
    // 700.00 in all: the third quarter takes 600.00, the fourth would earn 999 × 100 × 2 % = 1,998.00.
    on_both(Some(70_000), async |shop| {
        assert_eq!(shop.settle().await.total_minor, 60_000);
        let next = shop.desk.app.settle(&shop.desk.finance, "rebate", "2026-Q4").await.unwrap();
        assert_eq!((next.total_minor, next.posted_minor), (10_000, 10_000));
        let again = shop.desk.app.settle(&shop.desk.finance, "rebate", "2026-Q4").await.unwrap();
        assert_eq!((again.total_minor, again.posted_minor), (10_000, 0));
        assert_eq!(shop.settle().await.posted_minor, 0);
    })
    .await;
}

#[tokio::test]
async fn a_statement_explains_itself_to_its_dealer_alone() {
    on_both(None, async |shop| {
        let run = shop.settle().await;
        let app = &shop.desk.app;
        let mine = shop.statements(&shop.desk.buyer, false).await;
        assert_eq!(mine.len(), 1);
        let page = app.statement(&shop.desk.buyer, mine[0].id).await.unwrap();
        assert_eq!((page.statement.total_minor, page.before_minor), (20_000, 0));
        assert_eq!(page.statement.decision_id, run.decision_id);
        assert_eq!(page.lines.len(), 1);
        let (line, facts) = &page.lines[0];
        assert_eq!((line.reason.code.as_str(), line.amount_minor, *facts), ("rebate", 20_000, 3));
        let said = |code: &str| page.messages.iter().any(|message| message.code == code);
        assert!(!line.steps.is_empty() && line.steps.iter().all(|step| said(&step.code)));

        let part = app.statement_facts(&shop.desk.buyer, mine[0].id, 1, 0, 2).await.unwrap();
        assert_eq!((part.facts.len(), part.count), (2, 3));
        assert_eq!(part.facts[0].order_number, "A1");
        let rest = app.statement_facts(&shop.desk.buyer, mine[0].id, 1, part.next.unwrap(), 2).await.unwrap();
        assert_eq!((rest.facts.len(), rest.facts[0].amount_minor, rest.next), (1, 1, None));
        let beyond = app.statement_facts(&shop.desk.buyer, mine[0].id, 2, 0, 2).await;
        assert!(matches!(beyond, Err(AppError::NotFound)));

        // Another dealer's, and the same from another company.
        let all = shop.statements(&shop.desk.finance, false).await;
        let other = all.iter().find(|statement| statement.dealer == "D2").unwrap();
        assert!(matches!(app.statement(&shop.desk.buyer, other.id).await, Err(AppError::NotFound)));
        let third = all.iter().find(|statement| statement.dealer == "D3").unwrap();
        let why = app.statement(&shop.desk.finance, third.id).await.unwrap();
        assert_eq!((why.statement.total_minor, why.statement.unpaid.0[0].code.as_str()), (0, "below-band"));

        // Whoever runs D2 sees D2's branch.
        let manager = NewUser {
            email: "manager@acme.example".into(),
            name: "Manager".into(),
            role: Role::DealerManager,
            dealer: Some(other.dealer_id),
            password: "correct horse".into(),
        };
        app.add_user(&shop.desk.company, manager).await.unwrap();
        let manager = app.act_as(&shop.desk.company, "manager@acme.example").await.unwrap();
        let mut seen: Vec<String> =
            shop.statements(&manager, false).await.into_iter().map(|statement| statement.dealer).collect();
        seen.sort();
        assert_eq!(seen, ["D2", "D3"]);
        assert!(matches!(app.settle(&manager, "rebate", PERIOD).await, Err(AppError::Forbidden)));
    })
    .await;
}

#[tokio::test]
async fn another_company_sees_and_loses_nothing() {
    on_both(None, async |shop| {
        let app = &shop.desk.app;
        let other = app.add_company("other", "Other", "CNY", "Asia/Shanghai").await.unwrap();
        let user = NewUser {
            email: "finance@other.example".into(),
            name: "Finance".into(),
            role: Role::Admin,
            dealer: None,
            password: "correct horse".into(),
        };
        app.add_user(&other, user).await.unwrap();
        let theirs = app.act_as(&other, "finance@other.example").await.unwrap();
        let run = shop.settle().await;
        let statement = shop.statements(&shop.desk.finance, false).await.remove(0).id;
        assert!(matches!(app.statement(&theirs, statement).await, Err(AppError::NotFound)));
        assert!(matches!(app.settlement(&theirs, run.id).await, Err(AppError::NotFound)));
        assert!(matches!(app.settle(&theirs, "rebate", PERIOD).await, Err(AppError::NotFound)));
        assert!(shop.statements(&theirs, true).await.is_empty());
        assert!(app.settlements(&theirs, None, 50).await.unwrap().is_empty());
        let mut tx = app.db().read(other.id).await.unwrap();
        assert_eq!(companies::counted(&mut tx, other.id, facts::COUNTER).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_settlement_replays_to_the_same_bytes_after_later_facts() {
    on_both(None, async |shop| {
        let run = shop.settle().await;
        shop.order("L1,2026-09-01,D1,P1,350,100.00").await;
        let replay = shop.desk.app.replay(&shop.desk.ops, run.decision_id).await.unwrap();
        assert!(replay.identical, "{replay:?}");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_settled_says_why_and_posts_nothing() {
    on_both(None, async |shop| {
        let app = &shop.desk.app;
        let settle =
            async |program: &str, period: &str| match app.settle(&shop.desk.finance, program, period).await {
                Err(AppError::Invalid(issues)) => issues[0].code.to_owned(),
                Err(AppError::NotFound) => "not-found".into(),
                Err(AppError::NoRule(kind)) => format!("no {kind}"),
                Err(AppError::Refused { violations, .. }) => violations[0].reason.code.clone(),
                other => panic!("{other:?}"),
            };
        assert_eq!(settle("rebate", "2026-07").await, "period-calendar");
        assert_eq!(settle("rebate", "soon").await, "period");
        assert_eq!(settle("rebate", "2027-Q1").await, "period-future");
        assert_eq!(settle("nothing", PERIOD).await, "not-found");
        let program = NewProgram {
            code: "unbound".into(),
            name_zh: "未绑定".into(),
            name_en: "Unbound".into(),
            calendar: Calendar::Month,
            budget_minor: None,
        };
        app.add_program(&shop.desk.finance, program.clone()).await.unwrap();
        assert_eq!(settle("unbound", "2026-07").await, "no incentive");
        let twice = app.add_program(&shop.desk.finance, program).await;
        assert!(matches!(twice, Err(AppError::Conflict { code: "program-exists", .. })));

        let mut twice = simple();
        twice["bands"] = json!([{ "category": "", "from": "1", "rate": "0.01" },
                                { "category": "", "from": "1.0", "rate": "0.02" }]);
        set_rule(&shop.desk, &shop.digest, Some("rebate"), &twice).await;
        assert_eq!(settle("rebate", PERIOD).await, "band-twice");
        assert_eq!(shop.owed().await, []);
        assert!(app.settlements(&shop.desk.finance, None, 50).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_dealers_home_shows_what_the_current_quarter_would_pay() {
    on_both(None, async |shop| {
        let app = &shop.desk.app;
        // Z3: 99,900.00 in the fourth quarter → 1,998.00.
        let so_far = app.incentives_so_far(&shop.desk.buyer).await.unwrap();
        assert_eq!(so_far.len(), 1);
        assert_eq!((so_far[0].period.as_str(), so_far[0].total_minor), ("2026-Q4", 199_800));
        assert_eq!(so_far[0].payouts[0].0.code, "rebate");
        shop.order("L1,2026-11-01,D1,P1,10,100.00").await;
        let held = app.incentives_so_far(&shop.desk.buyer).await.unwrap();
        assert_eq!(held[0].total_minor, 199_800, "an estimate is held for a minute");
        shop.desk.wait_ms(60_001);
        let fresh = app.incentives_so_far(&shop.desk.buyer).await.unwrap();
        assert_eq!(fresh[0].total_minor, 201_800);
        assert!(shop.owed().await.is_empty(), "nothing is posted by looking");
    })
    .await;
}

#[tokio::test]
async fn a_cart_says_what_it_would_add_to_the_quarter() {
    on_both(None, async |shop| {
        let app = &shop.desk.app;
        let pricing = upload(&shop.desk, "starter-rust").await;
        let settings = json!({ "from_pieces": 1_000, "discount": "0.1" });
        set_rule(&shop.desk, &pricing, None, &settings).await;
        let buyer = &shop.desk.buyer;
        let quoted = app.quote(buyer, &Desk::draft(10)).await.unwrap();
        let total = quoted.totals.total_minor;
        assert!(total > 0 && total % 50 == 0, "{total}");
        // Z3 stands at 99,900.00 in the fourth quarter, above the band of two per cent.
        assert_eq!(app.expected_incentive(buyer, &quoted).await.unwrap(), Some(total / 50));
        let mut bands = simple();
        bands["bands"][1] = json!({ "category": "", "from": "100000", "rate": "0.05" });
        set_rule(&shop.desk, &shop.digest, Some("rebate"), &bands).await;
        // The order lifts the whole quarter from one per cent to five.
        let with = (9_990_000 + total) / 20;
        let quoted = app.quote(buyer, &Desk::draft(10)).await.unwrap();
        assert_eq!(app.expected_incentive(buyer, &quoted).await.unwrap(), Some(with - 99_900));
        let cart = [Typed { sku: "P1".into(), quantity: "10".into() }];
        assert_eq!(app.check_cart(buyer, &cart).await.unwrap().earns_minor, Some(with - 99_900));
        assert!(shop.owed().await.is_empty(), "nothing is posted by looking");
    })
    .await;
}

#[tokio::test]
async fn orders_and_products_are_where_the_statement_says() {
    on_both(None, async |shop| {
        shop.settle().await;
        let statement = shop.statements(&shop.desk.buyer, false).await.remove(0);
        let part = shop.desk.app.statement_facts(&shop.desk.buyer, statement.id, 1, 0, 50).await.unwrap();
        let mut tx = shop.desk.app.db().read(shop.desk.company.id).await.unwrap();
        for fact in part.facts {
            let order =
                orders::find(&mut tx, shop.desk.company.id, fact.order_id, None, 0).await.unwrap().unwrap();
            assert_eq!((order.number, order.dealer_id), (fact.order_number, shop.d1()));
            let product = products::by_sku(&mut tx, shop.desk.company.id, &fact.sku).await.unwrap().unwrap();
            assert_eq!(product.name, fact.product);
        }
    })
    .await;
}
