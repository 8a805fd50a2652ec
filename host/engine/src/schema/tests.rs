use super::*;
use serde_json::json;

fn schema(json: Value) -> Result<SettingsSchema, SchemaError> {
    SettingsSchema::parse(&json.to_string())
}

/// An object schema with one more keyword.
fn with(keyword: &str, value: Value) -> Value {
    json!({ "type": "object", keyword: value })
}

#[test]
fn references_stay_inside_the_schema() {
    for target in [
        "https://example.com/schema.json",
        "file:///etc/passwd",
        "other.json#/$defs/a",
        "#",
        "#/properties/a",
        "#/$defs/",
        "#/$defs/a/properties/b",
        "#a",
        "",
    ] {
        let refused = schema(with("properties", json!({ "a": { "$ref": target } }))).unwrap_err();
        assert!(
            matches!(&refused, SchemaError::ForeignRef { pointer, .. } if pointer == "/properties/a"),
            "{refused}"
        );
        assert!(refused.to_string().contains("#/$defs/NAME"));
    }
    let missing = schema(with("properties", json!({ "a": { "$ref": "#/$defs/a" } }))).unwrap_err();
    assert!(matches!(missing, SchemaError::MissingRef { .. }), "{missing}");
}

#[test]
fn a_remote_reference_hides_nowhere() {
    let remote = json!({ "$ref": "https://example.com/x" });
    for hidden in [
        with("items", json!([remote])),
        with("allOf", json!([{ "not": remote }])),
        with("$defs", json!({ "unused": remote })),
        with("patternProperties", json!({ "^a": remote })),
        with("if", json!({ "properties": { "properties": remote } })),
        with("dependentSchemas", json!({ "a": remote })),
        with("unevaluatedProperties", remote.clone()),
    ] {
        let refused = schema(hidden.clone()).expect_err("hidden reference");
        assert!(matches!(refused, SchemaError::ForeignRef { .. }), "{hidden}: {refused}");
    }
}

#[test]
fn data_and_names_are_not_mistaken_for_keywords() {
    let schema = schema(json!({
        "type": "object",
        "properties": {
            "$ref": { "type": "string" },
            "id": { "type": "string" },
            "pattern": { "type": "string", "default": "x" },
            "free": { "default": { "$ref": "https://example.com/x", "$id": "y" } },
        },
        "additionalProperties": false,
    }))
    .unwrap();
    assert!(schema.check(&json!({ "$ref": "a", "id": "b", "pattern": "c", "free": 1 })).is_empty());
}

#[test]
fn definitions_may_be_shared_but_not_contain_themselves() {
    let shared = json!({
        "type": "object",
        "properties": { "a": { "$ref": "#/$defs/rate" }, "b": { "$ref": "#/$defs/rate" } },
        "$defs": { "rate": { "type": "string", "format": "decimal", "x-maximum": "1" } },
    });
    let schema_of = schema(shared).unwrap();
    assert_eq!(schema_of.check(&json!({ "a": "0.5", "b": "2" }))[0].pointer, "/b");
    for defs in [
        json!({ "a": { "$ref": "#/$defs/a" } }),
        json!({ "a": { "items": { "$ref": "#/$defs/b" } }, "b": { "anyOf": [{ "$ref": "#/$defs/a" }] } }),
    ] {
        let refused = schema(with("$defs", defs)).unwrap_err();
        assert!(matches!(refused, SchemaError::RecursiveRef(_)), "{refused}");
    }
}

#[test]
fn references_that_double_and_double_are_counted() {
    let mut defs = serde_json::Map::new();
    defs.insert("d0".into(), json!({ "type": "string" }));
    for level in 1..=20 {
        let below = json!({ "$ref": format!("#/$defs/d{}", level - 1) });
        defs.insert(format!("d{level}"), json!({ "allOf": [below, below] }));
    }
    assert_eq!(schema(with("$defs", Value::Object(defs))).unwrap_err(), SchemaError::TooManyParts);
}

