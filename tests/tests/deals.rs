//! Registered deals on both databases: ruled one after the other, decided, taken back, told to nobody else.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use axum::body::Body;
use axum::http::{Request, header};
use qudao_app::{
    Activation, App, AppError, Clock, Context, DealDraft, DealFilter, DealPage, DealerInput, LEASE_MS,
    NewSettings, NewUser, is_open,
};
use qudao_domain::bindings::ScopeKind;
use qudao_domain::contract::Kind;
use qudao_domain::deal::{DealState, Outcome};
use qudao_domain::permissions::{Action, Role};
use qudao_engine::{Engine, EngineConfig, Limits};
use qudao_store::testing::TestDb;
use qudao_tests::desk::Desk;
use qudao_tests::history::{set_rule, upload};
use qudao_tests::portal::{Answer, TestPortal};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

fn settings(changes: &Json) -> Json {
    let mut settings = json!({
        "protection": [{ "tier": "gold", "days": 90 }],
        "protection_days": 30,
        "same": "customer",
        "between_dealers": "first-wins",
        "dealer_and_direct": "ask",
        "minimum_amount": "100",
        "extension_days": 30,
        "longest_days": 180,
        "floor_share": "0.85",
    });
    for (key, value) in changes.as_object().unwrap() {
        settings[key] = value.clone();
    }
    settings
}

/// A desk on which deals are ruled by the reference plugin, with the dealer `D1`, a second one and a salesperson.
struct Deals {
    desk: Desk,
    second: Context,
    sales: Context,
}

/// Somebody of the company.
async fn person(desk: &Desk, role: Role, email: &str, dealer: Option<&str>) -> Context {
    let dealer = match dealer {
        Some(code) => Some(desk.app.dealer(&desk.ops, code).await.unwrap().dealer.id),
        None => None,
    };
    let user = NewUser {
        email: email.into(),
        name: format!("Name of {email}"),
        role,
        dealer,
        password: "correct horse".into(),
    };
    desk.app.add_user(&desk.company, user).await.unwrap();
    desk.app.act_as(&desk.company, email).await.unwrap()
}

async fn dealer(desk: &Desk, code: &str) -> Context {
    let input = DealerInput {
        code: code.into(),
        name: format!("Rival {code}"),
        tier: "silver".into(),
        region: "west".into(),
        terms_days: 30,
        attributes: json!({}),
        ..DealerInput::default()
    };
    desk.app.save_dealer(&desk.ops, &input).await.unwrap();
    person(desk, Role::DealerBuyer, &format!("{code}@rival.example"), Some(code)).await
}

async fn deals(changes: Json) -> Vec<Deals> {
    let engine = Desk::engine();
    let mut made = Vec::new();
    for test in TestDb::both().await {
        let desk = Desk::open(test, &engine).await;
        let second = dealer(&desk, "D2").await;
        let sales = person(&desk, Role::Sales, "direct@acme.example", None).await;
        let digest = upload(&desk, "deal-registration").await;
        set_rule(&desk, &digest, None, &settings(&changes)).await;
        made.push(Deals { desk, second, sales });
    }
    made
}

fn draft(customer: &str) -> DealDraft {
    DealDraft {
        customer: customer.into(),
        registered_number: String::new(),
        customer_region: "east".into(),
        category: "pumps".into(),
        skus: vec!["P1".into()],
        amount_minor: 5_000_000,
        expected_close: "2027-02-01".parse().unwrap(),
        progress: String::new(),
        note: String::new(),
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, AppError>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(AppError::Conflict { code, .. }) => code.to_owned(),
        Err(AppError::Invalid(issues)) => issues
            .iter()
            .map(|issue| format!("{} {}", issue.pointer, issue.code))
            .collect::<Vec<_>>()
            .join(", "),
        Err(AppError::Refused { violations, .. }) => violations[0].reason.code.clone(),
        Err(AppError::Rule { failure, .. }) => failure.error.as_str().to_owned(),
        Err(other) => other.to_string(),
    }
}

fn reasons(page: &DealPage) -> Vec<&str> {
    page.told[0].reasons.iter().map(|note| note.code.as_str()).collect()
}

