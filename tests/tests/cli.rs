//! The command line, from the binary, as a person or a script would use it.

use qudao_app::Clock;
use qudao_domain::time::Period;
use qudao_tests::binary::{Binary, Ended};
use qudao_tests::plugins_dir;
use serde_json::{Value as Json, json};
use std::fs;

fn demo() -> (Binary, Json) {
    let binary = Binary::new();
    let users = binary.run(&["--json", "demo"]).json();
    (binary, users)
}

/// What a role of the demo's first company logs in with.
fn user<'a>(demo: &'a Json, role: &str) -> &'a Json {
    let users = demo["users"].as_array().expect("the demo lists its users");
    let wanted = |user: &&Json| user["company"] == "xingqu" && user["role"] == role;
    users.iter().find(wanted).expect("the demo has every role")
}

fn refused(ended: &Ended, why: &str) {
    assert_eq!(ended.code, 3, "{ended:?}");
    assert!(ended.err.contains(why), "{ended:?}");
}

#[test]
fn a_plugin_goes_from_a_file_to_orders_and_back_by_the_command_line() {
    let (binary, demo) = demo();
    let starter = plugins_dir().join("starter-rust.wasm").display().to_string();
    let company = ["--company", "xingqu"];
    let with = |words: &[&str]| binary.run(&[&["--json", "plugin"], words, &company[..]].concat());

    let checked = binary.run(&["--json", "plugin", "check", &starter]).json();
    assert_eq!((&checked["kind"], &checked["name"]), (&json!("pricing"), &json!("starter-rust")));
    let pushed = with(&["push", &starter]).json();
    assert_eq!(pushed["digest"], checked["digest"]);
    let digest = pushed["digest"].as_str().expect("a digest").to_owned();
    let listed = |ended: &Ended| {
        let plugins = ended.json()["plugins"].as_array().cloned().expect("a list");
        let found = plugins.into_iter().find(|plugin| plugin["digest"] == digest.as_str());
        found.map(|plugin| plugin["live"].as_array().map_or(0, Vec::len))
    };
    assert_eq!(listed(&with(&["list"])), Some(0));

    let served = binary.serve();
    let buyer = served.client(user(&demo, "dealer-buyer")["api_token"].as_str().expect("a token"));
    let ops = served.client(user(&demo, "ops")["api_token"].as_str().expect("a token"));
    let products = ops.get("/api/v1/products?limit=1").expect("an answer").1;
    let sku = products["products"][0]["sku"].clone();
    let order = json!({ "lines": [{ "sku": sku, "quantity": 1 }] });
    let decided_by = |key: &str| {
        let (status, order) = buyer.post("/api/v1/orders", key, &order).expect("an answer");
        assert_eq!(status, 201, "{order}");
        let id = order["decision"].as_str().expect("a decision").to_owned();
        let (_, decision) = ops.get(&format!("/api/v1/decisions/{id}")).expect("an answer");
        (id, decision["decision"]["plugin"].clone())
    };
    let (before, other) = decided_by("before");
    assert_ne!(other, digest.as_str());

    refused(&with(&["activate", &digest]), "waits for approval");
    refused(&with(&["approve", &digest]), "somebody else");
    let second = user(&demo, "ops")["email"].as_str().expect("an e-mail");
    let approved = with(&["approve", &digest, "--as", second]).json();
    assert_eq!(approved["state"], "approved");
    // The server that runs meanwhile follows what another process does.
    let live = with(&["activate", &digest, "--reason", "a test"]).json();
    assert_eq!(live["instead_of"]["plugin"], other);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(listed(&with(&["list"])), Some(1));
    let (during, now) = decided_by("during");
    assert_eq!(now, digest.as_str());
    let back = with(&["rollback", "pricing", "--reason", "enough"]).json();
    assert_eq!(back["plugin"], other);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(decided_by("after").1, other);
    assert_eq!(with(&["retire", &digest]).json()["state"], "retired");
    for id in [&before, &during] {
        let replay = with(&["replay", id]).json();
        assert_eq!((&replay["identical"], &replay["same_fuel"]), (&json!(true), &json!(true)), "{replay}");
    }
}

#[test]
fn an_upgrade_is_let_through_when_everything_answers_as_recorded() {
    let (binary, _) = demo();
    let told = binary.run(&["--json", "plugin", "regress", "--company", "xingqu", "--last", "3"]).json();
    assert_eq!(told["stopped"], 0, "{told}");
    let plugins = told["companies"][0]["plugins"].as_array().expect("plugins");
    let pricing = plugins.iter().find(|one| one["name"] == "volume-pricing").expect("the demo has it");
    assert_eq!((&pricing["cases"], &pricing["decisions"]), (&json!(13), &json!(3)), "{pricing}");
    refused(&binary.run(&["plugin", "regress", "--company", "nobody"]), "nobody");
}

