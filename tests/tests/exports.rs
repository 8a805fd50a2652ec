//! A plugin with its history as one file, on both databases: from one company to another, and everything that such a
//! file must not be.

#![expect(clippy::unwrap_used, reason = "what is missing ends the test")]

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use qudao_app::signatures::PrivateKey;
use qudao_app::{Activation, AppError, Context, LEASE_MS, NewSettings, PastHistory, PluginPage};
use qudao_domain::lifecycle::{PluginState, PluginStep, Policy};
use qudao_domain::permissions::Role;
use qudao_engine::{Digest, Engine};
use qudao_store::testing::TestDb;
use qudao_tests::desk::Desk;
use qudao_tests::plugin;
use qudao_tests::portal::TestPortal;
use serde_json::{Value as Json, json};
use std::io::{Cursor, Read, Write};
use tower::ServiceExt;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

fn code<T: std::fmt::Debug>(result: Result<T, AppError>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(AppError::Conflict { code, .. }) => code.to_owned(),
        Err(AppError::Forbidden) => "forbidden".to_owned(),
        Err(AppError::Invalid(issues)) => format!("{} {}", issues[0].pointer, issues[0].code),
        Err(AppError::Upload(refusal)) => refusal.code().to_owned(),
        Err(other) => other.to_string(),
    }
}

fn key() -> PrivateKey {
    PrivateKey::from_seed(&[1; 32])
}

async fn saved(desk: &Desk, ctx: &Context, digest: &str, from_pieces: i64, note: &str) {
    let based_on = desk.app.settings(ctx, digest, None).await.unwrap().latest;
    let settings = json!({ "from_pieces": from_pieces, "discount": "0.10" }).to_string();
    let new = NewSettings { json: settings, note: note.into(), based_on };
    desk.app.save_settings(ctx, digest, &new).await.unwrap();
}

/// Signs, uploads, sets, approves, activates and goes back, so that there is something of everything.
async fn lived(desk: &Desk) -> String {
    let app = &desk.app;
    app.add_signing_key(&desk.admin, "Team", &key().public().pem()).await.unwrap();
    let component = plugin("starter-rust");
    let line = key().sign(&Digest::of(&component)).to_string();
    let digest = app.upload_signed_plugin(&desk.ops, component, Some(&line)).await.unwrap().digest;
    for (from_pieces, note) in [(3, "carefully"), (7, "a step further"), (3, "back")] {
        desk.wait_ms(1_000);
        saved(desk, &desk.ops, &digest, from_pieces, note).await;
    }
    app.approve_plugin(&desk.admin, &digest, "looked at it").await.unwrap();
    for (revision, share, reason) in [(2, 100, "everybody"), (3, 20, "a trial")] {
        let of = Activation::of(digest.clone());
        let activation = Activation { revision: Some(revision), share, reason: reason.into(), ..of };
        app.activate(&desk.ops, &activation).await.unwrap();
        desk.wait_ms(LEASE_MS);
    }
    digest
}

async fn export(desk: &Desk, ctx: &Context, digest: &str) -> Vec<u8> {
    let export = desk.app.export_plugin(ctx, digest).await.unwrap();
    assert_eq!(export.file_name, "starter-rust-0.1.0.qudao-plugin.zip");
    export.bytes
}

fn parts(file: &[u8]) -> Parts {
    let mut zip = ZipArchive::new(Cursor::new(file)).unwrap();
    let mut parts = Vec::new();
    for index in 0..zip.len() {
        let mut part = zip.by_index(index).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        parts.push((part.name().unwrap().into_owned(), bytes));
    }
    parts
}

fn zipped(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn part<'a>(parts: &'a mut [(String, Vec<u8>)], name: &str) -> &'a mut Vec<u8> {
    &mut parts.iter_mut().find(|(known, _)| known == name).unwrap().1
}

fn read(file: &[u8], name: &str) -> Json {
    serde_json::from_slice(part(&mut parts(file), name)).unwrap()
}