impl Deals {
    /// Registers a little later, so that ids are in the order of time.
    async fn register(&self, who: &Context, customer: &str) -> DealPage {
        self.desk.wait_ms(1);
        self.desk.app.register_deal(who, &draft(customer)).await.unwrap()
    }

    async fn again(&self, who: &Context, page: &DealPage) -> DealPage {
        self.desk.app.deal(who, page.deal.id).await.unwrap()
    }
}

#[tokio::test]
async fn the_first_dealer_is_protected_and_the_second_hears_only_that() {
    for deals in deals(json!({})).await {
        let (app, buyer) = (&deals.desk.app, &deals.desk.buyer);
        let first = deals.register(buyer, "星渠科技有限公司").await;
        assert_eq!((first.deal.outcome, first.deal.state), (Outcome::Protect, DealState::Accepted));
        assert_eq!(first.deal.protected_until.unwrap().to_string(), "2027-02-22");
        assert_eq!(reasons(&first), ["protected", "floor"]);
        // Full width, another legal form, blanks: the same customer.
        let second = deals.register(&deals.second, " 星渠　科技股份有限公司").await;
        assert_eq!((second.deal.outcome, second.deal.state), (Outcome::Refuse, DealState::Refused));
        assert_eq!(reasons(&second), ["taken-until", "floor"]);
        assert_eq!(second.deal.floor_share, first.deal.floor_share, "one floor for both");
        assert_eq!(reasons(&deals.again(buyer, &first).await), ["other-refused", "floor"]);

        // Neither sees the other, whatever it asks.
        assert!(second.others.is_empty());
        assert_eq!(code(app.deal(&deals.second, first.deal.id).await), AppError::NotFound.to_string());
        assert_eq!(
            code(app.withdraw_deal(&deals.second, first.deal.id).await),
            AppError::NotFound.to_string()
        );
        let filter = DealFilter { limit: 50, ..DealFilter::default() };
        let listed = app.deals(&deals.second, &filter).await.unwrap();
        assert_eq!(listed.iter().map(|deal| deal.id).collect::<Vec<_>>(), [second.deal.id]);
        let all = format!("{second:?}");
        assert!(!all.contains("Dealer One") && !all.contains("\"D1\""), "{all}");
        // The company sees both.
        assert_eq!(app.deals(&deals.desk.ops, &filter).await.unwrap().len(), 2);
        assert_eq!(deals.again(&deals.desk.ops, &second).await.others[0].id, first.deal.id);
        assert_eq!(
            app.deal_counts(&deals.second).await.unwrap(),
            [(DealState::Refused, 1)],
            "counted within reach"
        );
    }
}

#[tokio::test]
async fn a_registered_number_makes_the_same_customer_and_another_makes_another() {
    for deals in deals(json!({})).await {
        let app = &deals.desk.app;
        let with = |name: &str, number: &str| DealDraft { registered_number: number.into(), ..draft(name) };
        let first =
            app.register_deal(&deals.desk.buyer, &with("Acme Co., Ltd.", "91110108MA")).await.unwrap();
        assert_eq!(first.deal.customer_key, "acme");
        deals.desk.wait_ms(1);
        let renamed = app.register_deal(&deals.second, &with("Acme Trading", "９１ 110108ma")).await.unwrap();
        assert_eq!((renamed.deal.customer_key.as_str(), renamed.deal.outcome), ("acme", Outcome::Refuse));
        let other = app.register_deal(&deals.second, &with("ACME", "91000000XX")).await.unwrap();
        assert_eq!(
            (other.deal.customer_key.as_str(), other.deal.outcome),
            ("acme#91000000XX", Outcome::Protect)
        );
        let unnumbered = app.register_deal(&deals.second, &draft("acme inc.")).await.unwrap();
        assert_eq!(
            (unnumbered.deal.customer_key.as_str(), unnumbered.deal.outcome),
            ("acme", Outcome::Refuse)
        );
    }
}

