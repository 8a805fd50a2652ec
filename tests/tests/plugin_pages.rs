//! Plugins over HTTP, as ops and headquarters use them: what is refused leaves nothing behind, what is typed is not
//! lost, what is wrong is told where it stands.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use qudao_app::{Activation, Context, NewSettings};
use qudao_domain::decimal::Decimal;
use qudao_store::testing::TestDb;
use qudao_tests::desk::Desk;
use qudao_tests::plugin;
use qudao_tests::portal::{Answer, TestPortal};
use serde_json::{Value as Json, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Somebody at a browser.
struct Browser<'a> {
    portal: &'a TestPortal,
    cookie: String,
    csrf: String,
}

impl<'a> Browser<'a> {
    async fn of(portal: &'a TestPortal, who: &Context) -> Self {
        let app = &portal.desk.app;
        let signed_in = app.log_in("acme", &who.email, "correct horse".into()).await.unwrap();
        let (_, csrf) = app.session(&signed_in.token).await.unwrap().unwrap();
        Self { portal, cookie: format!("qudao_session={}; lang=en", signed_in.token), csrf }
    }

    async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, &self.cookie);
        self.portal.send(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let escaped = |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
        let csrf = [("_csrf", self.csrf.as_str())];
        let pairs: Vec<String> = csrf
            .iter()
            .chain(fields)
            .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
            .collect();
        let request = Request::post(path)
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.portal.send(request.body(Body::from(pairs.join("&"))).unwrap()).await
    }

    async fn upload(&self, csrf: &str, file: &[u8]) -> Answer {
        let mut body = Vec::new();
        body.extend_from_slice(
            format!("--edge\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n{csrf}\r\n").as_bytes(),
        );
        body.extend_from_slice(
            b"--edge\r\nContent-Disposition: form-data; name=\"component\"; filename=\"rules.wasm\"\r\n\
              Content-Type: application/wasm\r\n\r\n",
        );
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let request = Request::post("/plugins/upload")
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .header(header::CONTENT_LENGTH, body.len());
        self.portal.send(request.body(Body::from(body)).unwrap()).await
    }
}

async fn push(portal: &TestPortal, token: &str, component: Vec<u8>) -> Answer {
    let request = Request::post("/api/v1/plugins")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/wasm");
    portal.send(request.body(Body::from(component)).unwrap()).await
}

/// Files that are no plugins, each with the word for why.
fn bad_files() -> Vec<(Vec<u8>, &'static str)> {
    let component = |text: &str| wat::parse_str(text).unwrap();
    vec![
        (b"5 % off from 10 pieces".to_vec(), "not-wasm"),
        (Vec::from("渠道"), "not-wasm"),
        (component("(module)"), "core-module"),
        (
            component(
                r#"(component
                    (import "wasi:clocks/wall-clock@0.2.0" (instance (export "now" (func (result u64)))))
                    (instance $i)
                    (export "qudao:pricing/pricing@0.2.0" (instance $i)))"#,
            ),
            "imports-function",
        ),
        (
            component(r#"(component (instance $i) (export "acme:rules/rules@1.0.0" (instance $i)))"#),
            "wrong-world",
        ),
        (
            component(r#"(component (instance $i) (export "qudao:pricing/pricing@0.2.0" (instance $i)))"#),
            "wrong-world",
        ),
        (plugin("starter-rust")[..5_000].to_vec(), "bad-structure"),
        (with_remote_reference(), "bad-schema"),
    ]
}

/// A whole plugin whose settings schema refers to another machine: the hostile one's mark is written over.
fn with_remote_reference() -> Vec<u8> {
    let mut bytes = plugin("hostile");
    let mark = b"this settings schema is at home.";
    let at = bytes.windows(mark.len()).position(|window| window == mark).unwrap();
    bytes[at] = b'T';
    bytes
}

#[tokio::test]
async fn bad_files_are_refused_with_the_reason_and_leave_nothing() {
    for test in TestDb::both().await {
        let portal = TestPortal::open(test, &Desk::engine()).await;
        let token = portal.token(&portal.desk.ops).await;
        let browser = Browser::of(&portal, &portal.desk.ops).await;
        for (file, reason) in bad_files() {
            let answer = push(&portal, &token, file.clone()).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{reason}: {}", answer.text);
            let error = &answer.json()["errors"][0];
            assert_eq!(error["code"], format!("upload-{reason}"), "{error}");
            assert!(error["message"].as_str().unwrap().len() > 20, "{error}");

            let page = browser.upload(&browser.csrf, &file).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{reason}");
            assert!(page.text.contains("“rules.wasm” was not taken"), "{reason}: {}", page.text);
        }
        assert!(portal.desk.app.plugins(&portal.desk.ops).await.unwrap().is_empty());
        let list = portal.api("GET", "/api/v1/plugins", &token, None).await;
        assert_eq!(list.json(), json!({ "plugins": [] }));
    }
}

#[tokio::test]
async fn an_upload_needs_the_session_s_token_and_the_right() {
    let portal = TestPortal::open(TestDb::sqlite().await, &Desk::engine()).await;
    let ops = Browser::of(&portal, &portal.desk.ops).await;
    let file = plugin("starter-rust");
    assert_eq!(ops.upload("guessed", &file).await.status, StatusCode::FORBIDDEN);
    let pricing = Browser::of(&portal, &portal.desk.pricing).await;
    assert_eq!(pricing.upload(&pricing.csrf, &file).await.status, StatusCode::FORBIDDEN);
    assert!(portal.desk.app.plugins(&portal.desk.ops).await.unwrap().is_empty());

    let page = ops.upload(&ops.csrf, &file).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("Starter"), "{}", page.text);
    let again = ops.upload(&ops.csrf, &file).await;
    assert!(again.text.contains("The same file was uploaded before"), "{}", again.text);
    let token = portal.token(&portal.desk.ops).await;
    assert_eq!(push(&portal, &token, file).await.status, StatusCode::OK);
}

