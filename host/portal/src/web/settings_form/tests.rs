use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::web::i18n::Language;
use crate::web::page::{Theme, Visitor};
use crate::web::{Form, Page, Views};

/// What a browser posts when nobody touches the form.
fn posted_by(fields: &[FieldView], pairs: &mut Vec<(String, String)>) {
    for field in fields {
        if !field.switch.is_empty() && field.on {
            pairs.push((field.switch.clone(), "1".into()));
        }
        match field.kind {
            "group" => posted_by(&field.fields, pairs),
            "table" | "cards" => {
                for row in &field.rows {
                    pairs.push((field.name.clone(), row.name.clone()));
                    posted_by(&row.fields, pairs);
                }
            }
            "flag" => {
                if field.ticked {
                    pairs.push((field.name.clone(), "true".into()));
                }
            }
            "choice" => {
                let chosen = field.choices.iter().find(|choice| choice.selected).unwrap();
                pairs.push((field.name.clone(), chosen.value.clone()));
            }
            _ => pairs.push((field.name.clone(), field.value.clone())),
        }
    }
}

fn pairs_of(form: &SettingsForm<'_>) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    posted_by(&form.shown(&[], Language::En).fields, &mut pairs);
    pairs
}

fn round_trip(schema: &SettingsSchema, value: &Json) -> Json {
    let form = SettingsForm::of(schema, value);
    SettingsForm::posted(schema, &Form::of(pairs_of(&form))).value().unwrap()
}

/// A pricing rule's schema as the SDK writes it: keys sorted, everything in one piece.
fn volume() -> SettingsSchema {
    let schema = json!({
        "type": "object",
        "required": ["currency_floor", "breaks"],
        "properties": {
            "breaks": {
                "type": "array", "title": "Volume breaks", "x-title-zh-CN": "数量折扣", "minItems": 1, "maxItems": 4,
                "items": {
                    "type": "object", "title": "Break", "x-title-zh-CN": "档", "required": ["discount", "from"],
                    "properties": {
                        "discount": {
                            "type": "string", "format": "decimal", "title": "Discount", "x-title-zh-CN": "折扣",
                            "x-minimum": "0", "x-maximum": "0.5", "x-unit": "percent"
                        },
                        "from": {
                            "type": "integer", "title": "From", "x-title-zh-CN": "起点", "minimum": 1,
                            "x-unit": "pieces", "x-unit-zh-CN": "件"
                        }
                    }
                }
            },
            "cap": { "anyOf": [{ "$ref": "#/$defs/Cap" }, { "type": "null" }] },
            "currency_floor": { "type": "string", "format": "decimal", "x-minimum": "0" },
            "stacking": {
                "title": "Stacking", "x-title-zh-CN": "叠加方式", "default": "best",
                "oneOf": [
                    { "const": "best", "title": "Best only", "x-title-zh-CN": "取最优" },
                    { "const": "add", "title": "Add up", "x-title-zh-CN": "累加" }
                ]
            },
            "tiers": {
                "type": "object", "title": "Tier discounts", "default": {},
                "additionalProperties": { "type": "string", "format": "decimal", "x-unit": "percent", "x-maximum": "1" }
            },
            "valid_from": { "type": ["string", "null"], "format": "date" }
        },
        "$defs": { "Cap": {
            "type": "object", "title": "Cap", "required": ["amount"],
            "properties": { "amount": { "type": "string", "format": "decimal" }, "hard": { "type": "boolean" } }
        } }
    });
    let default = r#"{"stacking":"best","breaks":[{"from":1,"discount":"0"}],"currency_floor":"0"}"#;
    SettingsSchema::parse(&schema.to_string()).unwrap().in_order_of(default)
}

fn settings() -> Json {
    json!({
        "stacking": "add",
        "breaks": [{ "from": 10, "discount": "0.05" }, { "from": 100_000, "discount": "0.075" }],
        "cap": null, "currency_floor": "0.01", "tiers": { "gold": "0.1" }, "valid_from": "2026-01-01"
    })
}

