//! What a plugin's author does, from the binary: the guide's own commands, and each command's refusals.

use qudao_store::testing::note_skip;
use qudao_tests::binary::{Binary, Ended};
use qudao_tests::plugins_dir;
use serde_json::{Value as Json, json};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A folder outside the repository, empty, and gone afterwards. Its path is the same each time, so that cargo's artifacts
/// are written over and do not pile up.
struct Workplace(PathBuf);

impl Workplace {
    fn new(name: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        plugins_dir().hash(&mut hasher);
        let folder = std::env::temp_dir().join(format!("qudao-author-{:016x}", hasher.finish())).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("the temporary folder takes folders");
        Self(folder)
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
        // Its parent goes with the last.
        let _ = self.0.parent().map(fs::remove_dir);
    }
}

/// The shell's commands of a section of the guide.
fn commands(section: &str) -> String {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/plugins.md");
    let guide = fs::read_to_string(guide).expect("the guide is there");
    let text =
        guide.split("\n## ").find(|text| text.starts_with(section)).expect("the guide has the section");
    let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    blocks.collect::<Vec<_>>().join("\n")
}

fn component(name: &str) -> String {
    plugins_dir().join(format!("{name}.wasm")).display().to_string()
}

fn starter_case(name: &str) -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/starter-rust/cases").join(name);
    serde_json::from_str(&fs::read_to_string(path).expect("the case is there")).expect("a case")
}

/// Runs cases written on the spot.
fn test_cases(component: &str, cases: &[(&str, &Json)], json: bool) -> Ended {
    let folder = TempDir::new().expect("a folder");
    for (name, case) in cases {
        fs::write(folder.path().join(name), case.to_string()).expect("the folder takes files");
    }
    let folder = folder.path().display().to_string();
    let binary = Binary::new();
    let mut arguments = vec!["plugin", "test", component, "--cases", &folder];
    if json {
        arguments.insert(0, "--json");
    }
    binary.run(&arguments)
}

#[test]
fn the_guides_first_plugin_works_as_written() {
    let (binary, place) = (Binary::new(), Workplace::new("guide"));
    let script = commands("Your first plugin in ten minutes");
    for command in ["plugin new", "cargo test", "plugin test .", "plugin push .", "plugin list"] {
        assert!(script.contains(command), "the guide shows `{command}`:\n{script}");
    }
    let ended = binary.shell(&place.0, &script);
    assert_eq!(ended.code, 0, "{}\n{}", ended.out, ended.err);
    for said in ["1 passed", "3 of 3 cases are ok", "is verified and kept", "bulk-discount 0.1.0  not active"]
    {
        assert!(ended.out.contains(said), "`{said}` is missing:\n{}\n{}", ended.out, ended.err);
    }
    assert!(!ended.out.contains('\u{1b}'), "colours are for terminals: {}", ended.out);

    // What the author changes is what the next build has.
    let change = "cd bulk-discount; sed -i 's/Decimal::new(5, 2)/Decimal::new(6, 2)/' src/settings.rs; \
                  qudao plugin build . || qudao --json plugin test .";
    let changed = binary.shell(&place.0, change);
    assert_eq!(changed.code, 3, "{}\n{}", changed.out, changed.err);
    assert!(changed.err.contains("its own case `bulk`"), "what differs is not built: {}", changed.err);
    let tested: Json = serde_json::from_str(changed.out.lines().last().expect("the test's")).expect("JSON");
    // Both cases under the defaults; the third has settings of its own.
    assert_eq!((&tested["ok"], &tested["differ"], &tested["failed"]), (&json!(1), &json!(2), &json!(0)));
    let without = "cd bulk-discount; rm -r cases; qudao --json plugin build .";
    let built = binary.shell(&place.0, without).json();
    assert_eq!((&built["name"], &built["kind"]), (&json!("bulk-discount"), &json!("pricing")));
    assert!(place.0.join("bulk-discount/dist/bulk-discount.wasm").is_file());
    assert_ne!(tested["digest"], built["digest"], "cases are part of what is named");
}

/// Runs a script that npm has a part in. None, and noted as skipped, where Node.js is missing, or npm's cache has not
/// got what the SDK's lock file names: whoever ran `cargo xtask plugins` since the cache was last emptied has it.
fn with_npm(what: &str, binary: &Binary, place: &Workplace, script: &str) -> Option<Ended> {
    if Command::new("npm").arg("--version").output().is_err() {
        note_skip(&format!("{what}: there is no npm"));
        return None;
    }
    let ended = binary.shell(&place.0, script);
    if ended.err.contains("ENOTCACHED") {
        note_skip(&format!("{what}: npm's cache lacks the SDK's packages, and tests ask no network"));
        return None;
    }
    Some(ended)
}