/// Announces a gigabyte over a real connection, sends a little of it, and reads the answer.
async fn announce_a_gigabyte(address: std::net::SocketAddr, head: &str) -> String {
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!("{head}Host: {address}\r\nContent-Length: 1073741824\r\n\r\n");
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&[b'x'; 100_000]).await.unwrap();
    let mut answer = vec![0; 4_096];
    let read = tokio::time::timeout(Duration::from_secs(10), connection.read(&mut answer)).await;
    String::from_utf8_lossy(&answer[..read.expect("answered early").unwrap()]).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gigabyte_is_refused_early() {
    let portal = TestPortal::open(TestDb::sqlite().await, &Desk::engine()).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = portal.router.clone();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });

    let token = portal.token(&portal.desk.ops).await;
    let api = format!("POST /api/v1/plugins HTTP/1.1\r\nAuthorization: Bearer {token}\r\n");
    let answer = announce_a_gigabyte(address, &api).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");

    let browser = Browser::of(&portal, &portal.desk.ops).await;
    let page = format!(
        "POST /plugins/upload HTTP/1.1\r\nCookie: {}\r\nContent-Type: multipart/form-data; boundary=edge\r\n",
        browser.cookie
    );
    let answer = announce_a_gigabyte(address, &page).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(portal.desk.app.plugins(&portal.desk.ops).await.unwrap().is_empty());
    server.abort();
}

async fn with_starter(test: TestDb) -> (TestPortal, String) {
    let portal = TestPortal::open(test, &Desk::engine()).await;
    let desk = &portal.desk;
    let digest = desk.app.upload_plugin(&desk.ops, plugin("starter-rust")).await.unwrap().digest;
    (portal, digest)
}

async fn activate(portal: &TestPortal, digest: &str) {
    let desk = &portal.desk;
    let activation = Activation { reason: "test".into(), ..Activation::of(digest) };
    desk.app.activate(&desk.ops, &activation).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
}

