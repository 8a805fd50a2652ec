//! The demo on both databases: what it promises is there, and its pages and API show it.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use qudao::server;
use qudao::state::AppState;
use qudao::web::Views;
use qudao_app::{App, Clock, Context, DemoPlugins, DemoReport, OrderQuery, StatementFilter};
use qudao_domain::deal::DealState;
use qudao_domain::orders::OrderStatus;
use qudao_domain::permissions::Role;
use qudao_store::ledger;
use qudao_store::testing::TestDb;
use qudao_tests::desk::{Desk, morning};
use qudao_tests::plugin;
use serde_json::{Value as Json, json};

struct Demo {
    app: App,
    router: Router,
    report: DemoReport,
    // Kept so that the database lives as long as this.
    _test: TestDb,
}

impl Demo {
    async fn both() -> Vec<Self> {
        let [pricing, incentive, kpi, deal] =
            ["volume-pricing", "tiered-rebate", "weighted-kpi", "deal-registration"].map(plugin);
        let engine = Desk::engine();
        let mut made = Vec::new();
        for test in TestDb::both().await {
            let app = App::new(test.db.clone(), engine.clone(), Clock::fixed(morning()));
            let plugins = DemoPlugins { pricing: &pricing, incentive: &incentive, kpi: &kpi, deal: &deal };
            let mut steps = Vec::new();
            let report = app.make_demo(plugins, 2026, &mut |step| steps.push(step)).await.unwrap();
            assert_eq!((steps.len(), steps[11].done, steps[11].of), (12, 11, 12));
            let views = Views::new(true).unwrap();
            let router = server::router(AppState { app: app.clone(), views, secure_cookies: false });
            made.push(Self { app, router, report, _test: test });
        }
        made
    }

    async fn act_as(&self, company: &str, role: Role) -> Context {
        let user =
            self.report.users.iter().find(|user| user.company == company && user.role == role).unwrap();
        let company = self.app.company(company).await.unwrap();
        self.app.act_as(&company, &user.email).await.unwrap()
    }

    async fn log_in(&self, role: Role) -> String {
        let user =
            self.report.users.iter().find(|user| user.company == "xingqu" && user.role == role).unwrap();
        let signed_in = self.app.log_in("xingqu", &user.email, user.password.clone()).await.unwrap();
        format!("qudao_session={}", signed_in.token)
    }