#[test]
fn the_form_shows_what_is_stored_and_posts_it_back() {
    let schema = volume();
    assert_eq!(round_trip(&schema, &settings()), settings());
    let view = SettingsForm::of(&schema, &settings()).shown(&[], Language::ZhCn);
    let names: Vec<&str> = view.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["/stacking", "/breaks", "/currency_floor", "/cap", "/tiers", "/valid_from"]);
    let breaks = &view.fields[1];
    assert_eq!((breaks.kind, breaks.label.as_str(), breaks.room), ("table", "数量折扣", true));
    assert_eq!(
        breaks.columns.iter().map(|column| column.label.as_str()).collect::<Vec<_>>(),
        ["起点", "折扣"]
    );
    assert_eq!(breaks.rows[1].title, "第 2 档");
    assert!(breaks.rows[1].removable);
    assert_eq!(
        (breaks.rows[1].fields[1].value.as_str(), breaks.rows[1].fields[1].unit.as_str()),
        ("7.5", "%")
    );
    assert_eq!(breaks.rows[0].fields[0].unit, "件");
    assert_eq!(breaks.rows[0].fields[1].bounds, "0% 至 50%");
    assert_eq!(view.fields[0].choices[1].label, "累加");
    assert!(view.fields[0].choices[1].selected);
    assert_eq!((view.fields[3].switch.as_str(), view.fields[3].on), ("/cap~on", false));
    assert_eq!(view.fields[4].rows[0].fields[0].name, "/tiers/0~key");
}

#[test]
fn what_is_typed_becomes_typed_json() {
    let schema = volume();
    let form = Form::of([
        ("/stacking", "best"),
        ("/breaks", "3"),
        ("/breaks/3/from", "１，０００"),
        ("/breaks/3/discount", "７.５０％"),
        ("/breaks", "n1"),
        ("/breaks/n1/from", " 20 "),
        ("/breaks/n1/discount", "0"),
        ("/cap~on", "1"),
        ("/cap/amount", "12.30"),
        ("/cap/hard", "true"),
        ("/currency_floor", "0"),
        ("/tiers", "0"),
        ("/tiers/0~key", "金牌/A"),
        ("/tiers/0", "3"),
        ("/valid_from", "2026年2月03日"),
    ]);
    let expected = json!({
        "stacking": "best",
        "breaks": [{ "from": 1000, "discount": "0.075" }, { "from": 20, "discount": "0" }],
        "cap": { "amount": "12.3", "hard": true },
        "currency_floor": "0", "tiers": { "金牌/A": "0.03" }, "valid_from": "2026-02-03"
    });
    assert_eq!(SettingsForm::posted(&schema, &form).value().unwrap(), expected);
}

#[test]
fn every_error_stands_next_to_its_field_and_nothing_typed_is_lost() {
    let schema = volume();
    let form = Form::of([
        ("/stacking", "worst"),
        ("/breaks", "7"),
        ("/breaks/7/from", "1.5"),
        ("/breaks/7/discount", "60"),
        ("/currency_floor", ""),
        ("/tiers", "0"),
        ("/tiers", "1"),
        ("/tiers/0~key", "gold"),
        ("/tiers/0", "x"),
        ("/tiers/1~key", "gold"),
        ("/tiers/1", "1.00000001"),
        ("/valid_from", "31/31/2026"),
    ]);
    let posted = SettingsForm::posted(&schema, &form);
    let errors = posted.value().unwrap_err();
    let told: Vec<(&str, &str)> =
        errors.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect();
    let expected = [
        ("/stacking", "choice"),
        ("/breaks/0/from", "integer"),
        ("/breaks/0/discount", "range"),
        ("/currency_floor", "required"),
        ("/tiers/0", "decimal"),
        ("/tiers/1", "decimals"),
        ("/tiers/1~key", "duplicate"),
        ("/valid_from", "date"),
    ];
    assert_eq!(told, expected);
    let view = posted.shown(&errors, Language::ZhCn);
    let discount = &view.fields[1].rows[0].fields[1];
    assert_eq!((discount.value.as_str(), discount.error.as_str()), ("60", "请填写 0% 到 50% 之间的数"));
    assert_eq!(view.summary[1].message, "数量折扣 › 第 1 档 › 起点：请填写整数，如 12");
    let empty = SettingsForm::posted(&schema, &Form::default()).value().unwrap_err();
    assert!(empty.iter().any(|error| error.code == "min-items"));
}