#[tokio::test]
async fn the_life_of_a_plugin_through_the_api() {
    for test in TestDb::both().await {
        let portal = TestPortal::open(test, &Desk::engine()).await;
        let (ops, pricing) = (portal.token(&portal.desk.ops).await, portal.token(&portal.desk.pricing).await);
        let uploaded = push(&portal, &ops, plugin("starter-rust")).await;
        assert_eq!(uploaded.status, StatusCode::CREATED, "{}", uploaded.text);
        let digest = uploaded.json()["digest"].as_str().unwrap().to_owned();
        let path = |rest: &str| format!("/api/v1/plugins/{digest}{rest}");

        let body = json!({ "settings": { "from_pieces": 0, "discount": "0.6" }, "based_on": 1 });
        let wrong = portal.api("POST", &path("/settings"), &pricing, Some(&body)).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let pointers: Vec<Json> =
            wrong.json()["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
        assert!(pointers.contains(&json!("/settings/from_pieces")), "{pointers:?}");
        assert!(pointers.contains(&json!("/settings/discount")), "{pointers:?}");

        let body = json!({ "settings": { "from_pieces": 5, "discount": "0.2" }, "based_on": 1 });
        let saved = portal.api("POST", &path("/settings"), &pricing, Some(&body)).await;
        assert_eq!(saved.json()["number"], 2, "{}", saved.text);
        let stale = json!({ "settings": { "from_pieces": 6, "discount": "0.2" }, "based_on": 1 });
        let stale = portal.api("POST", &path("/settings"), &pricing, Some(&stale)).await;
        assert_eq!(
            (stale.status, &stale.json()["code"]),
            (StatusCode::CONFLICT, &json!("changed-meanwhile"))
        );

        let made = portal.api("POST", &path("/activate"), &ops, Some(&json!({ "revision": 1 }))).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        tokio::time::sleep(Duration::from_millis(300)).await;
        let body =
            json!({ "kind": "pricing", "settings": { "from_pieces": 5, "discount": "0.2" }, "based_on": 2 });
        let made = portal.api("POST", "/api/v1/bindings/settings", &pricing, Some(&body)).await;
        assert_eq!(made.json()["binding"]["revision"], 2, "{}", made.text);
        tokio::time::sleep(Duration::from_millis(300)).await;
        let body = json!({ "kind": "pricing", "reason": "too cheap" });
        let back = portal.api("POST", "/api/v1/bindings/rollback", &ops, Some(&body)).await;
        assert_eq!(back.json()["binding"]["revision"], 1, "{}", back.text);
        assert_eq!(back.json()["instead_of"]["revision"], 2);
        tokio::time::sleep(Duration::from_millis(300)).await;

        let buyer = portal.token(&portal.desk.buyer).await;
        let order = json!({ "lines": [{ "sku": "P1", "quantity": 12 }] });
        let placed = portal.api("POST", "/api/v1/orders", &buyer, Some(&order)).await;
        assert_eq!(placed.status, StatusCode::CREATED, "{}", placed.text);
        let list = portal.api("GET", "/api/v1/decisions?kind=pricing", &ops, None).await.json();
        let id = list["decisions"][0]["id"].as_str().unwrap();
        let replay = portal.api("POST", &format!("/api/v1/decisions/{id}/replay"), &ops, None).await;
        assert_eq!((&replay.json()["identical"], &replay.json()["same_fuel"]), (&json!(true), &json!(true)));
        let shown = portal.api("GET", &format!("/api/v1/decisions/{id}"), &ops, None).await.json();
        assert_eq!(shown["input"]["lines"][0]["quantity"], 12);
        let forbidden = portal.api("GET", "/api/v1/decisions", &buyer, None).await;
        assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
    }
}

/// The form of the starter's settings as a browser posts it.
fn typed<'a>(
    from_pieces: &'a str,
    discount: &'a str,
    latest: &'a str,
    base: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("base", base),
        ("latest", latest),
        ("/from_pieces", from_pieces),
        ("/discount", discount),
        ("binding", "company"),
        ("from", ""),
        ("note", "为年末促销"),
    ]
}