#[tokio::test]
async fn protection_ends_with_its_day_and_progress_extends_it() {
    const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
    for deals in deals(json!({})).await {
        let (app, buyer) = (&deals.desk.app, &deals.desk.buyer);
        let first = deals.register(buyer, "Harbour").await;
        assert_eq!(reasons(&deals.register(buyer, "Harbour").await), ["already-registered", "floor"]);
        deals.desk.wait_ms(80 * DAY_MS);
        let progress = DealDraft {
            progress: "Quoted".into(),
            expected_close: "2027-05-01".parse().unwrap(),
            ..draft("harbour")
        };
        let extended = app.register_deal(buyer, &progress).await.unwrap();
        assert_eq!(reasons(&extended)[0], "extended");
        assert_eq!(extended.deal.protected_until.unwrap().to_string(), "2027-03-14");
        assert_eq!(deals.again(buyer, &first).await.deal.state, DealState::Replaced);
        deals.desk.wait_ms(31 * DAY_MS);
        let late = DealDraft { expected_close: "2027-05-01".parse().unwrap(), ..draft("Harbour") };
        let after = app.register_deal(&deals.second, &late).await.unwrap();
        assert_eq!(after.deal.outcome, Outcome::Protect, "the first has expired by its date alone");
        let expired = deals.again(buyer, &extended).await;
        assert!(!is_open(&expired.deal, after.deal.registered_on) && !expired.may_withdraw);
        assert_eq!(code(app.withdraw_deal(buyer, extended.deal.id).await), "deal-state");
    }
}

#[tokio::test]
async fn extensions_end_so_many_days_after_the_first_registration() {
    const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
    for deals in deals(json!({ "longest_days": 120 })).await {
        let (app, buyer) = (&deals.desk.app, &deals.desk.buyer);
        deals.register(buyer, "Harbour").await;
        let progress = DealDraft {
            progress: "Quoted".into(),
            expected_close: "2027-05-01".parse().unwrap(),
            ..draft("Harbour")
        };
        let mut told = Vec::new();
        // The 80th, the 95th and the 100th day after the first: each extends what was extended before.
        for days in [80, 15, 5] {
            deals.desk.wait_ms(days * DAY_MS);
            let page = app.register_deal(buyer, &progress).await.unwrap();
            let until = page.deal.protected_until.map(|day| day.to_string()).unwrap_or_default();
            told.push(format!("{} {until} {}", reasons(&page)[0], page.deal.first_registered_on));
        }
        // 24 November and 120 days is 24 March.
        let extended = ["extended 2027-03-14 2026-11-24", "extended 2027-03-24 2026-11-24"];
        assert_eq!(told, [extended[0], extended[1], "extended-enough  2027-03-04"]);
        let filter = DealFilter { state: Some(DealState::Accepted), limit: 9, ..DealFilter::default() };
        let open = app.deals(buyer, &filter).await.unwrap();
        assert_eq!(open.len(), 1, "what was refused ended nothing");
        assert_eq!(open[0].protected_until.unwrap().to_string(), "2027-03-24");
    }
}

#[tokio::test]
async fn dealers_share_what_they_register_both() {
    for deals in deals(json!({ "between_dealers": "split" })).await {
        let third = dealer(&deals.desk, "D3").await;
        let first = deals.register(&deals.desk.buyer, "Brewery").await;
        let second = deals.register(&deals.second, "Brewery").await;
        assert_eq!((second.deal.outcome, second.deal.share_bp), (Outcome::Split, Some(5_000)));
        assert_eq!(deals.again(&deals.desk.buyer, &first).await.deal.share_bp, Some(5_000));
        let last = deals.register(&third, "Brewery").await;
        let mut all = vec![last.deal.share_bp.unwrap()];
        for (who, page) in [(&deals.desk.buyer, &first), (&deals.second, &second)] {
            all.push(deals.again(who, page).await.deal.share_bp.unwrap());
        }
        assert_eq!(all, [3_333, 3_334, 3_333]);
        // Extended, a share stays a share.
        deals.desk.wait_ms(1);
        let progress = DealDraft { progress: "Visited".into(), ..draft("Brewery") };
        let extended = deals.desk.app.register_deal(&third, &progress).await.unwrap();
        assert_eq!((extended.deal.outcome, extended.deal.share_bp), (Outcome::Accept, Some(3_333)));
    }
}