#[test]
fn keywords_that_rename_or_look_up_are_refused_by_name() {
    for keyword in ["$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$vocabulary"] {
        let refused = schema(with("properties", json!({ "a": { keyword: "x" } }))).unwrap_err();
        let expected = SchemaError::Keyword { pointer: "/properties/a".into(), keyword: keyword.into() };
        assert_eq!(refused, expected);
    }
    let draft = schema(with("$schema", json!("http://json-schema.org/draft-07/schema#"))).unwrap_err();
    assert!(matches!(draft, SchemaError::Dialect(_)));
    assert!(schema(with("$schema", json!("https://json-schema.org/draft/2020-12/schema"))).is_ok());
}

#[test]
fn size_depth_and_patterns_are_bounded() {
    let mut deep = json!({ "type": "string" });
    for _ in 0..MAX_DEPTH {
        deep = json!({ "items": deep });
    }
    assert!(matches!(schema(with("items", deep)).unwrap_err(), SchemaError::TooDeep(_)));
    let long = "a".repeat(MAX_PATTERN_BYTES + 1);
    for place in
        [json!({ "a": { "pattern": long } }), json!({ "b": { "patternProperties": { long.clone(): true } } })]
    {
        assert!(matches!(schema(with("properties", place)).unwrap_err(), SchemaError::PatternTooLong(_)));
    }
    let choices: Vec<u64> = (0..MAX_NODES).collect();
    assert!(matches!(
        schema(with("enum", json!(choices))).unwrap_err(),
        SchemaError::TooManyParts | SchemaError::TooLarge(_)
    ));
    assert!(matches!(
        SettingsSchema::parse(&" ".repeat(MAX_SCHEMA_BYTES + 1)),
        Err(SchemaError::TooLarge(_))
    ));
    let nested = "[".repeat(50_000);
    assert!(matches!(SettingsSchema::parse(&nested), Err(SchemaError::NotJson(_))));
}

#[test]
fn patterns_run_in_linear_time_or_not_at_all() {
    let evil =
        schema(with("properties", json!({ "a": { "type": "string", "pattern": "^(a+)+$" } }))).unwrap();
    let began = std::time::Instant::now();
    let text = format!("{}!", "a".repeat(20_000));
    assert_eq!(evil.check(&json!({ "a": text }))[0].code, "pattern");
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    let look_ahead = with("properties", json!({ "a": { "pattern": "^(?=.*a)(?!b)" } }));
    assert!(matches!(schema(look_ahead).unwrap_err(), SchemaError::Invalid { .. }));
    let huge = with("properties", json!({ "a": { "pattern": "((a{100}){100}){100}" } }));
    assert!(matches!(schema(huge).unwrap_err(), SchemaError::Invalid { .. }));
}

#[test]
fn what_is_no_object_schema_is_refused() {
    assert!(matches!(SettingsSchema::parse("nonsense"), Err(SchemaError::NotJson(_))));
    for wrong in
        [json!(true), json!({}), json!({ "type": "array" }), json!({ "$ref": "https://example.com/x" })]
    {
        assert_eq!(schema(wrong).unwrap_err(), SchemaError::NotAnObject);
    }
    assert!(matches!(schema(with("required", json!("a"))).unwrap_err(), SchemaError::Invalid { .. }));
    let bound = schema(with("properties", json!({ "a": { "x-minimum": 0.1 } }))).unwrap_err();
    assert!(
        matches!(&bound, SchemaError::Invalid { pointer, .. } if pointer == "/properties/a/x-minimum"),
        "{bound}"
    );
}