/// The file with a part changed and the manifest made to fit, as somebody would who knows the format.
fn forged(file: &[u8], name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut parts = parts(file);
    let bytes = part(&mut parts, name);
    change(bytes);
    let facts = json!({ "size": bytes.len(), "sha256": Digest::of(bytes).to_string() });
    let manifest = part(&mut parts, "manifest.json");
    let mut json: Json = serde_json::from_slice(manifest).unwrap();
    json["parts"][name] = facts;
    *manifest = json.to_string().into_bytes();
    zipped(&parts)
}

fn with_json(bytes: &mut Vec<u8>, change: impl FnOnce(&mut Json)) {
    let mut json = serde_json::from_slice(bytes).unwrap();
    change(&mut json);
    *bytes = json.to_string().into_bytes();
}

fn settings(page: &PluginPage) -> Vec<(i64, String, String)> {
    let of = |revision: &qudao_store::revisions::Revision| {
        (revision.number, revision.settings.clone(), revision.note.clone())
    };
    page.revisions.iter().map(of).collect()
}

fn as_json(history: &PastHistory) -> Json {
    serde_json::to_value(history).unwrap()
}

#[tokio::test]
async fn a_plugin_goes_with_its_history_to_another_company_and_on() {
    for desk in Desk::both(&Desk::engine()).await {
        let app = &desk.app;
        let digest = lived(&desk).await;
        let file = export(&desk, &desk.pricing, &digest).await;
        let branch = desk.neighbour("branch", Role::Admin).await;
        let imported = app.import_plugin(&branch, file.clone()).await.unwrap();
        assert_eq!((imported.plugin.digest.as_str(), imported.plugin.already), (digest.as_str(), false));
        assert_eq!((imported.revisions, imported.histories), (vec![1, 2, 3, 4], 1));
        assert_eq!((imported.source.code.as_str(), imported.plugin.signed_by), ("acme", None));

        let (there, here) =
            (app.plugin(&desk.ops, &digest).await.unwrap(), app.plugin(&branch, &digest).await.unwrap());
        assert_eq!(here.plugin.state, PluginState::Verified, "never approved by coming in");
        assert_eq!(settings(&here), settings(&there), "under the same numbers");
        assert_eq!(here.revisions[0].created_by, branch.user);
        let steps: Vec<_> = here.steps.iter().map(|step| (step.step, step.reason.as_str())).collect();
        assert_eq!(steps, [(PluginStep::Imported, "Acme (acme)")], "the others' steps are not its own");
        let past = &here.imports[0].history;
        assert_eq!(
            past.steps.iter().map(|step| step.step).collect::<Vec<_>>(),
            [PluginStep::Uploaded, PluginStep::Approved]
        );
        assert_eq!(past.steps[1].by, desk.admin.name);
        assert_eq!(
            past.bindings.iter().map(|binding| (binding.revision, binding.share)).collect::<Vec<_>>(),
            [(2, 100), (3, 20)]
        );
        assert_eq!(past.signatures[0].key_name, "Team");
        assert!(here.bindings.is_empty() && here.signatures.is_empty());
        assert!(!String::from_utf8_lossy(part(&mut parts(&file), "history.json")).contains(&desk.ops.email));

        // Again: nothing is new. On to a third place: the first history goes along, letter for letter.
        let before = desk.test.fingerprint(branch.company).await;
        let again = app.import_plugin(&branch, file.clone()).await.unwrap();
        assert!(again.plugin.already && again.revisions.is_empty() && again.histories == 0);
        assert_eq!(desk.test.fingerprint(branch.company).await, before, "nothing changed");
        let onward = export(&desk, &branch, &digest).await;
        let (first, second) = (read(&file, "history.json"), read(&onward, "history.json"));
        assert_eq!(second["imported"][0]["history"], first["own"]);
        assert_eq!(second["imported"][0]["source"], json!({ "code": "acme", "name": "Acme" }));
        assert_eq!(second["imported"][0]["exported_at"], read(&file, "manifest.json")["exported_at"]);
        assert_eq!(second["own"]["steps"][0]["step"], "imported");
        // Back where it began: the settings are there, the histories are kept as others'.
        let back = app.import_plugin(&desk.ops, onward).await.unwrap();
        assert_eq!((back.revisions.len(), back.histories), (0, 2));
        let page = app.plugin(&desk.ops, &digest).await.unwrap();
        assert_eq!(as_json(&page.imports[0].history), first["own"]);
        assert_eq!(page.plugin.state, PluginState::Approved, "what is approved stays so");
        assert_eq!(page.imports[1].source.code, "branch");
    }
}

