//! The home page of every role, on both databases: its figures are those that really are, its links lead somewhere,
//! and an empty company is told what to do first.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use qudao::server;
use qudao::state::AppState;
use qudao::web::Views;
use qudao_app::imports::ImportKind;
use qudao_app::{
    App, Clock, Company, Context, DealerInput, NewProgram, NewTarget, NewUser, Shipping, ShippingLine,
};
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::DealerId;
use qudao_domain::permissions::Role;
use qudao_domain::settlement::Calendar;
use qudao_engine::Engine;
use qudao_store::orders::Order;
use qudao_store::testing::TestDb;
use qudao_tests::desk::{Desk, morning};
use qudao_tests::history::{import, set_rule, upload};
use qudao_tests::portal::TestPortal;
use serde_json::json;

const PASSWORD: &str = "correct horse";

/// D1 bought for 50,000.00 this quarter so far; D2 has been silent since July.
const HISTORY: &str = "number,date,dealer,sku,quantity,unit_price
A1,2026-07-03,D1,P1,100,100.00
B1,2026-07-20,D2,P1,400,100.00
Z3,2026-10-01,D1,P1,500,100.00
";

/// A portal whose clock stands still, so that quarters and days are known.
async fn portal(test: TestDb, engine: &Engine) -> TestPortal {
    let desk = Desk::open_at(test, engine, Clock::fixed(morning())).await;
    let state = AppState { app: desk.app.clone(), views: Views::new(true).unwrap(), secure_cookies: false };
    TestPortal { router: server::router(state), desk }
}

fn address(role: Role) -> String {
    format!("{role}@acme.example")
}

async fn add(app: &App, company: &Company, role: Role, dealer: Option<DealerId>) {
    let user = NewUser {
        email: address(role),
        name: format!("The {role}"),
        role,
        dealer,
        password: PASSWORD.into(),
    };
    app.add_user(company, user).await.unwrap();
}