#[tokio::test]
async fn settings_out_of_range_and_stale_forms_keep_what_was_typed() {
    for test in TestDb::both().await {
        let (portal, digest) = with_starter(test).await;
        activate(&portal, &digest).await;
        let browser = Browser::of(&portal, &portal.desk.pricing).await;
        let path = format!("/plugins/{digest}/settings");
        let form = browser.get(&path).await;
        assert_eq!(form.status, StatusCode::OK, "{}", form.text);
        assert!(form.text.contains("name=\"latest\" value=\"1\""), "{}", form.text);

        let mut out_of_range = typed("0", "60", "1", "1");
        out_of_range.push(("then", "activate"));
        let page = browser.post(&path, &out_of_range).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text);
        assert!(page.text.contains("value=\"60\"") && page.text.contains("为年末促销"), "{}", page.text);
        assert!(page.text.contains("Enter a number from 1 to 1,000,000"), "{}", page.text);
        assert_eq!(portal.desk.app.settings(&portal.desk.ops, &digest, None).await.unwrap().latest, 1);

        // A colleague saves meanwhile.
        let other = NewSettings {
            json: r#"{"from_pieces": 50, "discount": "0.01"}"#.into(),
            note: "colleague".into(),
            based_on: 1,
        };
        portal.desk.app.save_settings(&portal.desk.pricing, &digest, &other).await.unwrap();
        let mut stale = typed("7", "9", "1", "1");
        stale.push(("then", "save"));
        let page = browser.post(&path, &stale).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.text);
        assert!(page.text.contains("Everything you typed is still here"), "{}", page.text);
        assert!(page.text.contains("value=\"7\"") && page.text.contains("value=\"9\""), "{}", page.text);
        assert!(page.text.contains("name=\"latest\" value=\"2\""), "the next try is based on the latest");

        let mut again = typed("7", "9", "2", "1");
        again.push(("then", "activate"));
        let done = browser.post(&path, &again).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        tokio::time::sleep(Duration::from_millis(300)).await;
        let quoted = portal.desk.app.quote(&portal.desk.buyer, &Desk::draft(7)).await.unwrap();
        assert_eq!(quoted.lines[0].unit_price, Decimal::from(91));
    }
}

#[tokio::test]
async fn ops_sees_activates_and_rolls_back() {
    for test in TestDb::both().await {
        let (portal, digest) = with_starter(test).await;
        let browser = Browser::of(&portal, &portal.desk.ops).await;
        let show = format!("/plugins/{digest}");
        for path in ["/plugins", "/plugins/upload", &show, "/decisions"] {
            let page = browser.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        }
        let past =
            [("scope", "company"), ("revision", "1"), ("from", "2020-01-01T00:00"), ("reason", "试运行")];
        let page = browser.post(&format!("{show}/activate"), &past).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains("This moment is past") && page.text.contains("试运行"), "{}", page.text);

        let now = [("scope", "company"), ("revision", "1"), ("from", ""), ("reason", "")];
        let done = browser.post(&format!("{show}/activate"), &now).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        tokio::time::sleep(Duration::from_millis(300)).await;
        let twice = browser.post(&format!("{show}/activate"), &now).await;
        assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", twice.text);

        let none = browser.post(&format!("{show}/rollback"), &[("scope", "company")]).await;
        assert_eq!(none.status, StatusCode::CONFLICT, "{}", none.text);
        let other = portal.desk.app.upload_plugin(&portal.desk.ops, plugin("volume-pricing")).await.unwrap();
        activate(&portal, &other.digest).await;
        let newer = format!("/plugins/{}", other.digest);
        let page = browser.get(&newer).await;
        assert!(page.text.contains("id=\"rollback\""), "going back is offered: {}", page.text);
        let back = browser.post(&format!("{newer}/rollback"), &[("scope", "company")]).await;
        assert_eq!(back.headers[header::LOCATION], show.as_str(), "{}", back.text);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(browser.get(&show).await.text.contains("Rolled back to"));

        portal.desk.app.place_order(&portal.desk.buyer, &Desk::draft(10), None).await.unwrap();
        let list = portal.desk.app.decisions(&portal.desk.ops, &Default::default(), None, 1).await.unwrap();
        let decision = format!("/decisions/{}", list.items[0].id);
        assert_eq!(browser.get(&decision).await.status, StatusCode::OK);
        let replayed = browser.post(&format!("{decision}/replay"), &[]).await;
        assert!(replayed.text.contains("Identical"), "{}", replayed.text);
        let input = browser.get(&format!("{decision}/input.json")).await;
        assert_eq!(input.json()["lines"][0]["quantity"], 10);
    }
}