#[test]
fn rows_are_added_removed_and_moved_without_script() {
    let schema = volume();
    let mut form = SettingsForm::of(&schema, &settings());
    let froms = |form: &SettingsForm<'_>| -> Vec<String> {
        let view = form.shown(&[], Language::En);
        view.fields[1].rows.iter().map(|row| row.fields[0].value.clone()).collect()
    };
    assert!(form.edit("down:/breaks/0"));
    assert_eq!(froms(&form), ["100000", "10"]);
    assert!(form.edit("add:/breaks") && form.edit("up:/breaks/new"));
    assert_eq!(froms(&form), ["100000", "", "10"]);
    assert!(form.edit("remove:/breaks/1"), "rows keep the names under which they were posted");
    assert_eq!(froms(&form), ["", "10"]);
    for nothing in [
        "",
        "add:",
        "up:/breaks/new",
        "down:/breaks/0",
        "remove:/breaks/9",
        "add:/nowhere",
        "add:/breaks/0/from",
        "x",
    ] {
        assert!(!form.edit(nothing), "{nothing}");
    }
    assert!(form.edit("add:/tiers"));
    let pairs = pairs_of(&form);
    assert!(pairs.contains(&("/tiers".into(), "1".into())));
}

#[test]
fn the_engines_issues_are_told_in_the_forms_units() {
    let schema = volume();
    let form = SettingsForm::of(
        &schema,
        &json!({
            "breaks": [{ "from": 1, "discount": "0.05" }], "currency_floor": "-1", "tiers": { "a": "0", "b/c": "0.5" }
        }),
    );
    let issue = |pointer: &str, code: &str, args: &[(&str, &str)]| Issue {
        pointer: pointer.into(),
        code: code.into(),
        args: args.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
    };
    let errors = form.locate(&[
        issue("/breaks/0/discount", "maximum", &[("limit", "0.5")]),
        issue("/tiers/b~1c", "max-length", &[("limit", "3")]),
        issue("/breaks/0/unknown/deeper", "unknown-field", &[("field", "deeper")]),
    ]);
    let names: Vec<&str> = errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(names, ["/breaks/0/discount", "/tiers/1", "/breaks/0"]);
    assert_eq!(errors[0].said(Language::En).message, "Enter 50% or less");
    assert_eq!(errors[1].said(Language::ZhCn).message, "最多 3 个字");
}

#[test]
fn differences_are_told_in_plain_words() {
    let schema = volume();
    let mut new = settings();
    new["breaks"][1]["from"] = json!(120_000);
    new["breaks"].as_array_mut().unwrap().push(json!({ "from": 500_000, "discount": "0.12" }));
    new["stacking"] = json!("best");
    new["cap"] = json!({ "amount": "5000", "hard": false });
    new["tiers"] = json!({ "gold": "0.1", "silver": "0.05" });
    let said = |language| -> Vec<String> {
        changes(&schema, &settings(), &new, language).into_iter().map(|change| change.sentence).collect()
    };
    assert_eq!(
        said(Language::ZhCn),
        [
            "叠加方式：累加 → 取最优",
            "数量折扣 第 2 档 起点：100,000\u{a0}件 → 120,000\u{a0}件",
            "新增数量折扣 第 3 档：起点 500,000\u{a0}件，折扣 12%",
            "Cap：未设置 → Amount 5,000，Hard 否",
            "新增Tier discounts silver：5%",
        ]
    );
    assert_eq!(
        said(Language::En)[1..3],
        [
            "Volume breaks, Break 2, From: 100,000\u{a0}pieces → 120,000\u{a0}pieces",
            "Volume breaks, Break 3 added: From 500,000\u{a0}pieces, Discount 12%",
        ]
    );
    let back = changes(&schema, &new, &settings(), Language::En);
    assert_eq!(back.iter().filter(|change| change.kind == "removed").count(), 2);
}

#[test]
fn a_row_that_only_moved_is_told_as_moved() {
    let row = |from: i64| json!({ "from": from, "discount": "0" });
    let of = |rows: Vec<Json>| json!({ "breaks": rows, "currency_floor": "0" });
    let found = changes(
        &volume(),
        &of(vec![row(1), row(2), row(3)]),
        &of(vec![row(2), row(3), row(1)]),
        Language::En,
    );
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].kind, found[0].before.as_str(), found[0].after.as_str()),
        ("moved", "Break 1", "Break 3")
    );
}

#[test]
fn the_engines_codes_have_words_in_both_languages() {
    let codes = "required type minimum maximum enum const decimal format min-items max-items min-length max-length \
        min-properties max-properties unique-items multiple-of pattern unknown-field choice not-allowed too-large \
        not-json other";
    let args = ["limit", "allowed", "expected", "field", "pattern", "format", "detail", "keyword"];
    let schema = volume();
    let form = SettingsForm::of(&schema, &settings());
    for code in codes.split_whitespace() {
        let args = args.iter().map(|name| ((*name).to_owned(), "7".to_owned())).collect();
        let issue = Issue { pointer: "/stacking".into(), code: code.into(), args };
        for language in Language::ALL {
            let said = form.locate(std::slice::from_ref(&issue))[0].said(language).message;
            assert!(crate::web::i18n::knows(language, &format!("invalid-{code}")), "{code}");
            assert!(!said.contains('{'), "{said}");
        }
    }
}