#[tokio::test]
async fn a_file_goes_from_one_kind_of_server_to_the_other() {
    let Some(postgres) = TestDb::postgres().await else {
        return qudao_store::testing::note_skip("from SQLite to Postgres: QUDAO_TEST_PG is not set");
    };
    let engine = Desk::engine();
    let (one, other) =
        (Desk::open(TestDb::sqlite().await, &engine).await, Desk::open(postgres, &engine).await);
    let digest = lived(&one).await;
    let file = export(&one, &one.ops, &digest).await;
    other.app.import_plugin(&other.ops, file.clone()).await.unwrap();
    let back = export(&other, &other.ops, &digest).await;
    assert_eq!(read(&back, "history.json")["imported"][0]["history"], read(&file, "history.json")["own"]);
    for name in ["component.wasm", "descriptor.json"] {
        assert_eq!(part(&mut parts(&back), name), part(&mut parts(&file), name), "{name}");
    }
}

#[tokio::test]
async fn settings_that_are_there_are_not_doubled() {
    for desk in Desk::both(&Desk::engine()).await {
        let app = &desk.app;
        let digest = lived(&desk).await;
        let file = export(&desk, &desk.ops, &digest).await;
        let branch = desk.neighbour("branch", Role::Admin).await;
        app.upload_plugin(&branch, plugin("starter-rust")).await.unwrap();
        saved(&desk, &branch, &digest, 50, "our own").await;
        saved(&desk, &branch, &digest, 7, "seven, too").await;
        let imported = app.import_plugin(&branch, file).await.unwrap();
        assert_eq!(imported.revisions, [4], "of 1, 3, 7 and 3 again only the three pieces are new");
        let page = app.plugin(&branch, &digest).await.unwrap();
        let notes: Vec<_> = page.revisions.iter().map(|revision| revision.note.as_str()).collect();
        assert_eq!(notes, ["carefully", "seven, too", "our own", ""]);
        let steps: Vec<_> = page.steps.iter().map(|step| step.step).collect();
        assert_eq!(steps, [PluginStep::Imported, PluginStep::Uploaded]);
    }
}

#[tokio::test]
async fn signatures_count_where_their_key_is_trusted() {
    for desk in Desk::both(&Desk::engine()).await {
        let app = &desk.app;
        let digest = lived(&desk).await;
        let file = export(&desk, &desk.ops, &digest).await;
        let branch = desk.neighbour("branch", Role::Admin).await;
        let policy = Policy { needs_signature: true, ..Policy::default() };
        app.save_plugin_policy(&branch, &policy).await.unwrap();
        let before = desk.test.fingerprint(branch.company).await;
        let import = async |file: &[u8]| app.import_plugin(&branch, file.to_vec()).await;
        assert_eq!(code(import(&file).await), "/signature signature-required", "the key is a stranger's");
        assert_eq!(desk.test.fingerprint(branch.company).await, before);
        app.add_signing_key(&branch, "Acme's team", &key().public().pem()).await.unwrap();
        let bent = forged(&file, "signatures.txt", |bytes| {
            let other = PrivateKey::from_seed(&[2; 32]);
            let line = other.sign(&digest.parse().unwrap()).to_string();
            *bytes = line.replace(&other.public().fingerprint(), &key().public().fingerprint()).into_bytes();
        });
        assert_eq!(code(import(&bent).await), "/signature signature-wrong");
        let imported = import(&file).await.unwrap();
        assert_eq!(imported.plugin.signed_by.as_deref(), Some("Acme's team"));
        assert_eq!(app.plugin(&branch, &digest).await.unwrap().signatures.len(), 1);
    }
}

/// The parts of a file by name.
type Parts = Vec<(String, Vec<u8>)>;
/// What is wrong, the file, and the code of its refusal.
type Broken = (&'static str, Vec<u8>, &'static str);

fn changed(file: &[u8], change: impl FnOnce(&mut Parts)) -> Vec<u8> {
    let mut parts = parts(file);
    change(&mut parts);
    zipped(&parts)
}

