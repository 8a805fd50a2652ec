//! Files of products, dealers and orders become a company's history, whole or not at all, on both databases.
//!
//! Reads `../shared/data` (or `QUDAO_DATA`) where it is there.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use qudao_app::imports::{ImportKind, ImportOptions, Phase, Progress, Report};
use qudao_app::{
    App, Clock, Context, DealerFilter, DealerInput, NewUser, OrderQuery, ProductFilter, ProductInput,
};
use qudao_domain::orders::OrderStatus;
use qudao_domain::permissions::Role;
use qudao_store::testing::{TestDb, note_skip};
use qudao_store::{facts, ledger, orders};
use qudao_tests::desk::{Desk, morning};
use serde_json::json;
use std::fmt::Write;
use std::io::Cursor;
use std::path::PathBuf;

/// A company with one person who may import everything.
struct House {
    app: App,
    admin: Context,
    // Kept so that the database lives as long as this.
    _test: TestDb,
}

impl House {
    async fn both() -> Vec<Self> {
        let engine = Desk::engine();
        let mut houses = Vec::new();
        for test in TestDb::both().await {
            let app = App::new(test.db.clone(), engine.clone(), Clock::fixed(morning()));
            let company = app.add_company("cycles", "Cycles", "USD", "America/New_York").await.unwrap();
            let new = NewUser {
                email: "admin@cycles.example".into(),
                name: "Company admin".into(),
                role: Role::Admin,
                dealer: None,
                password: "correct horse".into(),
            };
            app.add_user(&company, new).await.unwrap();
            let admin = app.act_as(&company, "admin@cycles.example").await.unwrap();
            houses.push(Self { app, admin, _test: test });
        }
        houses
    }

    async fn import(&self, kind: ImportKind, bytes: &[u8], options: &ImportOptions) -> Report {
        let mut file = Cursor::new(bytes);
        self.app.import(&self.admin, kind, &mut file, options, &mut |_| {}).await.unwrap()
    }

    /// Two products with prices, and a dealer.
    async fn small(&self) {
        let products = "sku,name,category,price,on_hand\nA,Pump,pumps,10.50,5\nB,Valve,valves,2,7\n";
        assert!(
            self.import(ImportKind::Products, products.as_bytes(), &ImportOptions::default()).await.accepted
        );
        let dealers = "code,name,tier,region\nD1,Dealer one,gold,east\n";
        assert!(
            self.import(ImportKind::Dealers, dealers.as_bytes(), &ImportOptions::default()).await.accepted
        );
    }

    /// Everything an import of orders could leave behind.
    async fn traces(&self) -> (usize, i64, i64) {
        let company = self.admin.company;
        let mut tx = self.app.db().read(company).await.unwrap();
        let list = orders::List { limit: 10_000, ..orders::List::default() };
        let count = orders::list(&mut tx, company, &list).await.unwrap().len();
        let facts = qudao_store::companies::counted(&mut tx, company, facts::COUNTER).await.unwrap();
        (count, facts, self.revenue().await)
    }

    async fn revenue(&self) -> i64 {
        let company = self.admin.company;
        let mut tx = self.app.db().read(company).await.unwrap();
        assert_eq!(ledger::unbalanced(&mut tx, company).await.unwrap(), []);
        assert_eq!(ledger::drifted(&mut tx, company).await.unwrap(), []);
        let mut sum = 0;
        for dealer in qudao_store::dealers::all(&mut tx, company).await.unwrap() {
            let balances = ledger::balances(&mut tx, company, dealer.id, "USD").await.unwrap();
            let revenue = balances.iter().filter(|(account, _)| account.as_str() == "revenue");
            sum -= revenue.map(|(_, amount)| amount).sum::<i64>();
        }
        sum
    }
}

fn data(file: &str) -> Option<Vec<u8>> {
    let root =
        std::env::var_os("QUDAO_DATA").map_or_else(|| PathBuf::from("../../shared/data"), PathBuf::from);
    let path = root.join("adventureworks").join(file);
    match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) if std::env::var("QUDAO_REQUIRE_DATA").is_ok_and(|value| value == "1") => {
            panic!("{}: {error}, and QUDAO_REQUIRE_DATA=1", path.display())
        }
        Err(_) => None,
    }
}

fn preset(name: &str) -> ImportOptions {
    ImportOptions { preset: Some(name.to_owned()), ..ImportOptions::default() }
}

