//! Every route with an id in its address, asked by the administrator of another company: 404, and nothing changed.
//! A new route without a case fails this test.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use qudao::server::{Route, known_routes};
use qudao_app::signatures::PrivateKey;
use qudao_app::{
    Activation, Clock, Context, DealDraft, DecisionFilter, NewProgram, NewSimulation, NewUser, Shipping,
    Simulated, StatementFilter,
};
use qudao_domain::decimal::Decimal;
use qudao_domain::ids::IncidentId;
use qudao_domain::lifecycle::{RunPolicy, SimulationState};
use qudao_domain::permissions::{Action, Role};
use qudao_domain::settlement::Calendar;
use qudao_store::incidents::{self, NewIncident};
use qudao_store::testing::TestDb;
use qudao_tests::desk::Desk;
use qudao_tests::plugin;
use qudao_tests::portal::TestPortal;
use serde_json::{Value as Json, json};
use std::time::Duration;
use tower::ServiceExt;

/// What the first company has, as it stands in addresses.
struct Theirs {
    order: String,
    digest: String,
    decision: String,
    run: String,
    rule_run: String,
    statement: String,
    scorecard: String,
    incident: String,
    simulation: String,
    key: String,
    deal: String,
}

async fn activate(desk: &Desk, name: &str, program: Option<&str>) -> String {
    let digest = desk.app.upload_plugin(&desk.ops, plugin(name)).await.unwrap().digest;
    let activation = Activation {
        program: program.map(str::to_owned),
        reason: "test".into(),
        ..Activation::of(digest.clone())
    };
    let made = desk.app.activate(&desk.ops, &activation).await.unwrap();
    let wait = made.binding.effective_from.micros() - Clock::System.now().micros();
    tokio::time::sleep(Duration::from_micros(wait.max(0).unsigned_abs())).await;
    digest
}

/// Orders, ships, settles and scores, so that there is one of everything.
async fn one_of_everything(desk: &Desk) -> Theirs {
    let app = &desk.app;
    let digest = activate(desk, "starter-rust", None).await;
    let order = app.place_order(&desk.buyer, &Desk::draft(10), None).await.unwrap().order;
    let shipped = app.place_order(&desk.buyer, &Desk::draft(50), None).await.unwrap().order;
    app.confirm_order(&desk.ops, shipped.id, None).await.unwrap();
    app.ship_order(&desk.ops, shipped.id, &Shipping::default()).await.unwrap();
    let program = NewProgram {
        code: "rebate".into(),
        name_zh: "返利".into(),
        name_en: "Rebate".into(),
        calendar: Calendar::Quarter,
        budget_minor: None,
    };
    app.add_program(&desk.finance, program).await.unwrap();
    activate(desk, "tiered-rebate", Some("rebate")).await;
    activate(desk, "weighted-kpi", None).await;
    let period = qudao_domain::time::Period::quarter_of(desk.ops.day(Clock::System.now())).to_string();
    app.settle(&desk.finance, "rebate", &period).await.unwrap();
    let run = app.settlements(&desk.finance, None, 1).await.unwrap()[0].run.id.to_string();
    let filter = StatementFilter { limit: 1, ..StatementFilter::default() };
    let statement = app.statements(&desk.finance, &filter).await.unwrap()[0].id.to_string();
    app.score(&desk.finance, &period).await.unwrap();
    let ranking = app.ranking(&desk.finance, &period).await.unwrap();
    let decision = order.decision_id.unwrap().to_string();
    Theirs {
        order: order.id.to_string(),
        decision,
        run,
        statement,
        scorecard: ranking.rows[0].card.id.to_string(),
        rule_run: rule_run(desk).await,
        incident: incident(desk).await,
        simulation: simulation(desk, &digest).await,
        key: key(desk).await,
        deal: deal(desk).await,
        digest,
    }
}

/// Registers a customer.
async fn deal(desk: &Desk) -> String {
    activate(desk, "deal-registration", None).await;
    let draft = DealDraft {
        customer: "Harbour".into(),
        registered_number: String::new(),
        customer_region: String::new(),
        category: "pumps".into(),
        skus: Vec::new(),
        amount_minor: 10_000_000,
        expected_close: desk.ops.day(Clock::System.now()),
        progress: String::new(),
        note: String::new(),
    };
    desk.app.register_deal(&desk.buyer, &draft).await.unwrap().deal.id.to_string()
}