    async fn page(&self, cookie: &str, language: &str, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).header(header::COOKIE, format!("{cookie}; lang={language}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn api(&self, method: &str, path: &str, role: Role, body: Option<Json>) -> (StatusCode, Json) {
        let user =
            self.report.users.iter().find(|user| user.company == "xingqu" && user.role == role).unwrap();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", user.api_token))
            .header(header::CONTENT_TYPE, "application/json");
        let body = body.map_or_else(Body::empty, |json| Body::from(json.to_string()));
        let (status, text) = self.send(request.body(body).unwrap()).await;
        (status, serde_json::from_str(&text).unwrap_or(Json::Null))
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, String) {
        use tower::ServiceExt;
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        (parts.status, String::from_utf8_lossy(&bytes).into_owned())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_the_demo_promises_is_there() {
    let mut totals = Vec::new();
    for demo in Demo::both().await {
        for role in Role::ALL {
            let wanted = if matches!(role, Role::Ops | Role::Pricing | Role::Finance) { 2 } else { 1 };
            for company in ["xingqu", "nordpumpe"] {
                let users =
                    demo.report.users.iter().filter(|user| user.company == company && user.role == *role);
                assert!(users.count() >= wanted, "{company} {role}");
            }
        }
        for company in ["xingqu", "nordpumpe"] {
            let ops = demo.act_as(company, Role::Ops).await;
            let counts = demo.app.order_counts(&ops, &OrderQuery::default()).await.unwrap();
            for status in OrderStatus::ALL {
                assert!(
                    counts.iter().any(|(known, count)| known == status && *count > 0),
                    "{company} {status}"
                );
            }
            use DealState::{Accepted, Asked, Refused};
            let mut deals = demo.app.deal_counts(&ops).await.unwrap();
            deals.sort();
            assert_eq!(deals, [(Accepted, 2), (Asked, 1), (Refused, 1)], "{company}");
            let finance = demo.act_as(company, Role::Finance).await;
            assert_eq!(demo.app.settlements(&finance, None, 10).await.unwrap().len(), 2);
            assert_eq!(demo.app.scored_periods(&finance).await.unwrap(), ["2026-Q3", "2026-Q2"]);
            let filter = StatementFilter { limit: 200, ..StatementFilter::default() };
            assert!(
                demo.app.statements(&finance, &filter).await.unwrap().iter().any(|one| one.total_minor > 0)
            );
            let mut tx = demo.app.db().read(ops.company).await.unwrap();
            assert_eq!(ledger::unbalanced(&mut tx, ops.company).await.unwrap(), []);
            assert_eq!(ledger::drifted(&mut tx, ops.company).await.unwrap(), []);
        }
        let again = {
            let plugins = DemoPlugins { pricing: &[], incentive: &[], kpi: &[], deal: &[] };
            demo.app.make_demo(plugins, 2026, &mut |_| {}).await
        };
        assert!(again.is_err(), "a second demo in the same database");
        let ops = demo.act_as("xingqu", Role::Ops).await;
        let page = demo
            .app
            .dealers(&ops, &qudao_app::DealerFilter { limit: 200, ..Default::default() })
            .await
            .unwrap();
        let sum: i64 = page.dealers.iter().map(|listed| listed.turnover_minor).sum();
        totals.push((demo.report.companies.clone(), sum, shown(&demo, &ops).await));
    }
    // The same seed and day: the same business on either database.
    assert!(totals.windows(2).all(|pair| pair[0] == pair[1]));
}

/// Turnover of each dealer in the order of the list.
async fn shown(demo: &Demo, ops: &Context) -> Vec<(String, i64)> {
    let mut after = String::new();
    let mut seen = Vec::new();
    loop {
        let filter = qudao_app::DealerFilter {
            sort: qudao_app::DealerSort::Region,
            down: true,
            limit: 7,
            after: after.clone(),
            ..Default::default()
        };
        let page = demo.app.dealers(ops, &filter).await.unwrap();
        assert_eq!(page.total, 30);
        seen.extend(page.dealers.into_iter().map(|listed| (listed.dealer.code, listed.turnover_minor)));
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(seen.len(), 30);
    seen.sort();
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn products_and_dealers_are_shown_to_each_as_they_may_see_them() {
    for demo in Demo::both().await {
        let (buyer, manager) = (demo.log_in(Role::DealerBuyer).await, demo.log_in(Role::DealerManager).await);
        let ops = demo.log_in(Role::Ops).await;
        for language in ["zh-CN", "en"] {
            for (cookie, path, holds) in [
                (&buyer, "/products?q=s1700", "S1700-08P"),
                (&buyer, "/products?sort=-price&stock=yes", "FW-40G-IPS"),
                (&buyer, "/products?q=%E5%85%89%E6%A8%A1%E5%9D%97&sort=-name", "OM-1G-SR"),
                (&buyer, "/products?q=zzz", "/products"),
                (&buyer, "/products/suggest?sku=om-1g", "OM-1G-SR"),
                (&buyer, "/products/OM-1G-SR?quantity=100", "volume-discount"),
                (&ops, "/products?sort=price&category=%E5%B8%83%E7%BA%BF", "PC-CAT5E"),
                (&ops, "/products/OM-1G-SR", "<code>main</code>"),
                (&ops, "/dealers", "/dealers/G1"),
                (&ops, "/dealers?sort=orders&under=P11", "/dealers/D111"),
                (&ops, "/dealers/P11", "/dealers/G1"),
                (&manager, "/dealers", "/dealers/P11"),
                (&manager, "/dealers/P11", "/dealers/D111"),
            ] {
                let (status, text) = demo.page(cookie, language, path).await;
                assert_eq!(status, StatusCode::OK, "{language} {path}: {text}");
                assert!(text.contains(holds), "{language} {path} lacks {holds}: {text}");
            }
        }
        // The first manager is of G1: other branches are not there for it, and prices to come not for its buyer.
        assert_eq!(demo.page(&manager, "en", "/dealers/P21").await.0, StatusCode::NOT_FOUND);
        assert_eq!(demo.page(&buyer, "en", "/dealers").await.0, StatusCode::FORBIDDEN);
        let (_, text) = demo.page(&manager, "en", "/dealers").await;
        assert!(!text.contains("/dealers/P21"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_lists_changes_and_refuses() {
    for demo in Demo::both().await {
        // Most products of the demo have a cost, for those who may know.
        let (_, list) = demo.api("GET", "/api/v1/products?limit=20", Role::Pricing, None).await;
        let mut with_cost = 0;
        for product in list["products"].as_array().unwrap() {
            let address = format!("/api/v1/products/{}", product["sku"].as_str().unwrap());
            let (_, shown) = demo.api("GET", &address, Role::Pricing, None).await;
            with_cost += usize::from(!shown["costs"].as_array().unwrap().is_empty());
        }
        assert!((12..=20).contains(&with_cost), "{with_cost} of 20");
        let (_, shown) = demo.api("GET", "/api/v1/products/OM-1G-SR", Role::DealerBuyer, None).await;
        assert_eq!(shown.get("costs"), None);
        let (status, list) = demo.api("GET", "/api/v1/products?limit=3&q=om-", Role::DealerBuyer, None).await;
        assert_eq!(
            (status, list["products"].as_array().unwrap().len(), &list["total"]),
            (StatusCode::OK, 3, &json!(20))
        );
        let next = list["next"].as_str().unwrap();
        let (_, page) =
            demo.api("GET", &format!("/api/v1/products?limit=3&q=om-&after={next}"), Role::Ops, None).await;
        assert_ne!(page["products"][0]["sku"], list["products"][0]["sku"]);

        let thing = json!({ "name": "新品", "category": "交换机", "attributes": { "ports": 12 } });
        let (status, _) =
            demo.api("PUT", "/api/v1/products/NEW-1", Role::DealerBuyer, Some(thing.clone())).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        let (status, made) = demo.api("PUT", "/api/v1/products/NEW-1", Role::Ops, Some(thing)).await;
        assert_eq!((status, &made["product"]["base_price"]), (StatusCode::OK, &Json::Null));
        let price = json!({ "valid_from": "2026-11-01", "price": "99.90" });
        let (status, _) = demo.api("PUT", "/api/v1/products/NEW-1/prices", Role::Pricing, Some(price)).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        let (status, _) =
            demo.api("PUT", "/api/v1/products/NEW-1/stock", Role::Ops, Some(json!({ "on_hand": 7 }))).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        let (_, shown) = demo.api("GET", "/api/v1/products/NEW-1", Role::DealerBuyer, None).await;
        assert_eq!(
            (&shown["product"]["base_price"], &shown["product"]["available"]),
            (&json!("99.9"), &json!(7))
        );
        for (price, status) in [("-1", 422), ("1,5", 422), ("0.0000000001", 422)] {
            let price = json!({ "valid_from": "2026-11-01", "price": price });
            let answer = demo.api("PUT", "/api/v1/products/NEW-1/prices", Role::Pricing, Some(price)).await;
            assert_eq!(answer.0.as_u16(), status, "{answer:?}");
        }

        let dealer = json!({ "name": "新经销商", "tier": "经销商", "region": "华东", "parent": "P11", "credit_limit": "5000.50" });
        let (status, made) = demo.api("PUT", "/api/v1/dealers/D9", Role::Ops, Some(dealer.clone())).await;
        assert_eq!((status, &made["dealer"]["credit_limit"]), (StatusCode::OK, &json!("5000.50")));
        let (_, branch) = demo.api("GET", "/api/v1/dealers?under=P11", Role::DealerManager, None).await;
        let codes: Vec<&str> =
            branch["dealers"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["D111", "D112", "D113", "D9", "P11"]);
        let ring = json!({ "name": "x", "tier": "x", "region": "x", "parent": "D9" });
        let (status, problem) = demo.api("PUT", "/api/v1/dealers/P11", Role::Ops, Some(ring)).await;
        assert_eq!(
            (status, problem.to_string().contains("ring")),
            (StatusCode::UNPROCESSABLE_ENTITY, true),
            "{problem}"
        );
        let (status, _) = demo.api("PUT", "/api/v1/dealers/D9", Role::Finance, Some(dealer)).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
}