fn problems(report: &Report) -> Vec<(u64, Option<&str>, &str)> {
    report.skipped.iter().map(|problem| (problem.line, problem.column.as_deref(), problem.code)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_adventureworks_history_comes_in_to_the_cent() {
    let (Some(products), Some(dealers), Some(sales)) =
        (data("Product.csv"), data("Resellers.csv"), data("FactResellerSales.csv"))
    else {
        note_skip("the AdventureWorks import: no ../shared/data");
        return;
    };
    for house in House::both().await {
        let options = preset("adventureworks-products");
        let report = house.import(ImportKind::Products, &products, &options).await;
        assert_eq!(
            (report.accepted, report.documents, report.problem_count),
            (true, 397, 0),
            "{:?}",
            report.skipped
        );
        let report = house.import(ImportKind::PricesFromSales, &sales, &options).await;
        assert_eq!((report.accepted, report.written), (true, 57_851), "{:?}", report.skipped);
        let report = house.import(ImportKind::Dealers, &dealers, &preset("adventureworks-dealers")).await;
        assert_eq!((report.accepted, report.documents), (true, 701), "{:?}", report.skipped);

        let mut heard: Vec<Progress> = Vec::new();
        let options = preset("adventureworks-orders");
        let mut file = Cursor::new(&sales);
        let mut hear = |progress| heard.push(progress);
        let report =
            house.app.import(&house.admin, ImportKind::Orders, &mut file, &options, &mut hear).await.unwrap();
        assert_eq!(
            (report.accepted, report.read, report.written),
            (true, 57_851, 57_851),
            "{:?}",
            report.skipped
        );
        assert_eq!((report.documents, report.total_minor), (3_616, 7_754_857_020));
        let last = heard.last().unwrap();
        assert_eq!((last.phase, last.rows, last.bytes), (Phase::Writing, 57_851, last.size));
        assert!(heard.len() > 100);

        assert_eq!(house.traces().await, (3_616, 57_851, 7_754_857_020));
        check_one_order(&house).await;
        let again = house.import(ImportKind::Orders, &sales, &options).await;
        assert_eq!((again.accepted, again.problem_count, again.skipped.len()), (false, 3_616, 100));
        assert_eq!(problems(&again)[0], (2, Some("SalesOrderNumber"), "order-exists"));
        assert_eq!(house.traces().await, (3_616, 57_851, 7_754_857_020));
    }
}

/// The first order of the file, from its own rows.
async fn check_one_order(house: &House) {
    let query = OrderQuery { search: "SO43659".into(), ..OrderQuery::default() };
    let found = house.app.orders(&house.admin, &query).await.unwrap();
    assert_eq!(found.len(), 1);
    let order = house.app.order(&house.admin, found[0].order.id).await.unwrap();
    assert_eq!((order.dealer.code.as_str(), order.order.status), ("676", OrderStatus::Shipped));
    assert_eq!((order.order.total_minor, order.lines.len()), (2_056_560, 12));
    assert_eq!((order.shipments.len(), order.steps.len()), (1, 2));
    let line = &order.lines[1];
    assert_eq!((line.sku.as_str(), line.quantity, line.shipped), ("350", 3, 3));
    assert_eq!(line.unit_price.0.to_string(), "2024.99");
    let product = house.app.product(&house.admin, "350").await.unwrap();
    assert_eq!(product.prices.last().unwrap().valid_from.to_string(), "2017-07-01");
    assert_eq!(product.product.attributes.0, json!({ "subcategory": "Mountain Bikes", "color": "Black" }));
}

/// Line, column and rule of a problem.
type Where = (u64, Option<&'static str>, &'static str);

const ORDERS: &str = "number,date,dealer,sku,quantity,unit_price";

#[tokio::test(flavor = "multi_thread")]
async fn bad_files_leave_nothing_behind() {
    let mut long = format!("{ORDERS}\n");
    for line in 2..50_000 {
        let price = if line == 40_000 { "10,50" } else { "10.50" };
        writeln!(long, "H-{line},2026-01-05,D1,A,2,{price}").unwrap();
    }
    let one = |row: &str| format!("{ORDERS}\n{row}\n").into_bytes();
    let cases: Vec<(&str, Vec<u8>, Where)> = vec![
        (
            "missing column",
            b"number,date,dealer,sku,unit_price\n1,2026-01-05,D1,A,1\n".to_vec(),
            (1, None, "missing-column"),
        ),
        (
            "encoding",
            [ORDERS.as_bytes(), b"\n1,2026-01-05,D1,A,1,1\n2,2026-01-05,D\xe9,A,1,1\n"].concat(),
            (3, None, "encoding"),
        ),
        ("number on line 40,000", long.into_bytes(), (40_000, None, "cells")),
        ("a comma in a number", one("1,2026-01-05,D1,A,2,\"10,50\""), (2, Some("unit_price"), "number")),
        ("no pieces", one("1,2026-01-05,D1,A,0,1"), (2, Some("quantity"), "range")),
        ("less than none", one("1,2026-01-05,D1,A,-1,1"), (2, Some("quantity"), "range")),
        ("too many", one("1,2026-01-05,D1,A,1000000000000,1"), (2, Some("quantity"), "range")),
        ("half a piece", one("1,2026-01-05,D1,A,1.5,1"), (2, Some("quantity"), "number")),
        ("unknown product", one("1,2026-01-05,D1,ZZ,1,1"), (2, Some("sku"), "unknown-sku")),
        ("unknown dealer", one("1,2026-01-05,D9,A,1,1"), (2, Some("dealer"), "unknown-dealer")),
        ("a day that reads two ways", one("1,04/05/2026,D1,A,1,1"), (2, Some("date"), "date")),
        ("tomorrow", one("1,2026-11-25,D1,A,1,1"), (2, Some("date"), "future")),
        ("no price", one("1,2026-01-05,D1,A,1,NULL"), (2, Some("unit_price"), "required")),
        ("cut off in quotes", one("1,2026-01-05,D1,A,1,1\n2,2026-01-05,\"D1,A,1,1"), (3, None, "quote")),
        (
            "rows apart",
            one("1,2026-01-05,D1,A,1,1\n2,2026-01-05,D1,A,1,1\n1,2026-01-05,D1,B,1,1"),
            (4, Some("number"), "scattered"),
        ),
        (
            "two days in one order",
            one("1,2026-01-05,D1,A,1,1\n1,2026-01-06,D1,B,1,1"),
            (3, Some("date"), "differs"),
        ),
    ];
    for house in House::both().await {
        house.small().await;
        for (what, bytes, expected) in &cases {
            let report = house.import(ImportKind::Orders, bytes, &ImportOptions::default()).await;
            assert_eq!((report.accepted, report.written), (false, 0), "{what}");
            assert_eq!(problems(&report), [*expected], "{what}: {:?}", report.skipped);
            assert_eq!(house.traces().await, (0, 0, 0), "{what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn good_orders_of_a_bad_file_come_in_when_asked_for() {
    let text = format!(
        "{ORDERS};paid_on;amount\n\
         1;2026-01-05;D1;A;2;10.50;2026-02-01;21.00\n1;2026-01-05;D1;B;3;2;2026-02-01;6\n\
         2;2026-01-06;D1;A;0;1;NULL;1\n2;2026-01-06;D1;A;1;1;NULL;1\n\
         3;2026-01-07;D1;A;1;10;NULL;9.99\n\
         4;2026-01-08;D1;A;3;NULL;NULL;10\n"
    )
    .replace(',', ";");
    for house in House::both().await {
        house.small().await;
        let dry = ImportOptions { dry_run: true, skip_bad: true, ..ImportOptions::default() };
        let expected = [(4, Some("quantity"), "range"), (6, Some("amount"), "amount-differs")];
        let report = house.import(ImportKind::Orders, text.as_bytes(), &dry).await;
        assert_eq!((report.accepted, report.dry_run, report.documents), (true, true, 2), "{report:?}");
        assert_eq!(house.traces().await, (0, 0, 0));
        let options = ImportOptions { skip_bad: true, ..ImportOptions::default() };
        let report = house.import(ImportKind::Orders, text.as_bytes(), &options).await;
        assert_eq!(problems(&report), expected);
        assert_eq!((report.read, report.written, report.documents, report.total_minor), (6, 3, 2, 3_700));
        assert_eq!(house.traces().await, (2, 3, 3_700));
        check_owed(&house).await;
        let again = house.import(ImportKind::Orders, text.as_bytes(), &options).await;
        let twice = problems(&again);
        assert_eq!((again.accepted, twice[0], twice.len()), (false, (2, Some("number"), "order-exists"), 4));
        assert_eq!(house.traces().await, (2, 3, 3_700));

        // A file that was cut off is not trusted with its good part either.
        let cut = format!("{ORDERS}\n8,2026-01-05,D1,A,1,1\n9,2026-01-05,\"D1");
        let report = house.import(ImportKind::Orders, cut.as_bytes(), &options).await;
        assert_eq!((report.accepted, problems(&report)), (false, vec![(3, None, "quote")]));
        assert_eq!(house.traces().await, (2, 3, 3_700));
    }
}

/// Order 1 was paid, order 4 is owed; a third of 10.00 is kept to nine places and its amount to the cent.
async fn check_owed(house: &House) {
    let company = house.admin.company;
    let mut tx = house.app.db().read(company).await.unwrap();
    let dealer = qudao_store::dealers::by_code(&mut tx, company, "D1", None, 0).await.unwrap().unwrap();
    let mut balances = ledger::balances(&mut tx, company, dealer.id, "USD").await.unwrap();
    balances.sort();
    let balances: Vec<(&str, i64)> =
        balances.iter().map(|(account, amount)| (account.as_str(), *amount)).collect();
    let expected = [
        ("open-orders", 0),
        ("order-backlog", 0),
        ("unbilled", 1_000),
        ("revenue", -3_700),
        ("received", 2_700),
    ];
    assert_eq!(balances, expected);
    drop(tx);
    let query = OrderQuery { search: "4".into(), ..OrderQuery::default() };
    let found = house.app.orders(&house.admin, &query).await.unwrap();
    let order = house.app.order(&house.admin, found[0].order.id).await.unwrap();
    let line = &order.lines[0];
    assert_eq!((line.unit_price.0.to_string().as_str(), line.amount_minor), ("3.333333333", 1_000));
    // The base price is the dated one, which holds from the day of its import: later than the order.
    assert_eq!(line.base_price, line.unit_price);
}

#[tokio::test(flavor = "multi_thread")]
async fn products_and_dealers_are_updated_by_their_codes() {
    for house in House::both().await {
        let (gb, _, _) = encoding_rs::GB18030.encode(
            "产品编码;名称;产品类别;基准价;库存;颜色\nA;千兆交换机;交换机;1200.00;40;黑\nB;光模块;模块;85;NULL;NULL\n",
        );
        let colored = ImportOptions {
            mapping: vec![("attr.color".into(), "颜色".into())],
            ..ImportOptions::default()
        };
        let report = house.import(ImportKind::Products, &gb, &colored).await;
        assert_eq!((report.accepted, report.documents), (true, 2), "{:?}", report.skipped);
        let renamed = "\u{feff}sku,name,category\nA,万兆交换机,交换机\n";
        assert!(
            house.import(ImportKind::Products, renamed.as_bytes(), &ImportOptions::default()).await.accepted
        );
        let product = house.app.product(&house.admin, "A").await.unwrap();
        assert_eq!((product.product.name.as_str(), product.available), ("万兆交换机", 40));
        assert_eq!(product.product.attributes.0, json!({ "color": "黑" }));
        assert_eq!(product.price.unwrap().0.to_string(), "1200");

        // The tree comes in any order; a ring and an unknown parent do not.
        let tree = "code,name,tier,region,parent,credit_limit\nD2,二级,dealer,east,D1,1000.50\nD1,总代,agent,east,,\n";
        let report = house.import(ImportKind::Dealers, tree.as_bytes(), &ImportOptions::default()).await;
        assert_eq!(report.documents, 2, "{:?}", report.skipped);
        let ring = "code,name,tier,region,parent\nD1,总代,agent,east,D2\nD3,x,dealer,east,D7\n";
        let report = house.import(ImportKind::Dealers, ring.as_bytes(), &ImportOptions::default()).await;
        assert_eq!(problems(&report), [(2, Some("parent"), "ring"), (3, Some("parent"), "dealer")]);
        let details = house.app.dealer(&house.admin, "D2").await.unwrap();
        assert_eq!((details.above.len(), details.dealer.credit_limit_minor), (1, Some(100_050)));
        assert_eq!(house.app.dealer(&house.admin, "D1").await.unwrap().children.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_searched_filtered_and_paged() {
    for house in House::both().await {
        let mut products = String::from("sku,name,category,price\n");
        for number in 0..25 {
            let category = if number % 2 == 0 { "even" } else { "odd" };
            writeln!(products, "SKU-{number:02},Router % {number} 路由器,{category},{number}.5").unwrap();
        }
        assert!(
            house.import(ImportKind::Products, products.as_bytes(), &ImportOptions::default()).await.accepted
        );
        let mut after = String::new();
        let mut seen = Vec::new();
        loop {
            let filter =
                ProductFilter { category: "even".into(), after, limit: 5, ..ProductFilter::default() };
            let page = house.app.products(&house.admin, &filter).await.unwrap();
            assert_eq!(page.total, 13);
            seen.extend(page.products.into_iter().map(|listed| listed.product.sku));
            match page.next {
                Some(next) => after = next,
                None => break,
            }
        }
        assert_eq!((seen.len(), seen.is_sorted()), (13, true));
        for (search, count) in [("sku-1", 10), ("ＳＫＵ－２", 5), ("由器", 25), ("% 7", 1), ("_", 0)] {
            let filter = ProductFilter { search: search.into(), ..ProductFilter::default() };
            assert_eq!(house.app.products(&house.admin, &filter).await.unwrap().total, count, "{search}");
        }
        assert_eq!(
            house.app.categories(&house.admin).await.unwrap(),
            [("even".into(), 13), ("odd".into(), 12)]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_sees_itself_and_stock_is_never_counted_below_what_is_reserved() {
    for house in House::both().await {
        let tree = "code,name,tier,region,parent\nTOP,Top,agent,east,\nMID,Mid,dealer,east,TOP\nLOW,Low,dealer,west,MID\nOTHER,Other,dealer,west,TOP\n";
        assert!(house.import(ImportKind::Dealers, tree.as_bytes(), &ImportOptions::default()).await.accepted);
        let mid = house.app.dealer(&house.admin, "MID").await.unwrap().dealer;
        let manager = Context { role: Role::DealerManager, dealer: Some(mid.id), ..house.admin.clone() };
        let codes = async |ctx: &Context| {
            let page = house.app.dealers(ctx, &DealerFilter::default()).await.unwrap();
            page.dealers.into_iter().map(|listed| listed.dealer.code).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(codes(&manager).await, "LOW MID");
        assert!(house.app.dealer(&manager, "TOP").await.is_err());
        let low = house.app.dealer(&manager, "LOW").await.unwrap();
        assert_eq!(low.above.iter().map(|dealer| dealer.code.as_str()).collect::<Vec<_>>(), ["MID"]);

        // Moved elsewhere with all below it, and back into its own branch never.
        let mut input = DealerInput {
            code: "MID".into(),
            name: "Mid".into(),
            parent: Some("LOW".into()),
            tier: "dealer".into(),
            region: "east".into(),
            attributes: json!({}),
            ..DealerInput::default()
        };
        assert!(house.app.save_dealer(&house.admin, &input).await.is_err());
        input.parent = None;
        house.app.save_dealer(&house.admin, &input).await.unwrap();
        let top = house.app.dealer(&house.admin, "TOP").await.unwrap().dealer;
        let manager = Context { dealer: Some(top.id), ..manager };
        assert_eq!(codes(&manager).await, "OTHER TOP");

        let sku = |sku: &str| ProductInput {
            sku: sku.into(),
            name: "Thing".into(),
            category: "things".into(),
            active: true,
            attributes: json!({ "odd": [1] }),
        };
        assert!(
            house.app.save_product(&house.admin, &sku("A")).await.is_err(),
            "an attribute no plugin could read"
        );
        house
            .app
            .save_product(&house.admin, &ProductInput { attributes: json!({}), ..sku("A") })
            .await
            .unwrap();
        house.app.count_stock(&house.admin, "A", "", 10).await.unwrap();
        reserve(&house, 4).await;
        assert!(house.app.count_stock(&house.admin, "A", "", 3).await.is_err());
        house.app.count_stock(&house.admin, "A", "", 4).await.unwrap();
        assert_eq!(house.app.product(&house.admin, "A").await.unwrap().available, 0);
        assert!(house.app.save_product(&manager, &sku("B")).await.is_err(), "a dealer changes no product");
    }
}

async fn reserve(house: &House, pieces: i64) {
    let company = house.admin.company;
    let mut tx = house.app.db().write(company).await.unwrap();
    let product = qudao_store::products::by_sku(&mut tx, company, "A").await.unwrap().unwrap();
    let warehouse = qudao_store::warehouses::all(&mut tx, company).await.unwrap()[0].id;
    let change = qudao_store::stock::Change { on_hand: 0, reserved: pieces };
    let changes = std::collections::BTreeMap::from([(product.id, change)]);
    assert_eq!(qudao_store::stock::change(&mut tx, company, warehouse, &changes).await.unwrap(), []);
    tx.commit().await.unwrap();
}
