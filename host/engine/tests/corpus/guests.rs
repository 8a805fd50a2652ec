//! Whole plugins with one thing wrong: what they say of themselves, and how they answer the first question.

use crate::Case;
use crate::abi::Abi;
use crate::guest::{Guest, Told, message, note, widest_result};
use qudao_domain::contract::Kind;

pub fn cases() -> Vec<Case> {
    let mut cases = described();
    cases.extend(said());
    cases.extend(schemas());
    cases.extend(defaults());
    cases.extend(tried());
    cases.extend(answered());
    cases
}

fn spoilt(name: &str, code: &'static str, says: &str, spoil: impl FnOnce(&mut Guest)) -> Case {
    let mut guest = Guest::healthy(Kind::Pricing);
    spoil(&mut guest);
    Case::new(name, guest.component(), code, says)
}

/// `describe` does not come to an answer, or to one that is no descriptor.
fn described() -> Vec<Case> {
    let describe = |name, says, body: &str| {
        spoilt(name, "describe-failed", says, |guest| guest.describe = body.to_owned())
    };
    vec![
        describe("describes-with-a-trap", "trap", "unreachable"),
        describe("describes-endlessly", "out-of-fuel", "(loop (br 0)) unreachable"),
        describe("describes-out-of-bounds", "bad-answer", "i32.const 0x7ffffff0"),
        describe("describes-at-an-odd-address", "pointer not aligned", "i32.const 1025"),
        describe(
            "describes-with-all-memory",
            "memory: asked for",
            "(drop (memory.grow (i32.const 1000))) unreachable",
        ),
        spoilt("traps-after-describing", "describe-failed", "trap", |guest| {
            guest.after_describe = "unreachable".into();
        }),
        spoilt("runs-on-after-describing", "describe-failed", "out-of-fuel", |guest| {
            guest.after_describe = "(loop (br 0))".into();
        }),
    ]
}

/// `describe` answers, and what it says is wrong.
fn said() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut told = |name, code, says, spoil: &dyn Fn(&mut Told)| {
        let mut told = Told::healthy(Kind::Pricing);
        spoil(&mut told);
        cases.push(Case::new(name, Guest::healthy(Kind::Pricing).told(told).component(), code, says));
    };
    let bad = "bad-descriptor";
    told("says-another-kind", bad, "it says kpi", &|told| told.kind = 2);
    told("says-a-kind-there-is-not", "describe-failed", "bad-answer", &|told| told.kind = 9);
    told("has-no-name", bad, "volume-pricing", &|told| told.name = Abi::text(""));
    told("has-a-name-of-a-path", bad, "`../../etc/passwd`", &|told| {
        told.name = Abi::text("../../etc/passwd")
    });
    told("has-a-name-of-control-characters", bad, "at `name`", &|told| {
        told.name = Abi::text("a\u{1b}[2J\u{7}")
    });
    told("has-a-giant-name", bad, "at `name`", &|told| told.name = Abi::text(&"a".repeat(100_000)));
    told("has-a-name-that-is-no-utf-8", "describe-failed", "utf-8", &|told| {
        told.name = Abi::Text(vec![0xff, 0xfe])
    });
    told("has-a-name-out-of-bounds", "describe-failed", "out of bounds", &|told| {
        told.name = Abi::Elsewhere(0xffff_0000, 100)
    });
    told("has-a-name-longer-than-memory", "describe-failed", "bad-answer", &|told| {
        told.name = Abi::Elsewhere(8, u32::MAX)
    });
    told("has-more-words-than-an-answer-may", "describe-failed", "bad-answer", &|told| {
        told.summary[0] = Abi::Elsewhere(8, 3 << 20)
    });
    told("has-more-messages-than-memory", "describe-failed", "out of bounds", &|told| {
        told.messages = Abi::Elsewhere(8, u32::MAX)
    });
    told("has-no-version", bad, "at `version`", &|told| told.version = Abi::text("latest"));
    told("has-a-version-of-markup", bad, "at `version`", &|told| told.version = Abi::text("1.0.0-<script>"));
    told("has-words-in-one-language-only", bad, "no zh-CN words", &|told| told.title[0] = Abi::text(" \n"));
    told("has-a-title-too-long", bad, "at most 120", &|told| told.title[1] = Abi::text(&"x".repeat(121)));
    told("has-a-message-twice", bad, "twice", &|told| {
        told.messages = Abi::List(vec![message("a", "a", "a"), message("a", "b", "b")]);
    });
    told("has-a-message-of-no-words", bad, "messages.a", &|told| {
        told.messages = Abi::List(vec![message("a", "a", "")])
    });
    told("has-a-message-of-no-code", bad, "hyphens", &|told| {
        told.messages = Abi::List(vec![message("A B", "a", "a")])
    });
    told("has-too-many-messages", bad, "501 messages", &|told| {
        told.messages = Abi::List((0..501).map(|number| message(&format!("m{number}"), "a", "a")).collect());
    });
    told("reads-a-key-twice", bad, "there twice", &|told| {
        told.attributes = Abi::List(vec![Abi::text("a"), Abi::text("a")])
    });
    told("reads-a-key-of-nothing", bad, "at `metrics`", &|told| {
        told.metrics = Abi::List(vec![Abi::text("")])
    });
    told("reads-too-many-keys", bad, "201 keys", &|told| {
        told.attributes = Abi::List((0..201).map(|number| Abi::text(&number.to_string())).collect());
    });
    cases
}

fn with_schema(name: &str, says: &str, schema: &str) -> Case {
    let told = Told { schema: Abi::text(schema), ..Told::healthy(Kind::Pricing) };
    Case::new(name, Guest::healthy(Kind::Pricing).told(told).component(), "bad-schema", says)
}