/// Tries the pricing plugin over today's orders, to the end.
async fn simulation(desk: &Desk, digest: &str) -> String {
    let today = desk.ops.day(Clock::System.now());
    let new = NewSimulation {
        digest: digest.to_owned(),
        revision: None,
        first: today,
        last: today,
        ..NewSimulation::default()
    };
    let id = desk.app.start_simulation(&desk.ops, &new).await.unwrap();
    while desk.app.simulation(&desk.ops, id).await.unwrap().0.state == SimulationState::Running {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    id.to_string()
}

/// A price that was asked and not ordered, and kept as a sample.
async fn rule_run(desk: &Desk) -> String {
    let everything = RunPolicy { sample_per_mille: 1_000, ..RunPolicy::default() };
    desk.app.save_run_policy(&desk.admin, everything).await.unwrap();
    desk.app.quote(&desk.buyer, &Desk::draft(2)).await.unwrap();
    desk.app.runs(&desk.ops, &DecisionFilter::default(), None, 1).await.unwrap().items[0].id.to_string()
}

/// A key that the company trusts.
async fn key(desk: &Desk) -> String {
    let pem = PrivateKey::from_seed(&[1; 32]).public().pem();
    desk.app.add_signing_key(&desk.admin, "Team", &pem).await.unwrap().fingerprint
}

/// Says that what prices the company's orders failed too often.
async fn incident(desk: &Desk) -> String {
    let live = desk.app.live_bindings(&desk.ops).await.unwrap();
    let mut tx = desk.app.db().write(desk.company.id).await.unwrap();
    let now = Clock::System.now();
    let id = IncidentId::at(now);
    let incident =
        NewIncident { id, opened_at: now, binding: live[0].id, restored: None, failures: 5, error: "trap" };
    incidents::open(&mut tx, desk.company.id, &incident).await.unwrap();
    tx.commit().await.unwrap();
    id.to_string()
}

/// The address with the first company's ids in it; none when the route has no case here.
fn address(route: &Route, theirs: &Theirs) -> Option<String> {
    let path = route.path.strip_prefix("/api/v1").unwrap_or(&route.path);
    let noun = path.split('/').nth(1)?;
    let id = match noun {
        "orders" => &theirs.order,
        "plugins" => &theirs.digest,
        "decisions" => &theirs.decision,
        "settlements" => &theirs.run,
        "runs" => &theirs.rule_run,
        "statements" => &theirs.statement,
        "scorecards" => &theirs.scorecard,
        "incidents" => &theirs.incident,
        "simulations" => &theirs.simulation,
        "plugin-keys" => &theirs.key,
        "deals" => &theirs.deal,
        "products" => "P1",
        "dealers" => "D1",
        _ => return None,
    };
    let filled = route.path.replace("{line}", "1").replace("{warehouse}", "main");
    let mut parts = Vec::new();
    for part in filled.split('/') {
        let is_id = part.starts_with('{') && part.ends_with('}');
        parts.push(if is_id { id } else { part });
    }
    Some(parts.join("/"))
}

/// A body that would do something if the id were the reader's own.
fn body(route: &Route) -> Json {
    let verb = route.path.rsplit('/').next().unwrap_or_default();
    match (verb, route.method) {
        ("settings", _) => json!({ "settings": { "from_pieces": 3, "discount": "0.5" }, "based_on": 1 }),
        ("activate", _) => json!({ "reason": "mine now" }),
        ("{sku}", "PUT") => json!({ "name": "Mine", "category": "mine" }),
        ("price" | "prices", _) => json!({ "valid_from": "2026-01-01", "price": "0.01" }),
        ("costs", _) => json!({ "valid_from": "2026-01-01", "cost": "0.01" }),
        ("stock", _) => json!({ "on_hand": 1 }),
        ("revoke", _) => json!({ "reason": "mine now" }),
        _ => json!({}),
    }
}

struct Stranger {
    token: String,
    cookie: String,
    csrf: String,
}

/// The administrator of another company, with a session and a token.
async fn stranger(portal: &TestPortal) -> Stranger {
    let app = &portal.desk.app;
    let company = app.add_company("other", "Other", "USD", "America/New_York").await.unwrap();
    let user = NewUser {
        email: "admin@other.example".into(),
        name: "Admin".into(),
        role: Role::Admin,
        dealer: None,
        password: "correct horse".into(),
    };
    app.add_user(&company, user).await.unwrap();
    let ctx: Context = app.act_as(&company, "admin@other.example").await.unwrap();
    let signed_in = app.log_in("other", "admin@other.example", "correct horse".into()).await.unwrap();
    let csrf = app.session(&signed_in.token).await.unwrap().unwrap().1;
    Stranger { token: portal.token(&ctx).await, cookie: format!("qudao_session={}", signed_in.token), csrf }
}

async fn ask(portal: &TestPortal, route: &Route, address: &str, stranger: &Stranger) -> StatusCode {
    if address.starts_with("/api/") {
        let body = (route.method != "GET").then(|| body(route));
        return portal.api(route.method, address, &stranger.token, body.as_ref()).await.status;
    }
    let request =
        Request::builder().method(route.method).uri(address).header(header::COOKIE, &stranger.cookie);
    let request = if route.method == "GET" {
        request.body(Body::empty())
    } else {
        let form =
            format!("_csrf={}&revision=1&ship-1=1&reason=x&note=x&latest=1&scope=company", stranger.csrf);
        request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(form))
    };
    portal.send(request.unwrap()).await.status
}