#[tokio::test]
async fn somebody_else_decides_between_dealer_and_direct_sales() {
    for deals in deals(json!({})).await {
        let (app, desk) = (&deals.desk.app, &deals.desk);
        let direct = deals.register(&deals.sales, "Waterworks").await;
        assert_eq!((direct.deal.outcome, direct.deal.dealer_id), (Outcome::Protect, None));
        let asked = deals.register(&desk.buyer, "Waterworks").await;
        assert_eq!((asked.deal.state, asked.may_decide), (DealState::Asked, false));
        let all = format!("{asked:?}");
        assert!(!all.contains("direct@acme") && !all.contains(&deals.sales.user.to_string()), "{all}");

        // While it is asked, a third does not slip in.
        let third = deals.register(&deals.second, "Waterworks").await;
        assert_eq!(third.deal.state, DealState::Asked);
        for who in [&deals.sales, &desk.buyer, &desk.pricing] {
            assert_eq!(
                code(app.decide_deal(who, asked.deal.id, true, "").await),
                AppError::Forbidden.to_string()
            );
        }
        assert_eq!(code(app.decide_deal(&desk.ops, asked.deal.id, false, " ").await), "/note required");
        assert!(deals.again(&desk.ops, &asked).await.may_decide);
        let won = app.decide_deal(&desk.ops, asked.deal.id, true, "They quoted first").await.unwrap();
        assert_eq!(won.deal.state, DealState::Accepted);
        assert_eq!(won.deal.decided_note, "They quoted first");
        assert_eq!(deals.again(&deals.sales, &direct).await.deal.state, DealState::Replaced);
        assert_eq!(code(app.decide_deal(&desk.ops, asked.deal.id, false, "no").await), "deal-state");
        let lost = app.decide_deal(&desk.ops, third.deal.id, false, "The other quoted first").await.unwrap();
        assert_eq!(lost.deal.state, DealState::Refused);
        assert_eq!(deals.again(&desk.buyer, &asked).await.deal.state, DealState::Accepted);

        // The administrator who registered it as direct sales does not decide what would end it.
        let own = deals.register(&desk.admin, "Paper mill").await;
        let against = deals.register(&deals.second, "Paper mill").await;
        assert_eq!(code(app.decide_deal(&desk.admin, against.deal.id, false, "mine").await), "own-deal");
        assert_eq!(deals.again(&desk.admin, &against).await.deal.state, DealState::Asked, "nothing was kept");
        app.withdraw_deal(&desk.admin, own.deal.id).await.unwrap();
        assert_eq!(code(app.withdraw_deal(&desk.admin, own.deal.id).await), "deal-state");
    }
}

#[tokio::test]
async fn a_decision_is_recorded_replayed_and_regressed() {
    for deals in deals(json!({})).await {
        let (app, desk) = (&deals.desk.app, &deals.desk);
        let first = deals.register(&desk.buyer, "Valley").await;
        deals.register(&deals.second, "Valley").await;
        let page = app.decision(&desk.ops, first.deal.decision_id).await.unwrap();
        assert_eq!((page.decision.kind, page.decision.contract.as_str()), (Kind::Deal, "qudao:deal@0.1.0"));
        assert_eq!(page.decision.subject, format!("deal {}", first.deal.id));
        let about = app.about(&desk.ops, &[page.decision.subject.as_str()]).await.unwrap();
        assert_eq!((about[0].kind.as_str(), about[0].label.as_str()), ("deal", "Valley"));
        let listed = app.decisions(&desk.ops, &Default::default(), None, 10).await.unwrap();
        assert_eq!(listed.count, 2);
        for decision in listed.items {
            let replay = app.replay(&desk.ops, decision.id).await.unwrap();
            assert!(replay.identical && replay.same_fuel, "{replay:?}");
        }
        let regressed = app.regress(&desk.ops, 10).await.unwrap();
        let own = regressed.iter().find(|one| one.kind == Kind::Deal).unwrap();
        assert_eq!((own.decisions, own.different.len(), own.stops()), (2, 0, false));
        assert!(own.cases >= 8);
    }
}