/// Files that are none, or none any more.
fn damaged(file: &[u8]) -> Vec<Broken> {
    let mut flipped = file.to_vec();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x55;
    let words = |name: &str| zipped(&[(name.to_owned(), b"words".to_vec())]);
    let bit = |name: &str| changed(file, |parts| part(parts, name)[200] ^= 1);
    let without = changed(file, |parts| parts.retain(|(name, _)| name != "report.json"));
    let more = changed(file, |parts| parts.push(("../x".into(), Vec::new())));
    vec![
        ("nothing", Vec::new(), "export-no-zip"),
        ("no zip", b"words".to_vec(), "export-no-zip"),
        ("cut off", file[..file.len() - 40].to_vec(), "export-no-zip"),
        ("a bit flipped", flipped, "export-damaged"),
        ("another zip", words("notes.txt"), "export-foreign"),
        ("a strange manifest", words("manifest.json"), "export-foreign"),
        ("a part missing", without, "export-parts"),
        ("a part more", more, "export-parts"),
        ("settings changed", bit("history.json"), "export-damaged"),
        ("a component changed", bit("component.wasm"), "export-damaged"),
    ]
}

/// Files that fit together and must not be taken all the same.
fn forgeries(file: &[u8]) -> Vec<Broken> {
    let manifest = |change: &dyn Fn(&mut Json)| {
        changed(file, |parts| with_json(part(parts, "manifest.json"), |json| change(json)))
    };
    let history = |change: &dyn Fn(&mut Json)| {
        forged(file, "history.json", |bytes| with_json(bytes, |json| change(&mut json["own"])))
    };
    let free = |json: &mut Json| json["title"]["en"] = "Free".into();
    let title = forged(file, "descriptor.json", |bytes| with_json(bytes, free));
    let bomb = forged(file, "report.json", |bytes| *bytes = vec![b' '; 64 << 20]);
    let list = forged(file, "history.json", |bytes| *bytes = b"[]".to_vec());
    let far = "+12000-01-01T00:00:00Z";
    let odd = json!({ "from_pieces": "many" });
    let fewer = |own: &mut Json| drop(own["revisions"].as_array_mut().unwrap().remove(1));
    vec![
        ("another format", manifest(&|json| json["format"] = "other".into()), "export-foreign"),
        ("a later version", manifest(&|json| json["version"] = 2.into()), "export-version"),
        ("a manifest with more", manifest(&|json| json["more"] = 1.into()), "export-unreadable"),
        ("another digest", manifest(&|json| json["plugin"]["digest"] = "0".into()), "export-damaged"),
        ("another name", manifest(&|json| json["plugin"]["name"] = "other".into()), "export-damaged"),
        ("no source", manifest(&|json| json["source"]["code"] = "".into()), "export-unreadable"),
        ("a far moment", manifest(&|json| json["exported_at"] = far.into()), "export-unreadable"),
        ("another title", title, "export-damaged"),
        ("a bomb", bomb, "export-part-too-large"),
        ("a history that is none", list, "export-unreadable"),
        ("odd settings", history(&|own| own["revisions"][1]["settings"] = odd.clone()), "export-unreadable"),
        ("settings missing", history(&fewer), "export-unreadable"),
        ("no settings", history(&|own| own["revisions"] = json!([])), "export-unreadable"),
        ("a long note", history(&|own| own["revisions"][1]["note"] = "x".repeat(501).into()), "max-length"),
        ("an unknown step", history(&|own| own["steps"][0]["step"] = "blessed".into()), "export-unreadable"),
    ]
}

