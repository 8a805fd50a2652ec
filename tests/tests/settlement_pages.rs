//! Settlements, statements and scorecards as finance and a dealer see them: over the API and as pages.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use qudao_app::imports::ImportKind;
use qudao_app::{Context, LEASE_MS};
use qudao_store::testing::TestDb;
use qudao_tests::desk::Desk;
use qudao_tests::history::{import, set_rule, upload};
use qudao_tests::portal::{Answer, TestPortal};
use serde_json::json;
use std::time::Duration;

const ORDERS: &str = "number,date,dealer,sku,quantity,unit_price,paid_on,customer
A1,2024-07-03,D1,P1,100,100.00,2024-07-20,Ann
A2,2024-08-10,D1,V1,30,333.33,,Bob
B1,2024-07-20,D2,P1,10,100.00,,
";

const DEALERS: &str = "code,name,tier,region,credit_limit,terms_days
D2,Dealer Two,gold,west,,0
";

/// A portal whose company has a past, a program and rules.
async fn open(test: TestDb) -> TestPortal {
    let portal = TestPortal::open(test, &Desk::engine()).await;
    let desk = &portal.desk;
    import(&desk.app, &desk.ops, ImportKind::Dealers, DEALERS).await;
    import(&desk.app, &desk.ops, ImportKind::Products, "sku,name,category\nV1,=Valve,valves\n").await;
    import(&desk.app, &desk.ops, ImportKind::Orders, ORDERS).await;
    let token = portal.token(&desk.finance).await;
    let program = json!({ "code": "rebate", "name_zh": "季度返利", "name_en": "Quarterly rebate",
                          "calendar": "quarter", "budget_minor": 1_000_000 });
    let added = portal.api("POST", "/api/v1/programs", &token, Some(&program)).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    let rebate = upload(desk, "tiered-rebate").await;
    let settings = json!({
        "method": "retroactive", "growth": [], "cap": null, "minimum": "0",
        "bands": [{ "category": "valves", "from": "0", "rate": "0.02" },
                  { "category": "", "from": "5000", "rate": "0.01" }],
    });
    set_rule(desk, &rebate, Some("rebate"), &settings).await;
    let kpi = upload(desk, "weighted-kpi").await;
    let settings = json!({
        "indicators": [{ "measure": "turnover", "weight": "0.5", "target": "20000" },
                       { "measure": "collection", "weight": "0.5", "target": "0.9" }],
        "cap": "1.2", "missing": "zero", "grades": { "a": "90", "b": "75", "c": "60" },
    });
    set_rule(desk, &kpi, None, &settings).await;
    tokio::time::sleep(Duration::from_millis(LEASE_MS.unsigned_abs() + 50)).await;
    portal
}

/// Somebody at a browser, in a language.
struct Browser<'a> {
    portal: &'a TestPortal,
    cookie: String,
    csrf: String,
}

impl<'a> Browser<'a> {
    async fn of(portal: &'a TestPortal, who: &Context, language: &str) -> Self {
        let app = &portal.desk.app;
        let signed_in = app.log_in("acme", &who.email, "correct horse".into()).await.unwrap();
        let (_, csrf) = app.session(&signed_in.token).await.unwrap().unwrap();
        Self { portal, cookie: format!("qudao_session={}; lang={language}", signed_in.token), csrf }
    }

    async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, &self.cookie);
        self.portal.send(request.body(Body::empty()).unwrap()).await
    }

    /// The page, which must be there.
    async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        answer.text
    }

    async fn post(&self, path: &str, fields: &str) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = format!("_csrf={}&{fields}", self.csrf);
        self.portal.send(request.body(Body::from(body)).unwrap()).await
    }
}

fn has(page: &str, words: &[&str]) {
    for word in words {
        assert!(page.contains(word), "“{word}” is missing in {page}");
    }
}