#[test]
fn a_plugin_is_signed_pushed_exported_and_imported_by_the_command_line() {
    let (binary, _) = demo();
    let path = |name: &str| binary.data().join(name).display().to_string();
    let wasm = path("rule.wasm");
    fs::copy(plugins_dir().join("starter-rust.wasm"), &wasm).expect("the folder takes files");
    let plugin = |words: &[&str]| binary.run(&[&["--json", "plugin"], words].concat());
    let with = |words: &[&str]| plugin(&[words, &["--company", "xingqu"]].concat());

    let made = plugin(&["keygen", &path("author.key")]).json();
    let fingerprint = made["fingerprint"].as_str().expect("a fingerprint").to_owned();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path("author.key")).expect("the key is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let before = fs::read(path("author.key")).expect("the key is there");
    refused(&plugin(&["keygen", &path("author.key")]), "is there already");
    assert_eq!(fs::read(path("author.key")).expect("the key is there"), before);
    let signed = plugin(&["sign", &wasm, "--key", &path("author.key")]).json();
    assert_eq!(signed["fingerprint"], fingerprint.as_str());
    assert!(plugin(&["sign", &wasm, "--key", &path("author.key.pub")]).code == 1);
    // The signature beside the file goes along by itself, and the company does not know its key yet.
    refused(&with(&["push", &wasm]), "none of the company's");
    refused(&with(&["key", "add", "Author", &path("author.key")]), "private key");
    let added = with(&["key", "add", "Author", &path("author.key.pub")]).json();
    assert_eq!((&added["fingerprint"], &added["state"]), (&json!(fingerprint), &json!("trusted")));
    let pushed = with(&["push", &wasm]).json();
    assert_eq!(pushed["signed_by"], "Author");
    let digest = pushed["digest"].as_str().expect("a digest").to_owned();
    fs::write(path("other.sig"), "words").expect("the folder takes files");
    refused(&with(&["push", &wasm, "--signature", &path("other.sig")]), "no signature");

    let file = path("rule.zip");
    assert_eq!(with(&["export", &digest[..12], "-o", &file]).json()["file"], file.as_str());
    refused(&with(&["export", &digest, "-o", &file]), "is there already");
    let companies = binary.run(&["--json", "company", "list"]).json();
    let other =
        companies["companies"].as_array().expect("companies").iter().find(|one| one["code"] != "xingqu");
    let other = other.expect("the demo has two companies")["code"].as_str().expect("a code").to_owned();
    let imported = plugin(&["import", &file, "--company", &other]).json();
    assert_eq!((&imported["digest"], &imported["source"]["code"]), (&json!(digest), &json!("xingqu")));
    assert_eq!((&imported["already"], &imported["histories"]), (&json!(false), &json!(1)));
    refused(&plugin(&["import", &wasm, "--company", &other]), "no zip file");

    let revoked = with(&["key", "revoke", &fingerprint[..8], "--reason", "lost"]).json();
    assert_eq!((&revoked["state"], &revoked["versions"]), (&json!("revoked"), &json!(1)));
    assert_eq!(with(&["key", "list"]).json()["keys"][0]["revoked_reason"], "lost");
    refused(&with(&["push", &wasm]), "was revoked (lost)");
}

#[test]
fn what_cannot_be_done_is_refused_with_a_reason_and_an_exit_code() {
    let (binary, _) = demo();
    refused(&binary.run(&["demo"]), "--data-dir");
    let text = binary.data().join("notes.wasm");
    fs::write(&text, "not a component").expect("the folder takes files");
    let text = text.display().to_string();
    refused(&binary.run(&["plugin", "check", &text]), "WebAssembly");
    refused(&binary.run(&["plugin", "push", &text, "--company", "xingqu"]), "WebAssembly");
    refused(&binary.run(&["plugin", "list", "--company", "nobody"]), "nobody");
    let table = binary.data().join("dealers.csv");
    fs::write(&table, "code,tier\nA,gold\n").expect("the folder takes files");
    let table = table.display().to_string();
    refused(&binary.run(&["import", "dealers", &table, "--company", "xingqu"]), "name");
    refused(
        &binary.run(&["settle", "--program", "nothing", "--period", "2026-Q1", "--company", "xingqu"]),
        "nothing",
    );
    assert_eq!(binary.run(&["plugin", "sing"]).code, 2);
}