#[test]
fn the_guides_plugin_in_typescript_works_as_written() {
    let (binary, place) = (Binary::new(), Workplace::new("guide-ts"));
    let script = commands("In TypeScript");
    for command in
        ["plugin new --lang ts", "npm ci", "npm test", "plugin test .", "plugin push .", "plugin list"]
    {
        assert!(script.contains(command), "the guide shows `{command}`:\n{script}");
    }
    let Some(ended) = with_npm("the guide in TypeScript", &binary, &place, &script) else { return };
    assert_eq!(ended.code, 0, "{}\n{}", ended.out, ended.err);
    // Two cases and the words; the third case is written afterwards.
    for said in ["pass 3", "3 of 3 cases are ok", "is verified and kept", "bulk-discount 0.1.0  not active"] {
        assert!(ended.out.contains(said), "`{said}` is missing:\n{}\n{}", ended.out, ended.err);
    }
    // What does not fit its types is no component, and what the tool says does not mix with what a program reads.
    let change = "cd bulk-discount; echo 'export const wrong: bigint = 1;' >> src/plugin.ts; \
                  qudao --json plugin build .";
    let changed = binary.shell(&place.0, change);
    assert_eq!(changed.code, 1, "{}\n{}", changed.out, changed.err);
    assert!(changed.err.contains("src/plugin.ts") && changed.err.contains("it has said why"), "{changed:?}");
    assert_eq!(changed.out, "");
}

#[test]
fn the_other_kinds_begin_just_so_in_typescript() {
    let (binary, place) = (Binary::new(), Workplace::new("kinds-ts"));
    for kind in ["incentive", "kpi", "deal"] {
        let script = format!(
            "qudao plugin new --lang ts --kind {kind} my-{kind}; cd my-{kind}; cp package-lock.json ..; npm ci; \
             npm install; cmp package-lock.json ../package-lock.json; npm run check; npm test"
        );
        let what = format!("a new {kind} plugin in TypeScript");
        let Some(ended) = with_npm(&what, &binary, &place, &script) else { return };
        assert_eq!(ended.code, 0, "{}\n{}", ended.out, ended.err);
        assert!(ended.out.contains("pass 3"), "{}", ended.out);
    }
}

#[test]
fn the_other_kinds_begin_just_so() {
    let (binary, place) = (Binary::new(), Workplace::new("kinds"));
    for kind in ["incentive", "kpi", "deal"] {
        let script = format!("qudao plugin new --kind {kind} my-{kind}; qudao --json plugin test my-{kind}");
        let ended = binary.shell(&place.0, &script);
        assert_eq!(ended.code, 0, "{}\n{}", ended.out, ended.err);
        let tested: Json = serde_json::from_str(ended.out.lines().last().unwrap_or_default()).expect("JSON");
        assert_eq!(
            (&tested["ok"], &tested["kind"], &tested["name"]),
            (&json!(2), &json!(kind), &json!(format!("my-{kind}")))
        );
    }
}

#[test]
fn a_project_is_begun_whole_or_not_at_all() {
    let (binary, place) = (Binary::new(), TempDir::new().expect("a folder"));
    let dir = place.path().join("mine").display().to_string();
    let new = |name: &str| binary.run(&["--json", "plugin", "new", "--kind", "pricing", name, "--dir", &dir]);
    let made = new("mine").json();
    assert!(made["files"].as_u64().is_some_and(|files| files > 20), "{made}");
    let before = fs::read_to_string(place.path().join("mine/Cargo.toml")).expect("a manifest");
    let again = new("other");
    assert_eq!(again.code, 3, "{again:?}");
    assert!(again.err.contains("is not empty"), "{again:?}");
    assert_eq!(fs::read_to_string(place.path().join("mine/Cargo.toml")).expect("a manifest"), before);
    for (name, why) in
        [("Mine", "lower-case"), ("fn", "Rust has this word"), ("a_b", "hyphens"), ("2x", "for example")]
    {
        let refused = new(name);
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.err.contains(why), "{refused:?}");
    }
    assert_eq!(fs::read_dir(place.path()).expect("the folder").count(), 1);
}

#[test]
fn a_difference_and_a_failure_are_told_with_their_place() {
    let (good, mut wrong) = (starter_case("bulk.json"), starter_case("bulk.json"));
    wrong["expected"]["quoted"]["lines"][0]["unit_price"] = json!("951");
    let starter = component("starter-rust");
    assert_eq!(test_cases(&starter, &[("a.json", &good)], false).code, 0);
    let differs = test_cases(&starter, &[("a.json", &good), ("b.json", &wrong)], false);
    assert_eq!(differs.code, 3, "{differs:?}");
    assert!(differs.out.contains("/quoted/lines/0/unit_price: expected \"951\", got \"950"), "{differs:?}");
    assert!(differs.err.contains("1 of 2 cases differ"), "{differs:?}");
    let json: Json =
        serde_json::from_str(&test_cases(&starter, &[("b.json", &wrong)], true).out).expect("JSON");
    let case = &json["cases"][0];
    assert_eq!((&case["case"], &case["result"]), (&json!("b"), &json!("differs")));
    assert_eq!(case["differences"][0]["path"], "/quoted/lines/0/unit_price");
    // The same budget as on the server: see `host/engine/src/config.rs`.
    let limits =
        ["fuel", "memory_bytes", "answer_bytes"].map(|what| case[what]["limit"].as_u64().unwrap_or_default());
    assert_eq!(limits, [1_005_000_000, 128 << 20, 16 << 20]);

    let mut loops = good.clone();
    loops["settings"] = json!({ "deed": "endless-loop" });
    let mut traps = good.clone();
    traps["settings"] = json!({ "deed": "trap" });
    let mut strange = good.clone();
    strange["settings"] = json!({ "deed": "sing" });
    let cases = [("a.json", &loops), ("b.json", &traps), ("c.json", &strange)];
    let failed = test_cases(&component("hostile"), &cases, false);
    assert_eq!(failed.code, 1, "{failed:?}");
    for said in [
        "out-of-fuel: used up its fuel",
        "(100.00 %)",
        "endless_loop",
        "trap: the plugin panicked",
        "settings: /deed",
    ] {
        assert!(failed.out.contains(said), "`{said}` is missing: {failed:?}");
    }
    let json: Json =
        serde_json::from_str(&test_cases(&component("hostile"), &cases, true).out).expect("JSON");
    assert_eq!(json["cases"][0]["failure"]["error"], "out-of-fuel");
    assert!(
        json["cases"][0]["failure"]["backtrace"].as_str().is_some_and(|trace| trace.contains("endless_loop"))
    );
    assert_eq!((&json["failed"], &json["cases"][2]["result"]), (&json!(3), &json!("unusable")));
}