#[test]
fn odd_and_hostile_schemas_still_give_a_form() {
    assert!(SettingsSchema::parse("{").is_err());
    for schema in [
        json!(true),
        json!({}),
        json!({ "$ref": "#" }),
        json!({ "$ref": "https://example.com/schema" }),
        json!({ "type": "object", "properties": { "self": { "$ref": "#" } } }),
        json!({ "type": "array", "prefixItems": [{}, {}] }),
        json!({ "oneOf": [{ "type": "object", "properties": { "a": {} } }, { "type": "string" }] }),
    ] {
        let schema = SettingsSchema::parse(&schema.to_string()).unwrap();
        let form = SettingsForm::of(&schema, &json!({}));
        assert!(!form.shown(&[], Language::En).fields.is_empty());
    }
    let mut wide = json!({ "type": "string" });
    for _ in 0..40 {
        wide = json!({ "type": "object", "properties": { "a": wide.clone(), "b": { "type": "string" } } });
    }
    let schema = SettingsSchema::parse(&wide.to_string()).unwrap();
    let value = json!({ "a": { "a": { "b": "kept" }, "b": "x" }, "b": "y" });
    assert_eq!(round_trip(&schema, &value)["a"]["a"]["b"], "kept");
    let tuple = json!({ "type": "object", "properties": { "t": { "type": "array", "prefixItems": [{}] } } });
    let schema = SettingsSchema::parse(&tuple.to_string()).unwrap();
    assert_eq!(round_trip(&schema, &json!({ "t": [1, "x"] })), json!({ "t": [1, "x"] }));
    let broken = SettingsForm::posted(&schema, &Form::of([("/t", "[1")])).value().unwrap_err();
    assert_eq!((broken[0].pointer.as_str(), broken[0].code.as_str()), ("/t", "json"));
}

fn leaf() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(json!({ "type": "string" })),
        Just(json!({ "type": "string", "minLength": 1 })),
        Just(json!({ "type": "string", "maxLength": 900 })),
        Just(json!({ "type": "string", "format": "decimal" })),
        Just(json!({ "type": "string", "format": "decimal", "x-unit": "percent" })),
        Just(json!({ "type": "integer" })),
        Just(json!({ "type": "boolean" })),
        Just(json!({ "type": "string", "format": "date" })),
        Just(json!({ "enum": ["a", "1", "", " b", "true", 1, true] })),
        Just(json!({ "type": "array", "items": { "type": "string" } })),
        Just(
            json!({ "type": "array", "items": { "type": "string", "format": "decimal", "x-unit": "percent" } })
        ),
        Just(json!({ "type": "array", "prefixItems": [{ "type": "string" }] })),
    ]
}

fn schema_of() -> impl Strategy<Value = Json> {
    leaf().prop_recursive(3, 24, 4, |inner| {
        let key = prop_oneof!["[a-z_]{1,6}", Just("a/b~c".to_owned()), Just("渠道".to_owned())];
        let group = prop::collection::vec((key, inner.clone(), any::<bool>()), 1..4).prop_map(|fields| {
            let required: Vec<&String> =
                fields.iter().filter(|field| field.2).map(|field| &field.0).collect();
            let properties: serde_json::Map<String, Json> =
                fields.iter().map(|(key, schema, _)| (key.clone(), schema.clone())).collect();
            json!({ "type": "object", "properties": properties, "required": required })
        });
        prop_oneof![
            3 => group,
            2 => inner.clone().prop_map(|items| json!({ "type": "array", "items": items })),
            1 => inner.clone().prop_map(|value| json!({ "type": "object", "additionalProperties": value })),
            1 => inner.prop_map(|schema| json!({ "anyOf": [schema, { "type": "null" }] })),
        ]
    })
}