#[tokio::test]
async fn what_is_no_export_or_was_changed_is_refused_and_leaves_nothing() {
    for desk in Desk::both(&Desk::engine()).await {
        let digest = lived(&desk).await;
        let file = export(&desk, &desk.ops, &digest).await;
        let branch = desk.neighbour("branch", Role::Admin).await;
        assert_eq!(code(desk.app.import_plugin(&desk.buyer, file.clone()).await), "forbidden");
        assert_eq!(code(desk.app.import_plugin(&desk.pricing, file.clone()).await), "forbidden");
        assert_eq!(code(desk.app.export_plugin(&desk.buyer, &digest).await), "forbidden");
        let before = desk.test.fingerprint(branch.company).await;
        for (what, file, expected) in damaged(&file).into_iter().chain(forgeries(&file)) {
            let refused = desk.app.import_plugin(&branch, file).await;
            assert_eq!(code(refused), format!("/file {expected}"), "{what}");
        }
        // With a component that is no plugin the file is whole, and the upload's own checks refuse it.
        let core = b"\0asm\x01\0\0\0".to_vec();
        let named = Digest::of(&core).to_string();
        let mut parts = parts(&forged(&file, "component.wasm", |bytes| *bytes = core));
        with_json(part(&mut parts, "manifest.json"), |json| json["plugin"]["digest"] = named.into());
        assert_eq!(code(desk.app.import_plugin(&branch, zipped(&parts)).await), "core-module");
        assert_eq!(desk.test.fingerprint(branch.company).await, before, "nothing stays");
        assert!(desk.app.import_plugin(&branch, file).await.is_ok());
    }
}

#[tokio::test]
async fn the_api_and_the_pages_give_and_take_the_same_file() {
    let portal = TestPortal::open(TestDb::sqlite().await, &Engine::new(Default::default()).unwrap()).await;
    let desk = &portal.desk;
    let digest = desk.app.upload_plugin(&desk.ops, plugin("starter-rust")).await.unwrap().digest;
    let token = portal.token(&desk.ops).await;
    let request = Request::get(format!("/api/v1/plugins/{digest}/export"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::ACCEPT_ENCODING, "identity");
    let answer = portal.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(
        (answer.status(), &answer.headers()[header::CONTENT_TYPE]),
        (StatusCode::OK, &"application/zip".parse().unwrap())
    );
    let file = to_bytes(answer.into_body(), usize::MAX).await.unwrap().to_vec();
    let admin = desk.neighbour("branch", Role::Admin).await;
    let theirs = portal.token(&admin).await;
    let import = async |file: Vec<u8>| {
        let request =
            Request::post("/api/v1/plugins/import").header(header::AUTHORIZATION, format!("Bearer {theirs}"));
        portal.send(request.body(Body::from(file)).unwrap()).await
    };
    let refused = import(file[..100].to_vec()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["errors"][0]["code"], "export-no-zip");
    let taken = import(file.clone()).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.text);
    assert_eq!((&taken.json()["source"], &taken.json()["revisions"]), (&json!("acme"), &json!([1])));
    assert_eq!(import(file.clone()).await.status, StatusCode::OK);
    let shown = portal.api("GET", &format!("/api/v1/plugins/{digest}"), &theirs, None).await.json();
    assert_eq!(shown["imported"][0]["history"]["steps"][0]["step"], "uploaded");
    assert_eq!(import(vec![0; (32 << 20) + 1]).await.status, StatusCode::PAYLOAD_TOO_LARGE);

    let signed_in = desk.app.log_in("branch", &admin.email, "correct horse".into()).await.unwrap();
    let cookie = format!("qudao_session={}; lang=en", signed_in.token);
    let csrf = desk.app.session(&signed_in.token).await.unwrap().unwrap().1;
    let post = async |file: &[u8]| {
        let head = format!(
            "--B\r\ncontent-disposition: form-data; name=\"_csrf\"\r\n\r\n{csrf}\r\n--B\r\ncontent-disposition: form-data; name=\"file\"; filename=\"f.zip\"\r\n\r\n"
        );
        let form = [head.as_bytes(), file, b"\r\n--B--\r\n"].concat();
        let request = Request::post("/plugins/import")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=B");
        portal.send(request.body(Body::from(form)).unwrap()).await
    };
    let refused = post(b"words").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("f-file-error"), "{}", refused.text);
    let taken = post(&file).await;
    assert_eq!(
        (taken.status, &taken.headers[header::LOCATION]),
        (StatusCode::SEE_OTHER, &format!("/plugins/{digest}").parse().unwrap())
    );
    let request = Request::get(format!("/plugins/{digest}")).header(header::COOKIE, &cookie);
    let shown = portal.send(request.body(Body::empty()).unwrap()).await.text;
    assert!(shown.contains("What happened at Acme (acme)") || shown.contains("Acme（acme）"), "{shown}");
}
