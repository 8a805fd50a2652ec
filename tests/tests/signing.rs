//! Signed uploads on both databases: the company's keys, what they sign, and what is refused.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use qudao_app::signatures::{PrivateKey, SignatureLine};
use qudao_app::{Activation, AppError, LEASE_MS, SignedBy};
use qudao_domain::lifecycle::{PluginState, Policy};
use qudao_engine::Digest;
use qudao_store::testing::TestDb;
use qudao_tests::desk::Desk;
use qudao_tests::plugin;
use qudao_tests::portal::TestPortal;
use serde_json::json;

fn code<T: std::fmt::Debug>(result: Result<T, AppError>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(AppError::Conflict { code, .. }) => code.to_owned(),
        Err(AppError::Forbidden) => "forbidden".to_owned(),
        Err(AppError::Invalid(issues)) => format!("{} {}", issues[0].pointer, issues[0].code),
        Err(other) => other.to_string(),
    }
}

fn key(seed: u8) -> PrivateKey {
    PrivateKey::from_seed(&[seed; 32])
}

async fn trust(desk: &Desk, seed: u8, name: &str) {
    desk.app.add_signing_key(&desk.admin, name, &key(seed).public().pem()).await.unwrap();
}

async fn revoke(desk: &Desk, seed: u8, reason: &str) {
    let fingerprint = key(seed).public().fingerprint();
    desk.app.revoke_signing_key(&desk.admin, &fingerprint, reason).await.unwrap();
}

fn signed(seed: u8, component: &[u8]) -> String {
    key(seed).sign(&Digest::of(component)).to_string()
}

async fn wants_signatures(desk: &Desk, second_person: bool) {
    let policy = Policy { needs_signature: true, second_person, ..Policy::default() };
    desk.app.save_plugin_policy(&desk.admin, &policy).await.unwrap();
    assert_eq!(desk.app.plugin_policy(&desk.ops).await.unwrap(), policy);
}