/// Values in the form's normal way of writing: text without blanks around it, decimals without needless
/// zeros, null where a value that may be null is left out.
fn value_of(schema: &Json) -> BoxedStrategy<Json> {
    if let Some(branches) = schema.get("anyOf") {
        let inner = branches[0].clone();
        if inner.get("anyOf").is_some() {
            return value_of(&inner);
        }
        // A list in one box that is null or has items; typed text that is null or something.
        let filled = value_of(&inner).prop_map(|value| if value == json!([]) { Json::Null } else { value });
        return prop_oneof![Just(Json::Null), filled].boxed();
    }
    if let Some(choices) = schema.get("enum") {
        return prop::sample::select(choices.as_array().unwrap().clone()).boxed();
    }
    match schema["type"].as_str().unwrap() {
        "boolean" => any::<bool>().prop_map(Json::from).boxed(),
        "integer" => any::<i64>().prop_map(Json::from).boxed(),
        "string" => match schema["format"].as_str() {
            Some("decimal") => decimals().boxed(),
            Some("date") => (1970..2100_i32, 1..=12_u32, 1..=28_u32)
                .prop_map(|(year, month, day)| json!(format!("{year}-{month:02}-{day:02}")))
                .boxed(),
            _ => "[!-~渠道，、]([ -~渠道，、]{0,8}[!-~渠道，、])?".prop_map(Json::from).boxed(),
        },
        "array" if schema.get("prefixItems").is_some() => Just(json!(["x", 1, null])).boxed(),
        "array" => prop::collection::vec(value_of(&schema["items"]), 0..4).prop_map(Json::from).boxed(),
        _ => object_of(schema),
    }
}

fn decimals() -> impl Strategy<Value = Json> {
    (any::<i64>(), 0..=7_u32).prop_map(|(mantissa, scale)| {
        json!(qudao_domain::decimal::Decimal::new(mantissa, scale).normalize().to_string())
    })
}

fn object_of(schema: &Json) -> BoxedStrategy<Json> {
    if let Some(value) = schema.get("additionalProperties") {
        let key = "[!-~渠道]([ -~渠道]{0,8}[!-~渠道])?";
        let entries = prop::collection::btree_map(key, value_of(value), 0..4);
        return entries.prop_map(|entries| json!(entries)).boxed();
    }
    let required: Vec<Json> = schema["required"].as_array().unwrap().clone();
    let mut all: BoxedStrategy<serde_json::Map<String, Json>> = Just(serde_json::Map::new()).boxed();
    for (key, inner) in schema["properties"].as_object().unwrap().clone() {
        // What is always there: what the form cannot leave out.
        let fixed =
            required.contains(&json!(key)) || inner.get("anyOf").is_some() || inner["type"] == "boolean";
        let is_list = inner["type"] == "array" && inner.get("prefixItems").is_none();
        let may_lack = !fixed && !is_list;
        all = (all, value_of(&inner), any::<bool>())
            .prop_map(move |(mut object, value, lacks)| {
                if !(may_lack && lacks) {
                    object.insert(key.clone(), value);
                }
                object
            })
            .boxed();
    }
    all.prop_map(Json::Object).boxed()
}