#[test]
fn a_period_is_settled_once_and_scored() {
    let (binary, demo) = demo();
    let company = ["--company", "xingqu"];
    let with = |words: &[&str]| binary.run(&[&["--json"], words, &company[..]].concat()).json();
    let served = binary.serve();
    let finance = served.client(user(&demo, "finance")["api_token"].as_str().expect("a token"));
    let (_, programs) = finance.get("/api/v1/programs").expect("an answer");
    let code = programs["programs"][0]["code"].as_str().expect("the demo has a program").to_owned();
    let (_, runs) = finance.get("/api/v1/settlements").expect("an answer");
    let period = runs["settlements"][0]["period"].as_str().expect("the demo settled something").to_owned();
    let again = with(&["settle", "--program", &code, "--period", &period]);
    assert_eq!(again["posted_minor"], 0, "{again}");
    let scored = with(&["score", "--period", &period]);
    assert!(scored["cards"].as_u64().is_some_and(|cards| cards > 0), "{scored}");
}

#[test]
fn a_rule_is_tried_before_it_holds_and_a_broken_guard_ends_with_3() {
    let (binary, _) = demo();
    let with = |words: &[&str]| binary.run(&[words, &["--company", "xingqu"]].concat());
    let plugins = with(&["--json", "plugin", "list"]).json();
    let digest = |kind: &str| {
        let plugins = plugins["plugins"].as_array().expect("a list");
        let live = |plugin: &&Json| {
            plugin["kind"] == kind && plugin["live"].as_array().is_some_and(|live| !live.is_empty())
        };
        let plugin = plugins.iter().find(live).expect("the demo has a rule of every kind");
        plugin["digest"].as_str().expect("a digest").to_owned()
    };
    // The demonstration settles the quarter before the present one; the rule that holds pays nothing else for it.
    let present = Period::quarter_of(Clock::System.now().utc().date_naive());
    let last = Period::quarter_of(present.first.pred_opt().expect("a day before"));
    let (incentive, kpi, deal) = (digest("incentive"), digest("kpi"), digest("deal"));
    let day = last.first.to_string();
    let days = ["--first", &day, "--last", &day];
    let start = |more: &[&str]| with(&[&["--json", "simulation", "start"], more, &days[..]].concat());
    let program = ["--program", "quarterly-rebate"];
    let told = start(&[&[incentive.as_str(), "--most-cost", "0"], &program[..]].concat()).json();
    assert_eq!((&told["state"], &told["first"], &told["orders"]), (&json!("done"), &json!(day), &json!(1)));
    assert_eq!(told["outcome"]["periods"][0]["from"], json!("settled"));
    assert_eq!(told["outcome"]["guards"][0]["held"], json!(true));
    let id = told["id"].as_str().expect("an id");
    let shown = with(&["simulation", "show", id]);
    assert_eq!(shown.code, 0, "{shown:?}");
    assert!(shown.out.contains("guard holds: what the company pays more is"), "{shown:?}");

    // Another rule pays some dealer less, or all of them more.
    let other = plugins_dir().join("starter-rust-incentive.wasm").display().to_string();
    let other = with(&["--json", "plugin", "push", &other]).json();
    let other = other["digest"].as_str().expect("a digest");
    let broken = start(&[&[other, "--most-loss", "0", "--most-cost", "0"], &program[..]].concat());
    refused(&broken, "did not hold");
    let told: Json = serde_json::from_str(&broken.out).expect("it is told all the same");
    assert_eq!(told["state"], json!("done"));
    let again = with(&["simulation", "show", told["id"].as_str().expect("an id")]);
    refused(&again, "did not hold");
    assert!(again.out.contains("guard BROKEN: "), "{again:?}");

    refused(&start(&[&incentive]), "name one");
    refused(&start(&[&kpi, "--most-loss", "1"]), "scorecards hold no money");
    refused(&start(&[&deal]), "compare page");
    let told = start(&[&kpi, "--calendar", "month"]).json();
    assert_eq!((&told["kind"], &told["first"], &told["orders"]), (&json!("kpi"), &json!(day), &json!(1)));
    let wrong = start(&[&incentive, "--program", "quarterly-rebate", "--most-loss", "0.001"]);
    assert_eq!(wrong.code, 1, "{wrong:?}");
    let listed = with(&["--json", "simulation", "list"]).json();
    assert_eq!(listed["simulations"].as_array().map(Vec::len), Some(3));
    let gone = with(&["simulation", "cancel", id]);
    assert_eq!(gone.code, 3, "{gone:?}");
}
