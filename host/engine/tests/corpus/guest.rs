//! Small guests with every function of a contract, to be spoilt one part at a time.

use crate::abi::Abi;
use qudao_domain::contract::Kind;
use std::fmt::Write;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Where a guest's descriptor, its fixed answer and the answer that it is told lie in its memory.
pub const DESCRIPTOR_AT: u32 = 1 << 10;
const ANSWER_AT: u32 = 512 << 10;
pub const TOLD_AT: u32 = 1 << 20;

/// `{code, args}`, with one argument of each kind that there is left out.
pub fn note(code: &str) -> Abi {
    Abi::Record(vec![Abi::text(code), Abi::List(Vec::new())])
}

/// What a guest says of itself; a test changes what it is about.
#[derive(Debug, Clone)]
pub struct Told {
    pub kind: u8,
    pub name: Abi,
    pub version: Abi,
    pub title: [Abi; 2],
    pub summary: [Abi; 2],
    pub schema: Abi,
    pub default: Abi,
    pub messages: Abi,
    pub attributes: Abi,
    pub metrics: Abi,
}

/// A message with words in both languages.
pub fn message(code: &str, zh_cn: &str, en: &str) -> Abi {
    Abi::Record(vec![Abi::text(code), Abi::Record(vec![Abi::text(zh_cn), Abi::text(en)])])
}

/// The kinds of which guests are made.
pub const KINDS: [Kind; 4] = [Kind::Pricing, Kind::Incentive, Kind::Kpi, Kind::Deal];

impl Told {
    /// One that is in order; its one message is `step`.
    pub fn healthy(kind: Kind) -> Self {
        let words = || [Abi::text("测试"), Abi::text("Test")];
        Self {
            kind: match kind {
                Kind::Pricing => 0,
                Kind::Incentive => 1,
                Kind::Kpi => 2,
                // A deal's descriptor says no kind.
                Kind::Deal => u8::MAX,
            },
            name: Abi::text("test-guest"),
            version: Abi::text("0.1.0"),
            title: words(),
            summary: words(),
            schema: Abi::text(r#"{"type":"object"}"#),
            default: Abi::text("{}"),
            messages: Abi::List(vec![message("step", "步骤", "Step")]),
            attributes: Abi::List(Vec::new()),
            metrics: Abi::List(Vec::new()),
        }
    }

    fn image(self, kind: Kind) -> Vec<u8> {
        let mut fields = vec![
            Abi::U8(self.kind),
            self.name,
            self.version,
            Abi::Record(self.title.into()),
            Abi::Record(self.summary.into()),
            self.schema,
            self.default,
            self.messages,
            self.attributes,
            self.metrics,
        ];
        if kind == Kind::Deal {
            // Its descriptor is its own: no kind, no metrics.
            fields.pop();
            fields.remove(0);
        }
        Abi::Record(fields).image(DESCRIPTOR_AT)
    }
}

/// A guest, function by function in WebAssembly text. A body finds its parameters as locals.
#[derive(Debug, Clone)]
pub struct Guest {
    kind: Kind,
    descriptor: Vec<u8>,
    /// Of what is asked: `price`, `score`, `decide` or `accumulator.open`.
    answer: Vec<u8>,
    pub describe: String,
    pub ask: String,
    pub finish: String,
    pub realloc: String,
    /// After `describe`, whose result it is given.
    pub after_describe: String,
    /// Anything else in the module.
    pub more: String,
}

/// Takes memory and never gives it back.
const BUMP: &str = "(local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $at) (local.get 3)))
    (local.get $at)";

/// Writes the bytes whose hexadecimal digits are the settings to [`TOLD_AT`].
const TELL: &str = "(func $digit (param i32) (result i32)
    (i32.sub (local.get 0)
      (select (i32.const 87) (i32.const 48) (i32.ge_u (local.get 0) (i32.const 97)))))
  (func $tell (param $from i32) (param $length i32) (result i32) (local $to i32) (local $end i32)
    (local.set $to (i32.const {told}))
    (local.set $end (i32.add (local.get $from) (local.get $length)))
    (block (loop
      (br_if 1 (i32.ge_u (local.get $from) (local.get $end)))
      (i32.store8 (local.get $to) (i32.or
        (i32.shl (call $digit (i32.load8_u (local.get $from))) (i32.const 4))
        (call $digit (i32.load8_u offset=1 (local.get $from)))))
      (local.set $to (i32.add (local.get $to) (i32.const 1)))
      (local.set $from (i32.add (local.get $from) (i32.const 2)))
      (br 0)))
    (i32.const {told}))";

impl Guest {
    /// One that passes every check: it refuses whatever it is asked, with a reason.
    pub fn healthy(kind: Kind) -> Self {
        let reason = match kind {
            Kind::Pricing => Abi::Record(vec![Abi::option(None, (4, 4)), note("step")]),
            Kind::Kpi | Kind::Incentive | Kind::Deal => note("step"),
        };
        let refusal = Abi::with(1, Abi::List(vec![reason]), widest_result(kind));
        Self {
            kind,
            descriptor: Told::healthy(kind).image(kind),
            answer: refusal.image(ANSWER_AT),
            describe: format!("i32.const {DESCRIPTOR_AT}"),
            ask: format!("i32.const {ANSWER_AT}"),
            finish: "unreachable".into(),
            realloc: BUMP.into(),
            after_describe: String::new(),
            more: String::new(),
        }
    }