fn schema_and_values() -> impl Strategy<Value = (Json, Json, Json)> {
    let wrapped = |inner| json!({ "type": "object", "properties": { "all": inner }, "required": ["all"] });
    schema_of().prop_map(wrapped).prop_flat_map(|schema| {
        let values = (value_of(&schema), value_of(&schema));
        values.prop_map(move |(one, other)| (schema.clone(), one, other))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn value_to_form_to_post_to_value((schema, value, _) in schema_and_values()) {
        let parsed = SettingsSchema::parse(&schema.to_string()).unwrap();
        prop_assert_eq!(round_trip(&parsed, &value), value);
    }

    #[test]
    fn there_are_changes_exactly_where_values_differ((schema, one, other) in schema_and_values()) {
        let parsed = SettingsSchema::parse(&schema.to_string()).unwrap();
        for language in Language::ALL {
            prop_assert!(changes(&parsed, &one, &one, language).is_empty());
            let found = changes(&parsed, &one, &other, language);
            prop_assert_eq!(found.is_empty(), one == other);
            for change in found {
                prop_assert!(!change.sentence.starts_with("settings-"), "{}", change.sentence);
            }
        }
    }

    #[test]
    fn whatever_is_posted_is_answered(pairs in prop::collection::vec(("[a-z/~0-9]{0,12}", ".{0,12}"), 0..30)) {
        let schema = volume();
        let mut form = SettingsForm::posted(&schema, &Form::of(pairs.clone()));
        for (name, _) in &pairs {
            form.edit(&format!("add:{name}"));
        }
        let errors = form.value().err().unwrap_or_default();
        let view = form.shown(&errors, Language::ZhCn);
        prop_assert_eq!(view.summary.len(), errors.len());
    }
}

/// The settings of the reference plugins, as they describe themselves.
fn reference_plugins() -> Vec<(&'static str, SettingsSchema, Json)> {
    let volume = <volume_pricing::VolumePricing as qudao_sdk::pricing::Pricing>::describe();
    let rebate = <tiered_rebate::TieredRebate as qudao_sdk::incentive::Incentive>::describe();
    let kpi = <weighted_kpi::WeightedKpi as qudao_sdk::kpi::Kpi>::describe();
    let deal = <deal_registration::DealRegistration as qudao_sdk::deal::Deal>::describe();
    let read = |name, schema: &str, default: &str| {
        let schema = SettingsSchema::parse(schema).unwrap().in_order_of(default);
        (name, schema, serde_json::from_str(default).unwrap())
    };
    vec![
        read("volume-pricing", &volume.settings_schema, &volume.settings_default),
        read("tiered-rebate", &rebate.settings_schema, &rebate.settings_default),
        read("weighted-kpi", &kpi.settings_schema, &kpi.settings_default),
        read("deal-registration", &deal.settings_schema, &deal.settings_default),
    ]
}

#[test]
fn the_reference_plugins_settings_come_back_as_they_were() {
    for (name, schema, mut default) in reference_plugins() {
        // schemars takes the null out of an `Option` that is marked as required: there a number must stand.
        for error in SettingsForm::of(&schema, &default).value().err().unwrap_or_default() {
            assert_eq!(
                (error.code.as_str(), default.pointer(&error.pointer)),
                ("required", Some(&Json::Null)),
                "{name}"
            );
            *default.pointer_mut(&error.pointer).unwrap() = json!(7);
        }
        default = SettingsForm::of(&schema, &default).value().unwrap();
        let form = SettingsForm::of(&schema, &default);
        assert_eq!(form.value().as_ref(), Ok(&default), "{name}");
        assert_eq!(round_trip(&schema, &default), default, "{name}");
        assert!(!format!("{:?}", form.shown(&[], Language::ZhCn)).contains("kind: \"json\""), "{name}");
        assert!(changes(&schema, &default, &round_trip(&schema, &default), Language::En).is_empty());
    }
}

fn unescaped(text: &str) -> String {
    let pairs =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (code, plain)| text.replace(code, plain))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| unescaped(value))
}

/// What a browser posts from this HTML, buttons aside.
fn posted_from(html: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for part in html.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        let name = attribute(tag, "name");
        match (tag.split(' ').next(), name) {
            (Some("input"), Some(name)) => {
                let box_is_empty = tag.contains("type=\"checkbox\"") && !tag.contains(" checked");
                if !box_is_empty {
                    pairs.push((name, attribute(tag, "value").unwrap_or_default()));
                }
            }
            (Some("textarea"), Some(name)) => pairs.push((name, unescaped(text))),
            (Some("select"), Some(name)) => pairs.push((name, String::new())),
            (Some("option"), _) if tag.contains(" selected") => {
                pairs.last_mut().unwrap().1 = attribute(tag, "value").unwrap();
            }
            _ => {}
        }
    }
    pairs
}

fn drawn(form: &SettingsForm<'_>, language: Language) -> String {
    let page = Page {
        visitor: std::sync::Arc::new(Visitor::default()),
        language,
        theme: Theme::Auto,
        path: "/plugins/d1/settings".into(),
        query: String::new(),
        partial: true,
        notice: None,
    };
    let context = json!({ "settings": form.shown(&[], language), "plugin": { "digest": "d1" } });
    Views::new(true).unwrap().text(&page, "settings/fields.html", &context).unwrap()
}

#[test]
fn the_drawn_page_posts_the_settings_back_in_both_languages() {
    let mut cases = reference_plugins();
    cases.push(("test", volume(), settings()));
    let odd = json!({ "breaks": [{ "from": 1, "discount": "0" }], "currency_floor": "0", "tiers": { "<\"&'/>": "0.5" },
        "cap": { "amount": "1", "hard": true }, "stacking": "add", "valid_from": null });
    cases.push(("odd", volume(), odd));
    for (name, schema, value) in cases {
        let form = SettingsForm::of(&schema, &value);
        for language in Language::ALL {
            let posted = Form::of(posted_from(&drawn(&form, language)));
            assert_eq!(SettingsForm::posted(&schema, &posted).value(), form.value(), "{name}");
        }
    }
}