#[tokio::test]
async fn finance_settles_and_the_dealer_sees_why() {
    for test in TestDb::both().await {
        let portal = open(test).await;
        for language in ["en", "zh-CN"] {
            let finance = Browser::of(&portal, &portal.desk.finance, language).await;
            finance.page("/settlements").await;
            finance.page("/statements").await;
            finance.page("/ranking").await;
        }
        let finance = Browser::of(&portal, &portal.desk.finance, "en").await;
        for (fields, told) in [
            ("program=rebate&period=2024Q3", "Write a year (2026)"),
            ("program=rebate&period=2024-07", "This program settles by other periods, such as 2024-Q3"),
            ("program=nothing&period=2024-Q3", "Choose one of the values offered"),
            ("program=rebate&period=", "Fill this in"),
        ] {
            let refused = finance.post("/settlements", fields).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields}: {}", refused.text);
            has(&refused.text, &[told]);
        }
        let settled = finance.post("/settlements", "program=rebate&period=2024-Q3").await;
        assert_eq!(settled.status, StatusCode::SEE_OTHER, "{}", settled.text);
        let address = settled.headers[header::LOCATION].to_str().unwrap().to_owned();
        // 1 % of 10,000.00 and 2 % of 9,999.90; D2 is below the band.
        has(&finance.page(&address).await, &["¥300.00 posted", "Quarterly rebate", "9,700.00"]);
        let again = finance.post("/settlements", "program=rebate&period=2024-Q3").await;
        let address = again.headers[header::LOCATION].to_str().unwrap().to_owned();
        has(&finance.page(&address).await, &["Nothing"]);

        let token = portal.token(&portal.desk.buyer).await;
        let listed = portal.api("GET", "/api/v1/statements", &token, None).await.json();
        assert_eq!(listed["statements"].as_array().unwrap().len(), 1, "{listed}");
        let id = listed["statements"][0]["id"].as_str().unwrap().to_owned();
        let shown = portal.api("GET", &format!("/api/v1/statements/{id}"), &token, None).await.json();
        assert_eq!(shown["statement"]["total_minor"], 30_000);
        assert_eq!(shown["lines"].as_array().unwrap().len(), 2);
        let part =
            portal.api("GET", &format!("/api/v1/statements/{id}/lines/1/facts"), &token, None).await.json();
        assert_eq!((part["count"].clone(), part["facts"][0]["sku"].clone()), (json!(1), json!("V1")));

        for language in ["en", "zh-CN"] {
            let buyer = Browser::of(&portal, &portal.desk.buyer, language).await;
            has(&buyer.page("/statements").await, &[&id, "300.00"]);
            has(&buyer.page(&format!("/statements/{id}")).await, &["300.00", "A2", "valves", "9,999.90"]);
            let csv = buyer.page(&format!("/statements/{id}/evidence.csv")).await;
            has(&csv, &["A2,V1,'=Valve,30,9999.90,CNY"]);
            assert_eq!(buyer.get("/settlements").await.status, StatusCode::FORBIDDEN);
        }
        has(&finance.page("/statements?q=two&period=2024-Q3&program=rebate").await, &["Dealer Two"]);
    }
}

#[tokio::test]
async fn the_ranking_and_its_cards_are_pages_and_data() {
    for test in TestDb::both().await {
        let portal = open(test).await;
        let finance = Browser::of(&portal, &portal.desk.finance, "en").await;
        let scored = finance.post("/ranking", "period=2024-Q3").await;
        assert_eq!(scored.status, StatusCode::SEE_OTHER, "{}", scored.text);
        let token = portal.token(&portal.desk.finance).await;
        let again = json!({ "period": "2024-Q3" });
        let again = portal.api("POST", "/api/v1/scorecards", &token, Some(&again)).await;
        assert_eq!((again.status, again.json()["number"].clone()), (StatusCode::CREATED, json!(2)));
        let ranking = portal.api("GET", "/api/v1/ranking?period=2024-Q3", &token, None).await.json();
        assert_eq!(
            (ranking["count"].clone(), ranking["cards"][0]["dealer"].clone()),
            (json!(2), json!("D1"))
        );
        let id = ranking["cards"][0]["id"].as_str().unwrap().to_owned();
        let card = portal.api("GET", &format!("/api/v1/scorecards/{id}"), &token, None).await.json();
        assert_eq!(card["indicators"].as_array().unwrap().len(), 2, "{card}");

        for language in ["en", "zh-CN"] {
            let finance = Browser::of(&portal, &portal.desk.finance, language).await;
            has(&finance.page("/ranking").await, &["Dealer One", "Dealer Two"]);
            has(&finance.page("/ranking?period=2024-Q3&region=west").await, &["Dealer Two"]);
            has(&finance.page(&format!("/scorecards/{id}")).await, &["Dealer One", "20,000"]);
            let buyer = Browser::of(&portal, &portal.desk.buyer, language).await;
            let page = buyer.page("/ranking").await;
            has(&page, &["Dealer One"]);
            assert!(!page.contains("Dealer Two"), "a dealer sees no other's figures");
            has(&buyer.page(&format!("/scorecards/{id}")).await, &["Dealer One"]);
        }
        let other = ranking["cards"][1]["id"].as_str().unwrap();
        let buyer = portal.token(&portal.desk.buyer).await;
        let hidden = portal.api("GET", &format!("/api/v1/scorecards/{other}"), &buyer, None).await;
        assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    }
}