#[tokio::test]
async fn what_is_wrong_or_too_small_is_not_kept() {
    for deals in deals(json!({})).await {
        let (app, desk) = (&deals.desk.app, &deals.desk);
        let before = desk.test.fingerprint(desk.company.id).await;
        let register = async |draft: DealDraft| code(app.register_deal(&desk.buyer, &draft).await);
        assert_eq!(
            register(DealDraft { customer: " （） ".into(), ..draft("x") }).await,
            "/customer required"
        );
        assert_eq!(
            register(DealDraft {
                category: "boats".into(),
                skus: vec!["P1".into(), "P9".into()],
                ..draft("x")
            })
            .await,
            "/category unknown-category, /skus/1 unknown-sku"
        );
        assert_eq!(register(DealDraft { amount_minor: 0, ..draft("x") }).await, "/amount_minor amount");
        let yesterday = "2026-11-23".parse().unwrap();
        assert_eq!(
            register(DealDraft { expected_close: yesterday, ..draft("x") }).await,
            "/expected_close days"
        );
        assert_eq!(register(DealDraft { note: "x".repeat(1_001), ..draft("x") }).await, "/note max-length");
        assert_eq!(register(DealDraft { amount_minor: 9_999, ..draft("x") }).await, "below-minimum");
        for who in [&desk.ops, &desk.finance, &desk.pricing] {
            assert_eq!(code(app.register_deal(who, &draft("x")).await), AppError::Forbidden.to_string());
        }
        assert_eq!(desk.test.fingerprint(desk.company.id).await, before);
    }
}

#[tokio::test]
async fn a_failure_is_recorded_and_nothing_is_registered() {
    for deals in deals(json!({})).await {
        let desk = &deals.desk;
        // The same company on a server that takes one reason, where the rule gives two.
        let limits = Limits { max_notes: 1, ..Limits::default() };
        let engine = Engine::new(EngineConfig::default().pool_size(1).limits(limits)).unwrap();
        let app = App::new(desk.test.db.clone(), engine, Clock::fixed(desk.app.clock().now()));
        for (who, subject) in [
            (&desk.buyer, "dealer D1".to_owned()),
            (&deals.sales, format!("salesperson {}", deals.sales.user)),
        ] {
            assert_eq!(code(app.register_deal(who, &draft("Harbour")).await), "bad-answer");
            let failures = app.runs(&desk.ops, &Default::default(), None, 10).await.unwrap().items;
            let failure = failures.iter().map(|one| &one.run).find(|one| one.subject == subject).unwrap();
            assert_eq!(failure.kind, Kind::Deal);
            assert!(failure.detail.contains("reasons"), "{}", failure.detail);
        }
        let filter = DealFilter { limit: 50, ..DealFilter::default() };
        assert_eq!(app.deals(&desk.ops, &filter).await.unwrap(), []);
    }
}