#[test]
fn what_is_missing_is_named_with_the_command_that_brings_it() {
    let (binary, place) = (Binary::new(), TempDir::new().expect("a folder"));
    let tell = |script: &str| binary.shell(place.path(), script);
    let no_project = tell("qudao plugin build .");
    assert!(no_project.code == 1 && no_project.err.contains("`qudao plugin new`"), "{no_project:?}");
    let ended = tell(
        "qudao plugin new --kind kpi mine; mkdir none; q=$(command -v qudao); PATH=$PWD/none; $q plugin build mine",
    );
    assert!(ended.code == 1 && ended.err.contains("https://sh.rustup.rs"), "{ended:?}");
    let no_target = "printf '#!/bin/sh\\necho /nowhere\\n' > none/rustc; chmod +x none/rustc; PATH=$PWD/none:$PATH; \
                     qudao plugin build mine";
    let ended = tell(no_target);
    assert!(ended.code == 1 && ended.err.contains("rustup target add wasm32-unknown-unknown"), "{ended:?}");
    let ended = binary.run(&["plugin", "test", &component("starter-rust")]);
    assert!(ended.code == 1 && ended.err.contains("--cases DIR"), "{ended:?}");

    let begin = "qudao plugin new --lang ts --kind kpi script; mkdir bare";
    assert_eq!(tell(begin).code, 0);
    let node =
        |version: &str| format!("printf '#!/bin/sh\\necho {version}\\n' > bare/node; chmod +x bare/node;");
    let build = "q=$(command -v qudao); PATH=$PWD/bare:$PATH; $q plugin build script";
    for (script, said) in [
        ("q=$(command -v qudao); PATH=$PWD/bare; $q plugin build script".to_owned(), "https://nodejs.org"),
        (node("v18.20.0") + build, "needs Node.js 20 or later; this one is `v18.20.0`"),
        (node("v20.0.0") + build, "are not installed; run `npm ci` there"),
        (format!("sed -i 's/\"build\"/\"make\"/' script/package.json; {build}"), "has no script that builds"),
    ] {
        let ended = tell(&script);
        assert!(ended.code == 1 && ended.err.contains(said), "`{said}`: {ended:?}");
    }
}

#[test]
fn what_was_decided_becomes_cases_that_pass() {
    let binary = Binary::new();
    assert_eq!(binary.run(&["demo"]).code, 0);
    let out = |name: &str| binary.data().join(name).display().to_string();
    let record = |words: &[&str]| {
        binary.run(&[&["--json", "plugin", "record", "--company", "xingqu"], words].concat())
    };
    for (kind, name) in
        [("pricing", "volume-pricing"), ("incentive", "tiered-rebate"), ("kpi", "weighted-kpi")]
    {
        for (mask, out) in [(None, out(kind)), (Some("--mask"), out(&format!("{kind}-masked")))] {
            let words = [&["--kind", kind, "--last", "20", "--out", &out][..], mask.as_slice()].concat();
            let recorded = record(&words).json();
            assert_eq!((&recorded["name"], &recorded["left_out"]), (&json!(name), &json!([])), "{recorded}");
            let tested = binary.run(&["--json", "plugin", "test", &component(name), "--cases", &out]).json();
            assert!(tested["ok"].as_u64().is_some_and(|ok| ok > 0), "{tested}");
            assert_eq!(tested["ok"], recorded["cases"]);
        }
    }
    let taken = record(&["--kind", "pricing", "--out", &out("pricing")]);
    assert!(taken.code == 3 && taken.err.contains("is not empty"), "{taken:?}");
    let nothing = record(&["--kind", "pricing", "--plugin", "none", "--out", &out("nothing")]);
    assert!(nothing.code == 3 && nothing.err.contains("plugin `none`"), "{nothing:?}");
    assert!(!binary.data().join("nothing").exists());
}