#[tokio::test]
async fn another_companys_ids_lead_nowhere() {
    for test in TestDb::both().await {
        let portal = TestPortal::open(test, &Desk::engine()).await;
        let theirs = one_of_everything(&portal.desk).await;
        let stranger = stranger(&portal).await;
        let company = portal.desk.company.id;
        let before = portal.desk.test.fingerprint(company).await;
        let mut wrong = Vec::new();
        let mut asked = 0;
        for route in known_routes().into_iter().filter(|route| route.path.contains('{')) {
            let Some(address) = address(&route, &theirs) else {
                wrong.push(format!("{} {} has no case in this test", route.method, route.path));
                continue;
            };
            // A new product or dealer of one's own may well have the code of another company's.
            let own = route.method == "PUT";
            let status = ask(&portal, &route, &address, &stranger).await;
            asked += 1;
            if status != StatusCode::NOT_FOUND && !own {
                wrong.push(format!("{} {address}: {status}", route.method));
            }
        }
        let db = portal.desk.app.db().name();
        assert!(wrong.is_empty(), "{db}:\n{}", wrong.join("\n"));
        assert!(asked >= 25, "{asked} routes");
        assert_eq!(portal.desk.test.fingerprint(company).await, before, "{db}: something changed");
    }
}

#[tokio::test]
async fn a_stranger_is_sent_to_log_in_everywhere() {
    let portal = TestPortal::open(TestDb::sqlite().await, &Desk::engine()).await;
    for route in known_routes() {
        let public = ["/login", "/logout", "/preferences", "/api/docs"].contains(&route.path.as_str());
        if public {
            continue;
        }
        let address = route.path.replace(['{', '}'], "");
        let request = Request::builder().method(route.method).uri(&address);
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = portal.send(request.body(Body::from("a=1")).unwrap()).await;
        let expected =
            if address.starts_with("/api/") { StatusCode::UNAUTHORIZED } else { StatusCode::SEE_OTHER };
        assert_eq!(answer.status, expected, "{} {address}", route.method);
        assert!(!answer.text.contains("P1"), "{address}");
    }
}

/// What stands nowhere but in the cost of the product, its margin at list price, or the margin of the simulation, whose
/// 60 pieces cost 60 × 61.37; on pages, in the API and in the workbook.
async fn secrets(desk: &Desk, theirs: &Theirs) -> Vec<String> {
    let (_, outcome) = desk.app.simulation(&desk.admin, theirs.simulation.parse().unwrap()).await.unwrap();
    let Some(Simulated::Pricing(outcome)) = outcome else { panic!("no prices came out") };
    let margin = outcome.sums.margin.unwrap();
    assert_eq!(margin.cost_minor, 368_220);
    let left = margin.after_minor;
    let (thousands, rest, cents) = (left / 100_000, left / 100 % 1_000, left % 100);
    assert!(thousands > 0);
    let fixed = ["61.37", "38.63", "368220", "cost_minor", "\"costs\""].map(str::to_owned);
    let told =
        [format!("{thousands},{rest:03}.{cents:02}"), format!("<v>{}", Decimal::new(left, 2).normalize())];
    fixed.into_iter().chain(told).collect()
}