/// Logs in by the form and gives the cookie.
async fn log_in(portal: &TestPortal, company: &str, role: Role) -> String {
    let form =
        format!("company={company}&email={}&password=correct+horse", address(role).replace('@', "%40"));
    let request = Request::post("/login").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = portal.send(request.body(Body::from(form)).unwrap()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{role}: {}", answer.text);
    assert_eq!(answer.headers[header::LOCATION], "/");
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn get(portal: &TestPortal, cookie: &str, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).header(header::COOKIE, format!("{cookie}; lang=en"));
    let answer = portal.send(request.body(Body::empty()).unwrap()).await;
    (answer.status, answer.text)
}

/// The home page of a role.
async fn home(portal: &TestPortal, company: &str, role: Role) -> (String, String) {
    let cookie = log_in(portal, company, role).await;
    let (status, page) = get(portal, &cookie, "/").await;
    assert_eq!(status, StatusCode::OK, "{role}: {page}");
    (cookie, page)
}

fn shows(role: Role, page: &str, wanted: &[&str]) {
    // Isolation marks around the places of a message are not seen.
    let text = page.replace(['\u{2068}', '\u{2069}'], "");
    for text_wanted in wanted {
        assert!(text.contains(text_wanted), "{role}: `{text_wanted}` is not on the page:\n{text}");
    }
}

/// Every link of the page answers its reader.
async fn links_lead_somewhere(portal: &TestPortal, cookie: &str, role: Role, page: &str) {
    let main = page.split("<main").nth(1).unwrap();
    let mut links: Vec<String> = main
        .split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .map(str::to_owned)
        .collect();
    links.retain(|link| link.starts_with('/') && !link.starts_with("/assets"));
    links.sort();
    links.dedup();
    assert!(!links.is_empty(), "{role}");
    for link in links {
        let path = link.replace("&#x2f;", "/").replace("&amp;", "&");
        let path = path.split('#').next().unwrap();
        let (status, text) = get(portal, cookie, path).await;
        assert_eq!(status, StatusCode::OK, "{role}: {path}: {text}");
    }
}

/// A company with a past, rules, a settled period and two orders of today.
async fn busy(portal: &TestPortal) -> (Order, Order, String) {
    let desk = &portal.desk;
    let app = &desk.app;
    let buyer = desk.buyer.dealer;
    for (role, dealer) in [(Role::DealerManager, buyer), (Role::Sales, None)] {
        add(app, &desk.company, role, dealer).await;
    }
    let dealer = |code: &str, name: &str, limit| DealerInput {
        code: code.into(),
        name: name.into(),
        tier: "gold".into(),
        region: "east".into(),
        credit_limit: limit,
        terms_days: 30,
        attributes: json!({}),
        ..DealerInput::default()
    };
    app.save_dealer(&desk.ops, &dealer("D2", "Dealer Two", None)).await.unwrap();
    app.save_dealer(&desk.ops, &dealer("D1", "Dealer One", Some(Decimal::from(1_000_000)))).await.unwrap();
    import(app, &desk.ops, ImportKind::Orders, HISTORY).await;

    let pricing = upload(desk, "starter-rust").await;
    set_rule(desk, &pricing, None, &json!({ "from_pieces": 10, "discount": "0.2" })).await;
    let program = NewProgram {
        code: "rebate".into(),
        name_zh: "季度返利".into(),
        name_en: "Quarterly rebate".into(),
        calendar: Calendar::Quarter,
        budget_minor: Some(10_000_000),
    };
    app.add_program(&desk.finance, program).await.unwrap();
    let rebate = upload(desk, "tiered-rebate").await;
    let bands = json!({
        "method": "retroactive",
        "bands": [{ "category": "", "from": "10000", "rate": "0.01" }, { "category": "", "from": "50000", "rate": "0.02" }],
        "growth": [], "cap": null, "minimum": "0",
    });
    set_rule(desk, &rebate, Some("rebate"), &bands).await;
    let target = NewTarget { dealer: "D1".into(), metric: "turnover".into(), value: Decimal::from(200_000) };
    app.set_targets(&desk.finance, "2026-Q4", &[target]).await.unwrap();

    let placed = app.place_order(&desk.buyer, &Desk::draft(10), None).await.unwrap().order;
    desk.wait_ms(5);
    let other = app.place_order(&desk.buyer, &Desk::draft(20), None).await.unwrap().order;
    desk.wait_ms(5);
    let other = app.confirm_order(&desk.ops, other.id, None).await.unwrap();
    (placed, other, pricing)
}

#[tokio::test]
async fn every_role_finds_what_is_true() {
    let engine = Desk::engine();
    for test in TestDb::both().await {
        let portal = portal(test, &engine).await;
        let (placed, confirmed, pricing) = busy(&portal).await;
        let app = &portal.desk.app;

        let (cookie, page) = home(&portal, "acme", Role::DealerBuyer).await;
        let one = format!("/orders/{}\">{}</a>", placed.id, placed.number);
        let told = format!("/orders/{}\">{} was confirmed</a>", confirmed.id, confirmed.number);
        // 10 and 20 pieces at 80.00; 2 % of 50,000.00 so far; one pump alone costs its list price.
        shows(Role::DealerBuyer, &page, &[&one, "2,400.00 under way", "Quarterly rebate", "1,000.00"]);
        shows(Role::DealerBuyer, &page.replace("&#x2f;", "/"), &[&told, "Credit left", "Pump", ">100.00<"]);
        links_lead_somewhere(&portal, &cookie, Role::DealerBuyer, &page).await;
        let (cookie, page) = home(&portal, "acme", Role::DealerManager).await;
        shows(Role::DealerManager, &page, &["2,400.00 under way", "1,000.00"]);
        links_lead_somewhere(&portal, &cookie, Role::DealerManager, &page).await;

        for role in [Role::Ops, Role::Admin] {
            let (cookie, page) = home(&portal, "acme", role).await;
            shows(
                role,
                &page,
                &["worth ¥2,400.00", "since today", &placed.number, "Dealer One", "/orders?status=placed"],
            );
            assert!(!page.contains("Start here"), "{role}: {page}");
            links_lead_somewhere(&portal, &cookie, role, &page).await;
        }

        let (cookie, page) = home(&portal, "acme", Role::Pricing).await;
        shows(
            Role::Pricing,
            &page,
            &["¥2,400.00", "2 orders", ">20%<", "settings?revision=2", "The pricing"],
        );
        assert!(page.contains(&pricing) && !page.contains("Start here"), "{page}");
        links_lead_somewhere(&portal, &cookie, Role::Pricing, &page).await;

        let (_, page) = home(&portal, "acme", Role::Finance).await;
        shows(Role::Finance, &page, &["Start here", "Settle the first period", "Not settled"]);
        let run = app.settle(&portal.desk.finance, "rebate", "2026-Q3").await.unwrap();
        // 1 % of 10,000.00 and of 40,000.00; all three orders of the past are still to be paid.
        assert_eq!(run.total_minor, 50_000);
        let (cookie, page) = home(&portal, "acme", Role::Finance).await;
        shows(
            Role::Finance,
            &page,
            &["¥500.00", ">1%<", "¥99,500.00", "of ¥100,000.00", "¥100,000.00", "Dealer Two", "400.00"],
        );
        assert!(!page.contains("Start here"), "{page}");
        links_lead_somewhere(&portal, &cookie, Role::Finance, &page).await;
        let (_, page) = home(&portal, "acme", Role::DealerBuyer).await;
        shows(Role::DealerBuyer, &page, &["the statement is there"]);

        let (cookie, page) = home(&portal, "acme", Role::Sales).await;
        shows(
            Role::Sales,
            &page,
            &["¥50,000.00", ">25%<", "1 of 2", "Dealer Two", "20 Jul 2026", "40,000.00"],
        );
        links_lead_somewhere(&portal, &cookie, Role::Sales, &page).await;

        what_is_shipped_is_seen_at_once(&portal, &confirmed).await;
    }
}

/// All 20 pieces of the order.
async fn what_is_shipped_is_seen_at_once(portal: &TestPortal, confirmed: &Order) {
    let shipping = Shipping {
        lines: vec![ShippingLine { number: 1, quantity: 20 }],
        tracking: String::new(),
        on: None,
        revision: None,
    };
    portal.desk.wait_ms(5);
    portal.desk.app.ship_order(&portal.desk.ops, confirmed.id, &shipping).await.unwrap();
    let (_, page) = home(portal, "acme", Role::DealerBuyer).await;
    shows(Role::DealerBuyer, &page, &["800.00 under way", &format!("{} was shipped", confirmed.number)]);
    let (_, page) = home(portal, "acme", Role::Sales).await;
    shows(Role::Sales, &page, &["¥51,600.00"]);
}

async fn newcomer(portal: &TestPortal) -> (Company, Context) {
    let app = &portal.desk.app;
    let company = app.add_company("newco", "Newco", "CNY", "Asia/Shanghai").await.unwrap();
    for role in [Role::Ops, Role::Pricing, Role::Finance, Role::Sales, Role::Admin] {
        add(app, &company, role, None).await;
    }
    let ops = app.act_as(&company, &address(Role::Ops)).await.unwrap();
    (company, ops)
}

#[tokio::test]
async fn an_empty_company_is_told_what_to_do_first() {
    let engine = Desk::engine();
    for test in TestDb::both().await {
        let portal = portal(test, &engine).await;
        // Another company is busy; nothing of it is seen.
        let (placed, ..) = busy(&portal).await;
        let (company, ops) = newcomer(&portal).await;
        let step = |role| match role {
            Role::Ops | Role::Admin => "Upload the first plugin",
            Role::Pricing => "Activate a pricing rule",
            Role::Finance => "Make an incentive program",
            _ => "Import dealers",
        };
        for role in [Role::Ops, Role::Admin, Role::Pricing, Role::Finance, Role::Sales] {
            let (cookie, page) = home(&portal, "newco", role).await;
            shows(role, &page, &["Start here", step(role)]);
            assert!(!page.contains(&placed.number) && !page.contains("Dealer One"), "{role}: {page}");
            links_lead_somewhere(&portal, &cookie, role, &page).await;
        }
        let dealer = DealerInput {
            code: "N1".into(),
            name: "New One".into(),
            tier: "gold".into(),
            region: "west".into(),
            attributes: json!({}),
            ..DealerInput::default()
        };
        let dealer = portal.desk.app.save_dealer(&ops, &dealer).await.unwrap();
        add(&portal.desk.app, &company, Role::DealerBuyer, Some(dealer.id)).await;
        let (cookie, page) = home(&portal, "newco", Role::DealerBuyer).await;
        shows(Role::DealerBuyer, &page, &["No open orders", "No programs yet"]);
        assert!(!page.contains("Credit left") && !page.contains("Order again"), "{page}");
        links_lead_somewhere(&portal, &cookie, Role::DealerBuyer, &page).await;
    }
}

#[tokio::test]
async fn a_stranger_is_asked_to_log_in() {
    let portal = portal(TestDb::sqlite().await, &Desk::engine()).await;
    let answer = portal.send(Request::get("/").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert!(answer.headers[header::LOCATION].to_str().unwrap().starts_with("/login"));
}