#[tokio::test]
async fn without_a_rule_nothing_is_registered_and_a_narrower_rule_wins() {
    for test in TestDb::both().await {
        let desk = Desk::open(test, &Desk::engine()).await;
        assert_eq!(
            code(desk.app.register_deal(&desk.buyer, &draft("Lake")).await),
            AppError::NoRule(Kind::Deal).to_string()
        );
        let second = dealer(&desk, "D2").await;
        let digest = upload(&desk, "deal-registration").await;
        set_rule(&desk, &digest, None, &settings(&json!({}))).await;
        let based_on = desk.app.settings(&desk.pricing, &digest, None).await.unwrap().latest;
        let narrow = settings(&json!({ "protection": [], "protection_days": 7 })).to_string();
        let new = NewSettings { json: narrow, note: String::new(), based_on };
        let revision = desk.app.save_settings(&desk.pricing, &digest, &new).await.unwrap().number;
        let activation = Activation {
            revision: Some(revision),
            scope: ScopeKind::Region,
            scope_value: "west".into(),
            reason: "west is quick".into(),
            ..Activation::of(digest)
        };
        desk.app.activate(&desk.ops, &activation).await.unwrap();
        desk.wait_ms(LEASE_MS + 1);
        let until = async |who: &Context, customer: &str| {
            let made = desk.app.register_deal(who, &draft(customer)).await.unwrap();
            made.deal.protected_until.unwrap().to_string()
        };
        assert_eq!(until(&desk.buyer, "Lake").await, "2027-02-22");
        assert_eq!(until(&second, "Farm").await, "2026-12-01");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_same_moment_one_has_the_customer_and_all_others_are_told() {
    for deals in deals(json!({})).await {
        let name = deals.desk.app.db().name();
        let deals = Arc::new(deals);
        // The same customer in several ways of writing it, so that the rows do not meet by their bytes.
        let names = ["Moment Ltd", "ＭＯＭＥＮＴ", "moment co., ltd.", " Moment "];
        let tasks: Vec<_> = (0..16)
            .map(|task: usize| {
                let deals = Arc::clone(&deals);
                tokio::spawn(async move {
                    let who = if task.is_multiple_of(2) { &deals.desk.buyer } else { &deals.second };
                    deals.desk.app.register_deal(who, &draft(names[task % names.len()])).await
                })
            })
            .collect();
        let mut outcomes = Vec::new();
        for task in tasks {
            outcomes.push(task.await.unwrap().unwrap().deal.outcome);
        }
        let protected = outcomes.iter().filter(|outcome| **outcome == Outcome::Protect).count();
        let refused = outcomes.iter().filter(|outcome| **outcome == Outcome::Refuse).count();
        assert_eq!((protected, refused), (1, 15), "{name}");
        let filter = DealFilter { state: Some(DealState::Accepted), limit: 50, ..DealFilter::default() };
        assert_eq!(deals.desk.app.deals(&deals.desk.ops, &filter).await.unwrap().len(), 1, "{name}");
    }
}

fn body(customer: &str) -> Json {
    json!({ "customer": customer, "category": "pumps", "amount_minor": 5_000_000, "expected_close": "2030-01-01" })
}

/// A portal whose rule does this between dealers, and the second dealer's buyer.
async fn portal(test: TestDb, between_dealers: &str) -> (TestPortal, Context) {
    let portal = TestPortal::open(test, &Desk::engine()).await;
    let desk = &portal.desk;
    let second = dealer(desk, "D2").await;
    let digest = upload(desk, "deal-registration").await;
    let json = settings(&json!({ "between_dealers": between_dealers })).to_string();
    let based_on = desk.app.settings(&desk.ops, &digest, None).await.unwrap().latest;
    let new = NewSettings { json, note: String::new(), based_on };
    let revision = desk.app.save_settings(&desk.ops, &digest, &new).await.unwrap().number;
    let activation = Activation { revision: Some(revision), reason: "test".into(), ..Activation::of(digest) };
    desk.app.activate(&desk.ops, &activation).await.unwrap();
    tokio::time::sleep(Duration::from_millis(u64::try_from(LEASE_MS).unwrap() + 20)).await;
    (portal, second)
}

#[tokio::test]
async fn programs_register_decide_and_withdraw() {
    for test in TestDb::both().await {
        let (portal, second) = portal(test, "ask").await;
        let desk = &portal.desk;
        let (first, other, ops) =
            (portal.token(&desk.buyer).await, portal.token(&second).await, portal.token(&desk.ops).await);
        let post = async |token: &str, path: &str, body: &Json| {
            portal.api("POST", &format!("/api/v1/deals{path}"), token, Some(body)).await
        };
        let made = post(&first, "", &body("Lakeside")).await;
        assert_eq!(made.status.as_u16(), 201, "{}", made.text);
        let deal = &made.json()["deal"];
        assert_eq!(
            (&deal["outcome"], &deal["open"], &deal["dealer"]),
            (&json!("protect"), &json!(true), &json!("D1"))
        );
        assert_eq!(made.json()["told"][0]["reasons"][0]["code"], "protected");
        let asked = post(&other, "", &body("lakeside ltd")).await.json();
        assert_eq!(asked["deal"]["state"], "asked");
        assert!(!asked.to_string().contains("Dealer One") && !asked.to_string().contains("D1"), "{asked}");
        let id = asked["deal"]["id"].as_str().unwrap();
        assert_eq!(
            post(&first, &format!("/{id}/decision"), &json!({ "accept": true })).await.status.as_u16(),
            403
        );
        let refused = post(&ops, &format!("/{id}/decision"), &json!({ "note": "First come" })).await.json();
        assert_eq!(
            (&refused["deal"]["state"], &refused["deal"]["decided_note"]),
            (&json!("refused"), &json!("First come"))
        );
        assert_eq!(refused["others"][0]["dealer"], "D1", "the company sees both");
        let own = deal["id"].as_str().unwrap();
        assert_eq!(post(&other, &format!("/{own}/withdrawal"), &json!({})).await.status.as_u16(), 404);
        let withdrawn = post(&first, &format!("/{own}/withdrawal"), &json!({})).await.json();
        assert_eq!(withdrawn["deal"]["state"], "withdrawn");
        let list = portal.api("GET", "/api/v1/deals?limit=1", &ops, None).await.json();
        assert_eq!((list["deals"].as_array().unwrap().len(), list["next"].is_string()), (1, true));
        let wrong = portal.api("GET", "/api/v1/deals?state=lost", &ops, None).await;
        assert_eq!(wrong.status.as_u16(), 422, "{}", wrong.text);
        let few = desk.app.add_token(&desk.buyer, "few", &[Action::DealsRead]).await.unwrap();
        assert_eq!(post(&few, "", &body("Other")).await.status.as_u16(), 403, "a token may be narrower");
    }
}

/// A browser of somebody who has logged in.
struct Browser<'p> {
    portal: &'p TestPortal,
    cookie: String,
    csrf: String,
}

impl<'p> Browser<'p> {
    async fn of(portal: &'p TestPortal, ctx: &Context) -> Self {
        let app = &portal.desk.app;
        let signed_in = app.log_in("acme", &ctx.email, "correct horse".into()).await.unwrap();
        let csrf = app.session(&signed_in.token).await.unwrap().unwrap().1;
        Self { portal, cookie: format!("qudao_session={}; lang=en", signed_in.token), csrf }
    }

    async fn get(&self, path: &str) -> Answer {
        let request = Request::builder().uri(path).header(header::COOKIE, &self.cookie);
        self.portal.send(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, form: &str) -> Answer {
        let request = Request::builder().method("POST").uri(path).header(header::COOKIE, &self.cookie);
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.portal.send(request.body(Body::from(format!("_csrf={}&{form}", self.csrf))).unwrap()).await
    }
}

fn target(answer: &Answer) -> String {
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.text);
    answer.headers[header::LOCATION].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn pages_register_decide_and_keep_what_was_typed() {
    const FORM: &str = "customer=Harbour+Ltd&category=pumps&skus=P1&expected_close=2030-01-01&amount_minor=";
    for test in TestDb::both().await {
        let (portal, second) = portal(test, "ask").await;
        let first = Browser::of(&portal, &portal.desk.buyer).await;
        let other = Browser::of(&portal, &second).await;
        let ops = Browser::of(&portal, &portal.desk.ops).await;
        assert!(first.get("/deals").await.text.contains("No registrations"));
        let small = first.post("/deals", &format!("{FORM}99.99")).await;
        assert_eq!(small.status.as_u16(), 422);
        assert!(
            small.text.contains("is less than the smallest amount") && small.text.contains("Harbour Ltd")
        );
        let wrong =
            first.post("/deals", "customer=&category=pumps&amount_minor=x&expected_close=tomorrow").await;
        assert!(wrong.text.contains("Fill this in") && wrong.text.contains("tomorrow"), "{}", wrong.text);
        let sku =
            first.post("/deals", &format!("{FORM}5000&skus=none").replacen("skus=P1", "skus=P9", 1)).await;
        assert!(sku.text.contains("no product with this SKU"), "{}", sku.text);

        let own = target(&first.post("/deals", &format!("{FORM}5%2C000.00")).await);
        let page = first.get(&own).await.text;
        assert!(page.contains("Registered and protected until") && page.contains("85%"), "{page}");
        let asked = target(&other.post("/deals", &format!("{FORM}9000")).await);
        let page = other.get(&asked).await.text;
        assert!(page.contains("Another dealer registered this") && !page.contains("Dealer One"), "{page}");
        assert_eq!(other.get(&own).await.status.as_u16(), 404);
        assert!(ops.get(&asked).await.text.contains("Dealer One"), "the company sees both");
        let unsaid = ops.post(&format!("{asked}/decision"), "answer=refuse&note=").await;
        assert_eq!(unsaid.status.as_u16(), 422);
        assert!(unsaid.text.contains("Fill this in"));
        target(&ops.post(&format!("{asked}/decision"), "answer=refuse&note=First+come").await);
        let page = other.get(&asked).await.text;
        assert!(page.contains("First come") && page.contains("Refused"), "{page}");
        target(&first.post(&format!("{own}/withdrawal"), "").await);
        assert!(first.get("/deals?state=withdrawn").await.text.contains("Harbour Ltd"));
    }
}