fn tiers() -> SettingsSchema {
    schema(json!({
        "type": "object",
        "required": ["floor", "tiers"],
        "additionalProperties": false,
        "properties": {
            "floor": { "type": "string", "format": "decimal", "x-minimum": "0", "x-maximum": "0.5" },
            "mode": { "enum": ["best", "sum"] },
            "name": { "type": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-z]*$" },
            "count": { "type": "integer", "minimum": 1, "maximum": 9 },
            "tiers": {
                "type": "array", "minItems": 1, "maxItems": 2,
                "items": { "type": "object", "required": ["from"], "properties": { "from": { "type": "integer" } } },
            },
        },
    }))
    .unwrap()
}

#[test]
fn every_issue_stands_at_its_field() {
    let good = json!({ "floor": "0.25", "tiers": [{ "from": 1 }], "mode": "sum", "name": "abc", "count": 3 });
    assert_eq!(tiers().check(&good), []);
    for (change, value, pointer, code) in [
        ("/floor", json!("0.51"), "/floor", "maximum"),
        ("/floor", json!("-0.01"), "/floor", "minimum"),
        ("/floor", json!("0,5"), "/floor", "decimal"),
        ("/floor", json!(0.5), "/floor", "type"),
        ("/mode", json!("worst"), "/mode", "enum"),
        ("/name", json!("a"), "/name", "min-length"),
        ("/name", json!("abcde"), "/name", "max-length"),
        ("/name", json!("ABC"), "/name", "pattern"),
        ("/count", json!(0), "/count", "minimum"),
        ("/count", json!(10), "/count", "maximum"),
        ("/tiers", json!([]), "/tiers", "min-items"),
        ("/tiers", json!([{ "from": 1 }, { "from": 2 }, { "from": 3 }]), "/tiers", "max-items"),
        ("/tiers/0", json!({}), "/tiers/0/from", "required"),
        ("/tiers/0/from", json!("x"), "/tiers/0/from", "type"),
    ] {
        let mut settings = good.clone();
        *settings.pointer_mut(change).unwrap() = value;
        let issues = tiers().check(&settings);
        let found: Vec<_> =
            issues.iter().map(|issue| (issue.pointer.as_str(), issue.code.as_str())).collect();
        assert_eq!(found, [(pointer, code)], "{settings}");
        assert!(!issues[0].message.is_empty());
    }
    let mut settings = good.clone();
    settings["a/b"] = json!(1);
    let unknown = tiers().check(&settings);
    assert_eq!((unknown[0].pointer.as_str(), unknown[0].code.as_str()), ("/a~1b", "unknown-field"));
    let limit = tiers().check(&json!({ "floor": "9", "tiers": [{ "from": 1 }] }));
    assert_eq!(limit[0].args, [("limit".to_owned(), "0.5".to_owned())]);
}

#[test]
fn all_issues_are_listed_at_once() {
    let issues = tiers().check(&json!({ "floor": "x", "count": 0 }));
    let codes: Vec<_> = issues.iter().map(|issue| issue.code.as_str()).collect();
    assert_eq!(codes.len(), 3, "{issues:?}");
    for code in ["decimal", "minimum", "required"] {
        assert!(codes.contains(&code), "{code} in {codes:?}");
    }
    assert_eq!(tiers().read("{").unwrap_err()[0].code, "not-json");
    assert_eq!(tiers().read(&" ".repeat(MAX_SETTINGS_BYTES + 1)).unwrap_err()[0].code, "too-large");
    let many: Vec<Value> = (0..500).map(|_| json!({ "from": "x" })).collect();
    assert_eq!(tiers().check(&json!({ "floor": "0", "tiers": many })).len(), MAX_ISSUES);
}

#[test]
fn decimals_are_plain_and_fit_the_contract() {
    for good in ["0", "1", "-1", "0.05", "007", "9223372036854775807", "0.123456789", "-0"] {
        assert!(decimals::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "-",
        ".",
        ".5",
        "5.",
        "1e3",
        "+1",
        "1,5",
        " 1",
        "1_000",
        "0.1234567890",
        "9223372036854775808",
        "１",
        "NaN",
    ] {
        assert!(decimals::parse(bad).is_err(), "{bad}");
    }
}