    /// One that answers with the memory that its settings spell in hexadecimal digits.
    pub fn puppet(kind: Kind) -> Self {
        let mut guest = Self::healthy(kind);
        // Where the settings are among the parameters, which come as one record in memory.
        let place = match kind {
            Kind::Pricing => 68,
            Kind::Kpi => 48,
            Kind::Incentive => 72,
            Kind::Deal => 136,
        };
        let settings = |offset: u32| format!("(i32.load offset={offset} (local.get 0))");
        let tell = format!("(call $tell {} {})", settings(place), settings(place + 4));
        guest.more = TELL.replace("{told}", &TOLD_AT.to_string());
        if kind == Kind::Incentive {
            // The answer comes at the end; `open` gives a handle, whose image is `ok` and the handle.
            guest.ask = format!(
                "(drop {tell}) (i32.store (i32.const 512) (i32.const 0))
                 (i32.store offset=4 (i32.const 512) (call $new (i32.const 1))) (i32.const 512)"
            );
            guest.finish = format!("i32.const {TOLD_AT}");
        } else {
            guest.ask = tell;
        }
        guest
    }

    /// With another descriptor.
    pub fn told(mut self, told: Told) -> Self {
        self.descriptor = told.image(self.kind);
        self
    }

    /// With another answer.
    pub fn answering(mut self, answer: &Abi) -> Self {
        self.answer = answer.image(ANSWER_AT);
        self
    }

    /// The core module.
    pub fn module(&self) -> Vec<u8> {
        let Self { kind, describe, ask, finish, realloc, after_describe, more, .. } = self;
        let version = if *kind == Kind::Pricing { "0.2.0" } else { "0.1.0" };
        let interface = format!("qudao:{kind}/{kind}@{version}");
        let (mut imports, mut asked) = (String::new(), String::new());
        match kind {
            Kind::Pricing | Kind::Kpi | Kind::Deal => {
                let name = match kind {
                    Kind::Kpi => "score",
                    Kind::Deal => "decide",
                    Kind::Pricing | Kind::Incentive => "price",
                };
                let _ =
                    write!(asked, r#"(func (export "{interface}#{name}") (param i32) (result i32) {ask})"#);
            }
            Kind::Incentive => {
                let _ = write!(
                    imports,
                    r#"(import "[export]{interface}" "[resource-new]accumulator"
                        (func $new (param i32) (result i32)))"#
                );
                let _ = write!(
                    asked,
                    r#"(func (export "{interface}#[static]accumulator.open") (param i32) (result i32) {ask})
                    (func (export "{interface}#[method]accumulator.add") (param i32 i32 i32))
                    (func (export "{interface}#[method]accumulator.finish") (param i32) (result i32) {finish})"#
                );
            }
        }
        let text = format!(
            r#"(module {imports}
              (memory (export "memory") 96)
              (global $next (mut i32) (i32.const 2097152))
              (data (i32.const {DESCRIPTOR_AT}) "{}")
              (data (i32.const {ANSWER_AT}) "{}")
              (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {realloc})
              (func (export "{interface}#describe") (result i32) {describe})
              (func (export "cabi_post_{interface}#describe") (param i32) {after_describe})
              {asked} {more})"#,
            escaped(&self.descriptor),
            escaped(&self.answer),
        );
        wat::parse_str(text).expect("a guest's text")
    }

    /// The component.
    pub fn component(&self) -> Vec<u8> {
        wrap(self.module(), self.kind).expect("a guest that fits its world")
    }
}

/// Size and alignment of what the result of a kind's answer carries.
pub fn widest_result(kind: Kind) -> (usize, usize) {
    match kind {
        Kind::Pricing => (24, 4),
        Kind::Kpi => (32, 8),
        // `open` hands over a handle or a list.
        Kind::Incentive => (8, 4),
        Kind::Deal => (64, 8),
    }
}

fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "\\{byte:02x}");
        text
    })
}

/// A core module as the component of a kind, with the contracts of `sdk/wit`. An error says what the module lacks.
pub fn wrap(mut module: Vec<u8>, kind: Kind) -> Result<Vec<u8>, String> {
    let mut resolve = Resolve::default();
    let (mut world, own) = (None, format!("{kind}.wit"));
    for (name, text) in [
        ("types.wit", include_str!("../../../../sdk/wit/types.wit")),
        ("pricing.wit", include_str!("../../../../sdk/wit/pricing.wit")),
        ("incentive.wit", include_str!("../../../../sdk/wit/incentive.wit")),
        ("kpi.wit", include_str!("../../../../sdk/wit/kpi.wit")),
        ("deal.wit", include_str!("../../../../sdk/wit/deal.wit")),
    ] {
        let package = resolve.push_source(name, text).expect("a contract");
        if name == own {
            let found = resolve.select_world(&[package], Some(&format!("{kind}-plugin")));
            world = Some(found.expect("a contract's world"));
        }
    }
    let world = world.expect("every kind has a contract");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)
        .map_err(|error| format!("{error:#}"))?;
    let mut encoder = ComponentEncoder::default();
    let encoded = encoder.validate(false).module(&module).and_then(|encoder| encoder.encode());
    encoded.map_err(|error| format!("{error:#}"))
}