/// A workbook's sheets as text.
fn unzipped(bytes: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    for at in 0..archive.len() {
        std::io::Read::read_to_string(&mut archive.by_index(at).unwrap(), &mut text).unwrap();
    }
    text
}

/// Everything that somebody gets to read of the company, by address.
async fn all_that_is_read(portal: &TestPortal, theirs: &Theirs, reader: &Context) -> Vec<(String, String)> {
    let app = &portal.desk.app;
    let signed_in = app.log_in("acme", &reader.email, "correct horse".into()).await.unwrap();
    let cookie = format!("qudao_session={}", signed_in.token);
    let token = portal.token(reader).await;
    let mut read = Vec::new();
    for route in known_routes().into_iter().filter(|route| route.method == "GET") {
        let address = match route.path.contains('{') {
            true => address(&route, theirs).unwrap(),
            false => route.path.clone(),
        };
        let request = Request::builder().uri(&address);
        let request = match address.starts_with("/api/") {
            true => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            false => request.header(header::COOKIE, &cookie),
        };
        let response = portal.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        // An address that streams for ever, or is not theirs, tells nothing.
        if response.status() != StatusCode::OK {
            continue;
        }
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let text = match address.ends_with(".xlsx") {
            true => unzipped(&bytes),
            false => String::from_utf8_lossy(&bytes).into_owned(),
        };
        read.push((address, text));
    }
    read
}

#[tokio::test]
async fn costs_and_margins_are_read_by_pricing_finance_and_the_administrator_alone() {
    for test in TestDb::both().await {
        let portal = TestPortal::open(test, &Desk::engine()).await;
        let desk = &portal.desk;
        let cost = "61.37".parse().unwrap();
        desk.app.set_cost(&desk.finance, "P1", "2026-01-01".parse().unwrap(), cost).await.unwrap();
        let theirs = one_of_everything(desk).await;
        let secrets = secrets(desk, &theirs).await;
        for reader in [&desk.pricing, &desk.finance, &desk.admin] {
            let read = all_that_is_read(&portal, &theirs, reader).await;
            let sees = |secret: &str| read.iter().any(|(_, text)| text.contains(secret));
            // Each of them stands somewhere, so each is worth looking for.
            let missing: Vec<_> = secrets.iter().filter(|secret| !sees(secret)).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", reader.role);
        }
        let person = async |role: Role, dealer| {
            let email = format!("{role}@acme.example");
            let new = NewUser {
                email: email.clone(),
                name: "Somebody".into(),
                role,
                dealer,
                password: "correct horse".into(),
            };
            desk.app.add_user(&desk.company, new).await.unwrap();
            desk.app.act_as(&desk.company, &email).await.unwrap()
        };
        let manager = person(Role::DealerManager, desk.buyer.dealer).await;
        let sales = person(Role::Sales, None).await;
        for reader in [&desk.buyer, &manager, &sales, &desk.ops] {
            let read = all_that_is_read(&portal, &theirs, reader).await;
            assert!(read.len() >= 12, "{} reads {} addresses", reader.role, read.len());
            for (address, text) in read.iter().filter(|(address, _)| !address.starts_with("/api/v1/openapi"))
            {
                let told: Vec<_> = secrets.iter().filter(|secret| text.contains(secret.as_str())).collect();
                assert!(told.is_empty(), "{} reads {told:?} at {address}", reader.role);
            }
        }
        // A token that is not for costs tells none, whoever made it.
        let narrow = desk.app.add_token(&desk.admin, "narrow", &[Action::ProductsRead]).await.unwrap();
        let told = portal.api("GET", "/api/v1/products/P1", &narrow, None).await;
        assert_eq!((told.status, told.json().get("costs")), (StatusCode::OK, None));
    }
}