fn schemas() -> Vec<Case> {
    let property = |schema: &str| format!(r#"{{"type":"object","properties":{{"a":{schema}}}}}"#);
    let deep = format!("{}{{}}{}", r#"{"items":"#.repeat(60), "}".repeat(60));
    let bomb = r##""a":{"allOf":[{"$ref":"#/$defs/b"},{"$ref":"#/$defs/b"}]},"b":{"$ref":"#/$defs/a"}"##;
    vec![
        with_schema("has-a-schema-of-no-json", "not JSON", "{"),
        with_schema("has-a-schema-of-a-list", "object", r#"{"type":"array"}"#),
        with_schema(
            "has-a-remote-schema",
            "https://example.com/x",
            &property(r#"{"$ref":"https://example.com/x"}"#),
        ),
        with_schema(
            "has-a-schema-of-a-file",
            "file:///etc/passwd",
            &property(r#"{"$ref":"file:///etc/passwd"}"#),
        ),
        with_schema("has-a-schema-too-deep", "deep", &property(&deep)),
        with_schema(
            "has-a-schema-within-itself",
            "contains itself",
            &format!(r#"{{"type":"object","$defs":{{{bomb}}}}}"#),
        ),
        with_schema("has-a-schema-with-another-base", "$id", &property(r#"{"$id":"https://example.com/"}"#)),
        with_schema(
            "has-a-pattern-that-explodes",
            "pattern",
            &property(r#"{"pattern":"((a{100}){100}){100}"}"#),
        ),
        with_schema("has-a-pattern-that-looks-ahead", "pattern", &property(r#"{"pattern":"(?=a)"}"#)),
        with_schema(
            "has-a-giant-schema",
            "65536",
            &property(&format!(r#"{{"title":"{}"}}"#, "x".repeat(70_000))),
        ),
        with_schema("has-a-schema-nested-beyond-the-parser", "not JSON", &"[".repeat(50_000)),
    ]
}

fn defaults() -> Vec<Case> {
    let schema = r#"{"type":"object","required":["rate"],"properties":{"rate":{"type":"string","format":"decimal","x-maximum":"1"}}}"#;
    let with = |name, says, default: &str| {
        let told =
            Told { schema: Abi::text(schema), default: Abi::text(default), ..Told::healthy(Kind::Pricing) };
        Case::new(name, Guest::healthy(Kind::Pricing).told(told).component(), "bad-defaults", says)
    };
    vec![
        with("begins-with-no-json", "JSON", "rate = 1"),
        with("begins-with-too-little", "/rate", "{}"),
        with("begins-with-too-much", "at `/rate`", r#"{"rate":"2"}"#),
        with("begins-with-settings-too-deep", "JSON", &"[".repeat(20_000)),
    ]
}

/// The plugin describes itself well and fails on the first question.
fn tried() -> Vec<Case> {
    let ask =
        |name, says, body: &str| spoilt(name, "trial-failed", says, |guest| guest.ask = body.to_owned());
    let realloc =
        |name, says, body: &str| spoilt(name, "trial-failed", says, |guest| guest.realloc = body.to_owned());
    vec![
        ask("answers-with-a-trap", "trap", "unreachable"),
        ask("answers-endlessly", "out-of-fuel", "(loop (br 0)) unreachable"),
        ask("answers-out-of-bounds", "bad-answer", "i32.const -4"),
        ask("answers-at-an-odd-address", "not aligned", "i32.const 524289"),
        ask("answers-with-all-memory", "memory", "(drop (memory.grow (i32.const 1000))) unreachable"),
        realloc("takes-a-question-out-of-bounds", "bad-answer", "i32.const 0x7ffffff8"),
        realloc("takes-a-question-at-an-odd-address", "bad-answer", "i32.const 1"),
        realloc("takes-no-question", "trap", "unreachable"),
        realloc("takes-a-question-endlessly", "out-of-fuel", "(loop (br 0)) unreachable"),
    ]
}

/// It comes to an answer, and the answer breaks the contract.
fn answered() -> Vec<Case> {
    let answer = |name, kind, says, answer: Abi| {
        Case::new(name, Guest::healthy(kind).answering(&answer).component(), "trial-failed", says)
    };
    let refusal = |kind, reasons| Abi::with(1, Abi::List(reasons), widest_result(kind));
    let violation = |line| Abi::Record(vec![Abi::option(line, (4, 4)), note("step")]);
    let empty_lists = |count| Abi::Record(vec![Abi::List(Vec::new()); count]);
    vec![
        answer(
            "answers-with-a-case-there-is-not",
            Kind::Pricing,
            "bad-answer",
            Abi::bare(7, widest_result(Kind::Pricing)),
        ),
        answer(
            "refuses-without-a-reason",
            Kind::Pricing,
            "without any violation",
            refusal(Kind::Pricing, Vec::new()),
        ),
        answer(
            "refuses-a-line-nobody-asked-for",
            Kind::Pricing,
            "line 9 was not asked",
            refusal(Kind::Pricing, vec![violation(Some(Abi::U32(9)))]),
        ),
        answer(
            "refuses-with-an-unknown-code",
            Kind::Kpi,
            "`nonsense`",
            refusal(Kind::Kpi, vec![note("nonsense")]),
        ),
        answer(
            "refuses-to-open-without-a-reason",
            Kind::Incentive,
            "without any reason",
            refusal(Kind::Incentive, Vec::new()),
        ),
        answer(
            "prices-no-line",
            Kind::Pricing,
            "2 lines asked, 0 answered",
            Abi::with(0, empty_lists(3), widest_result(Kind::Pricing)),
        ),
        answer(
            "opens-a-run-nobody-made",
            Kind::Incentive,
            "bad-answer",
            Abi::with(0, Abi::U32(77), widest_result(Kind::Incentive)),
        ),
    ]
}