#[tokio::test]
async fn keys_are_the_administrators_and_are_revoked_for_ever() {
    for desk in Desk::both(&Desk::engine()).await {
        let app = &desk.app;
        let pem = key(1).public().pem();
        let fingerprint = key(1).public().fingerprint();
        let add = async |name: &str, pem: &str| code(app.add_signing_key(&desk.admin, name, pem).await);
        assert_eq!(code(app.add_signing_key(&desk.ops, "Ops", &pem).await), "forbidden");
        assert_eq!(add(" ", &pem).await, "/name required");
        assert_eq!(add(&"x".repeat(61), &pem).await, "/name max-length");
        assert_eq!(add("Mine", "words").await, "/public_key key-unreadable");
        assert_eq!(add("Mine", &key(1).pem()).await, "/public_key key-private");
        assert!(app.signing_keys(&desk.ops).await.unwrap().is_empty(), "nothing was kept");
        let added = app.add_signing_key(&desk.admin, "Team", &pem).await.unwrap();
        assert_eq!((added.fingerprint.as_str(), added.versions), (fingerprint.as_str(), 0));
        assert_eq!(add("Again", &pem).await, "signing-key-known");
        let revoke =
            async |reason: &str| code(app.revoke_signing_key(&desk.admin, &fingerprint, reason).await);
        assert_eq!(revoke(" ").await, "/reason required");
        assert_eq!(code(app.revoke_signing_key(&desk.ops, &fingerprint, "x").await), "forbidden");
        let revoked = app.revoke_signing_key(&desk.admin, &fingerprint, "lost").await.unwrap();
        assert_eq!(revoked.revoked_by_name.as_deref(), Some(desk.admin.name.as_str()));
        assert_eq!((revoked.revoked_reason.as_str(), revoked.revoked_at.is_some()), ("lost", true));
        assert_eq!(revoke("again").await, "signing-key-was-revoked");
        assert_eq!(add("Back", &pem).await, "signing-key-was-revoked");
        assert_eq!(code(app.signing_keys(&desk.buyer).await), "forbidden");
        let prints = desk.test.fingerprint(desk.company.id).await;
        for event in ["signing-key.added", "signing-key.revoked"] {
            assert!(prints["audit"].contains(event) && prints["outbox"].contains(event), "{event}");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_signature_is_told_and_nothing_is_kept() {
    for desk in Desk::both(&Desk::engine()).await {
        trust(&desk, 1, "Team").await;
        trust(&desk, 2, "Old").await;
        revoke(&desk, 2, "left the company").await;
        let component = plugin("starter-rust");
        let before = desk.test.fingerprint(desk.company.id).await;
        let upload = async |signature: &str| {
            code(desk.app.upload_signed_plugin(&desk.ops, component.clone(), Some(signature)).await)
        };
        assert_eq!(upload("words").await, "/signature signature-format");
        assert_eq!(upload(&signed(1, b"another")).await, "/signature signature-other-file");
        assert_eq!(upload(&signed(3, &component)).await, "/signature signature-key-unknown");
        assert_eq!(upload(&signed(2, &component)).await, "/signature signature-key-revoked");
        // By another key under the name of a trusted one.
        let forged =
            signed(3, &component).replace(&key(3).public().fingerprint(), &key(1).public().fingerprint());
        assert_eq!(upload(&forged).await, "/signature signature-wrong");
        assert_eq!(desk.test.fingerprint(desk.company.id).await, before, "nothing was kept");
        // Each says how to mend it.
        let error =
            desk.app.upload_signed_plugin(&desk.ops, component.clone(), Some(&signed(2, &component))).await;
        let said = error.unwrap_err().to_string();
        assert!(said.contains("left the company") && said.contains("sign with another"), "{said}");
        let line = signed(1, &component);
        let uploaded = desk.app.upload_signed_plugin(&desk.ops, component.clone(), Some(&line));
        let uploaded = uploaded.await.unwrap();
        assert_eq!((uploaded.already, uploaded.signed_by.as_deref()), (false, Some("Team")));
    }
}

#[tokio::test]
async fn a_signature_can_come_later_and_its_key_is_shown() {
    for desk in Desk::both(&Desk::engine()).await {
        trust(&desk, 1, "Team").await;
        trust(&desk, 2, "Partner").await;
        let component = plugin("starter-rust");
        let digest = desk.app.upload_plugin(&desk.ops, component.clone()).await.unwrap().digest;
        let page = async || desk.app.plugin(&desk.ops, &digest).await.unwrap();
        assert_eq!(page().await.signed_by, SignedBy::Nobody);
        for seed in [1, 2, 1] {
            let line = signed(seed, &component);
            let again = desk.app.upload_signed_plugin(&desk.pricing, component.clone(), Some(&line)).await;
            assert_eq!(code(again), "forbidden");
            let again =
                desk.app.upload_signed_plugin(&desk.admin, component.clone(), Some(&line)).await.unwrap();
            assert!(again.already && again.signed_by.is_some());
        }
        let shown = page().await;
        let mut names: Vec<_> = shown.signatures.iter().map(|one| one.key_name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["Partner", "Team"]);
        assert!(shown.signatures.iter().all(|one| one.recorded_by_name == desk.admin.name));
        assert_eq!((shown.signed_by, shown.plugin.uploaded_by), (SignedBy::Trusted, desk.ops.user));
        revoke(&desk, 1, "lost").await;
        assert_eq!(page().await.signed_by, SignedBy::Trusted, "the other key holds");
        revoke(&desk, 2, "lost").await;
        assert_eq!(page().await.signed_by, SignedBy::Revoked);
        let prints = desk.test.fingerprint(desk.company.id).await;
        assert_eq!(prints["audit"].matches("plugin.signed").count(), 2, "the third changed nothing");
        let line = SignatureLine::parse(&signed(1, &component)).unwrap();
        assert_eq!(shown.signatures.iter().filter(|one| one.signature == line.bytes()).count(), 1);
    }
}

#[tokio::test]
async fn what_holds_though_its_key_is_revoked_is_named() {
    for desk in Desk::both(&Desk::engine()).await {
        trust(&desk, 1, "Team").await;
        trust(&desk, 2, "Partner").await;
        let component = plugin("starter-rust");
        let digest = Digest::of(&component).to_string();
        for seed in [1, 2] {
            let line = signed(seed, &component);
            desk.app.upload_signed_plugin(&desk.ops, component.clone(), Some(&line)).await.unwrap();
        }
        // Signed as well, and active nowhere: nobody has to look at it.
        let idle = plugin("volume-pricing");
        desk.app.upload_signed_plugin(&desk.ops, idle.clone(), Some(&signed(1, &idle))).await.unwrap();
        let named = async || {
            let found = desk.app.live_by_revoked_keys(&desk.ops).await.unwrap();
            let told =
                |one: qudao_app::LiveByRevokedKey| (one.fingerprint, one.digest, one.name, one.vouched);
            found.into_iter().map(told).collect::<Vec<_>>()
        };
        let expected = |seed: u8, vouched: bool| {
            (key(seed).public().fingerprint(), digest.clone(), "starter-rust".to_owned(), vouched)
        };
        revoke(&desk, 1, "lost").await;
        assert_eq!(named().await, [], "it is active nowhere yet");
        let activation = Activation { reason: "test".into(), ..Activation::of(digest.clone()) };
        desk.app.activate(&desk.ops, &activation).await.unwrap();
        desk.wait_ms(LEASE_MS + 1);
        assert_eq!(named().await, [expected(1, true)], "the partner's signature holds");
        revoke(&desk, 2, "lost").await;
        let mut all = named().await;
        all.sort();
        let mut both = vec![expected(1, false), expected(2, false)];
        both.sort();
        assert_eq!(all, both);
        assert!(matches!(desk.app.live_by_revoked_keys(&desk.buyer).await, Err(AppError::Forbidden)));
    }
}

#[tokio::test]
async fn with_the_policy_only_signed_versions_come_in_and_are_approved() {
    for desk in Desk::both(&Desk::engine()).await {
        let app = &desk.app;
        trust(&desk, 1, "Team").await;
        let starter = plugin("starter-rust");
        let early = app.upload_plugin(&desk.ops, starter.clone()).await.unwrap().digest;
        wants_signatures(&desk, true).await;
        let other = plugin("volume-pricing");
        assert_eq!(code(app.upload_plugin(&desk.ops, other.clone()).await), "/signature signature-required");
        assert_eq!(
            code(app.upload_plugin(&desk.ops, starter.clone()).await),
            "/signature signature-required"
        );
        assert_eq!(code(app.approve_plugin(&desk.admin, &early, "").await), "plugin-unsigned");
        app.upload_signed_plugin(&desk.ops, starter.clone(), Some(&signed(1, &starter))).await.unwrap();
        // Known with a good signature: the same bytes are answered as ever.
        assert!(app.upload_plugin(&desk.ops, starter.clone()).await.unwrap().already);
        assert_eq!(app.approve_plugin(&desk.admin, &early, "").await.unwrap().state, PluginState::Approved);

        let late =
            app.upload_signed_plugin(&desk.ops, other.clone(), Some(&signed(1, &other))).await.unwrap();
        revoke(&desk, 1, "stolen").await;
        assert_eq!(code(app.approve_plugin(&desk.admin, &late.digest, "").await), "plugin-key-revoked");
        assert_eq!(app.plugin(&desk.ops, &late.digest).await.unwrap().plugin.state, PluginState::Verified);
        // What is approved goes on.
        app.activate(&desk.ops, &Activation::of(early)).await.unwrap();
        trust(&desk, 2, "Team, again").await;
        app.upload_signed_plugin(&desk.ops, other.clone(), Some(&signed(2, &other))).await.unwrap();
        app.approve_plugin(&desk.admin, &late.digest, "").await.unwrap();
    }
}

#[tokio::test]
async fn who_approves_by_activating_is_held_to_the_policy_too() {
    for desk in Desk::both(&Desk::engine()).await {
        let digest = desk.app.upload_plugin(&desk.ops, plugin("starter-rust")).await.unwrap().digest;
        wants_signatures(&desk, false).await;
        let activation = Activation::of(digest.clone());
        let before = desk.test.fingerprint(desk.company.id).await;
        assert_eq!(code(desk.app.activate(&desk.ops, &activation).await), "plugin-unsigned");
        assert_eq!(desk.test.fingerprint(desk.company.id).await, before);
        let open = Policy { second_person: false, ..Policy::default() };
        desk.app.save_plugin_policy(&desk.admin, &open).await.unwrap();
        desk.app.activate(&desk.ops, &activation).await.unwrap();
    }
}

#[tokio::test]
async fn programs_sign_by_a_header_and_browsers_by_a_second_file() {
    let portal = TestPortal::open(TestDb::sqlite().await, &Desk::engine()).await;
    let desk = &portal.desk;
    let admin = portal.token(&desk.admin).await;
    let body = json!({ "name": "Team", "public_key": key(1).public().pem() });
    let added = portal.api("POST", "/api/v1/plugin-keys", &admin, Some(&body)).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    assert_eq!(added.json()["public_key"], body["public_key"]);
    let component = plugin("starter-rust");
    let send = async |line: &str| {
        let request = Request::post("/api/v1/plugins")
            .header(header::AUTHORIZATION, format!("Bearer {admin}"))
            .header(header::CONTENT_TYPE, "application/wasm")
            .header("qudao-signature", line);
        portal.send(request.body(Body::from(component.clone())).unwrap()).await
    };
    let refused = send(&signed(2, &component)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["errors"][0]["code"], "signature-key-unknown");
    let sent = send(&signed(1, &component)).await;
    assert_eq!((sent.status, sent.json()["signed_by"].as_str()), (StatusCode::CREATED, Some("Team")));
    let digest = sent.json()["digest"].as_str().unwrap().to_owned();
    let shown = portal.api("GET", &format!("/api/v1/plugins/{digest}"), &admin, None).await.json();
    assert_eq!(shown["signatures"][0]["state"], "trusted");
    let fingerprint = key(1).public().fingerprint();
    let revoke = format!("/api/v1/plugin-keys/{fingerprint}/revoke");
    let revoked = portal.api("POST", &revoke, &admin, Some(&json!({ "reason": "lost" }))).await;
    assert_eq!(revoked.json()["state"], "revoked");
    let listed = portal.api("GET", "/api/v1/plugin-keys", &admin, None).await.json();
    assert_eq!((&listed["keys"][0]["versions"], &listed["keys"][0]["state"]), (&json!(1), &json!("revoked")));

    trust(desk, 3, "Browser").await;
    let signed_in = desk.app.log_in("acme", &desk.ops.email, "correct horse".into()).await.unwrap();
    let cookie = format!("qudao_session={}; lang=en", signed_in.token);
    let csrf = desk.app.session(&signed_in.token).await.unwrap().unwrap().1;
    let post = async |signature: &str| {
        let mut form =
            format!("--B\r\ncontent-disposition: form-data; name=\"_csrf\"\r\n\r\n{csrf}\r\n").into_bytes();
        for (name, bytes) in [("component", component.as_slice()), ("signature", signature.as_bytes())] {
            let head =
                format!("--B\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"f\"\r\n\r\n");
            form.extend([head.as_bytes(), bytes, b"\r\n"].concat());
        }
        form.extend(b"--B--\r\n");
        let request = Request::post("/plugins/upload")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=B");
        portal.send(request.body(Body::from(form)).unwrap()).await
    };
    let refused = post("words").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    assert!(refused.text.contains("f-signature-error"));
    let taken = post(&signed(3, &component)).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text);
    assert!(taken.text.contains("Browser"));
    let unsigned = post("").await;
    assert_eq!(unsigned.status, StatusCode::OK, "an empty field is no signature: {}", unsigned.text);
    let request = Request::get(format!("/plugins/{digest}")).header(header::COOKIE, &cookie);
    let shown = portal.send(request.body(Body::empty()).unwrap()).await.text;
    assert!(shown.contains("Browser") && shown.contains("Revoked") && shown.contains("Trusted"), "{shown}");
}
