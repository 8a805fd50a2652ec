//! Files that no text can spell, and components so large, deep or many that a program has to write them.

use crate::guest::Guest;
use crate::{Case, MAX_COMPONENT_BYTES};
use qudao_domain::contract::Kind;
use std::fmt::Write;

/// The first eight bytes of a component.
const HEADER: &[u8] = b"\0asm\x0d\0\x01\0";

pub fn cases() -> Vec<Case> {
    let mut cases = damaged();
    cases.extend(names());
    cases.extend(giants());
    cases.extend(slow());
    cases
}

fn after_header(bytes: &[u8]) -> Vec<u8> {
    [HEADER, bytes].concat()
}

fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}: {text:.200}"))
}

fn damaged() -> Vec<Case> {
    let whole = Guest::healthy(Kind::Pricing).component();
    let half = whole[..whole.len() / 2].to_vec();
    let trailing = [&whole[..], b"and more"].concat();
    let twice = [&whole[..], &whole[..]].concat();
    let zeros = vec![0; 4_096];
    let not_wasm = |name, bytes: &[u8]| Case::new(name, bytes.to_vec(), "not-wasm", "upload the component");
    let bad = |name, bytes, says| Case::new(name, bytes, "bad-structure", says);
    vec![
        not_wasm("an-empty-file", b""),
        not_wasm("a-text", b"(component)"),
        not_wasm("another-language", "渠道".as_bytes()),
        not_wasm("three-bytes", b"\0as"),
        not_wasm("an-elf-file", b"\x7fELF\x02\x01\x01\0"),
        not_wasm("a-zip-file", b"PK\x03\x04"),
        not_wasm("zeros", &zeros),
        bad("magic-and-nothing-else", b"\0asm".to_vec(), "unexpected end"),
        Case::new("a-core-module", component("(module)"), "core-module", "wasm-tools component new"),
        bad("an-old-version", b"\0asm\x0a\0\x01\0".to_vec(), "version"),
        bad("an-unknown-layer", b"\0asm\x0d\0\x02\0".to_vec(), "version"),
        bad("half-a-component", half, "unexpected end"),
        bad("a-component-and-more", trailing, ""),
        bad("a-component-twice", twice, ""),
        bad("a-section-beyond-the-end", after_header(&[1, 0xff, 0xff, 0xff, 0xff, 0x0f]), "too large"),
        bad("a-length-of-too-many-bytes", after_header(&[1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]), "integer"),
        bad("an-unknown-section", after_header(&[99, 0]), "section"),
        bad("more-items-than-bytes", after_header(&[7, 5, 0xff, 0xff, 0xff, 0xff, 0x07]), ""),
        bad("a-section-with-bytes-left-over", after_header(&[7, 3, 0, 1, 2]), "section size mismatch"),
    ]
}

/// An export section with one name, of a function that is not there.
fn exports(name: &[u8]) -> Vec<u8> {
    let mut section = vec![1, 0];
    section.extend(leb(name.len()));
    section.extend_from_slice(name);
    section.extend([1, 0, 0]);
    let mut bytes = vec![11];
    bytes.extend(leb(section.len()));
    bytes.extend(section);
    after_header(&bytes)
}

fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).expect("seven bits");
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn names() -> Vec<Case> {
    let bad = |name, export: &[u8], says| Case::new(name, exports(export), "bad-structure", says);
    let long = "a".repeat(99_000);
    // An import or export may carry nearly any text as a url or dependency; none may flood a screen.
    let import = |name: &str| component(&format!(r#"(component (import "{name}" (func)))"#));
    let instance =
        |name: &str| component(&format!(r#"(component (instance $i) (export "{name}" (instance $i)))"#));
    let absurd = |name, import| Case::new(name, import, "imports-function", "a plugin may import nothing");
    vec![
        bad("a-name-that-is-no-utf-8", b"caf\xe9\xff", "UTF-8"),
        Case::new("a-name-of-control-characters", instance("a\\1b[2J\\07"), "bad-structure", "kebab"),
        Case::new("a-name-of-direction-marks", instance("abc\\e2\\80\\aedef"), "bad-structure", "kebab"),
        bad("a-name-of-nothing", b"", ""),
        bad("a-name-of-200-kilobytes", "a".repeat(200_000).as_bytes(), "string size out of bounds"),
        absurd("an-import-of-a-giant-name", import(&long)),
        absurd("an-import-of-a-giant-url", import(&format!("url=<https://{}>", &long[..90_000]))),
        absurd("an-import-of-control-characters", import("url=<\\1b[2J\\07>")),
        Case::new(
            "an-export-of-a-giant-name",
            instance(&format!("qudao:{long}/a@0.1.0")),
            "wrong-world",
            "does not speak",
        ),
    ]
}

/// A plugin's shell around a core module.
fn shell(module: &str) -> Vec<u8> {
    component(&format!(
        r#"(component (core module $m {module}) (core instance (instantiate $m))
           (instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))"#
    ))
}

fn giants() -> Vec<Case> {
    let bad = |name, bytes, says| Case::new(name, bytes, "bad-structure", says);
    let mut custom = after_header(&[0]);
    custom.extend(leb(MAX_COMPONENT_BYTES));
    custom.extend(leb(1));
    custom.resize(MAX_COMPONENT_BYTES + 20, b'x');
    let data = format!(r#"(memory 300) (data (i32.const 0) "{}")"#, "a".repeat(MAX_COMPONENT_BYTES));
    let locals = |count: u64| {
        format!(
            "(func {})",
            format!("(local {})", "i64 ".repeat(50)).repeat(usize::try_from(count / 50).expect("few"))
        )
    };
    vec![
        Case::new("a-giant-custom-section", custom, "too-large", "strip it"),
        Case::new("a-giant-data-segment", shell(&data), "too-large", "at most 1048576"),
        bad("too-many-locals", shell(&locals(60_000)), "too many locals"),
        bad("too-many-parameters", shell(&format!("(func (param {}))", "i32 ".repeat(2_000))), "params"),
        bad("too-many-instances", component(&many_instances(501)), "more than 500 instances"),
        Case::new("nested-eighty-deep", nested(80), "wrong-world", "exports nothing"),
        bad("nested-fifty-thousand-deep", nested(50_000), "more than 100 modules and components"),
        bad(
            "twenty-thousand-exports",
            component(&many_exports(20_000)),
            "more than 1000 imports and exports",
        ),
        bad("imports-twenty-thousand-deep", component(&deep_import(20_000)), "more than 12288 bytes"),
        Case::new("imports-fifty-deep", component(&deep_import(50)), "imports-function", "#a#a"),
        bad("imports-five-hundred-deep", component(&deep_import(500)), "too deep"),
        Case::new("imports-types-that-double", component(&wide_import(16, 1)), "imports-function", "#a#a#a"),
        bad("imports-types-that-double-often", component(&wide_import(16, 900)), "type size"),
        bad(
            "types-within-types-a-hundred-thousand-deep",
            types_within_types(100_000),
            "more than 12288 bytes",
        ),
        bad("types-within-types-as-deep-as-may-be", types_within_types(4_000), "unexpected end"),
        bad("types-that-double-and-double", component(&doubling_types(40)), "type size"),
        Case::new("components-that-double-and-double", doubling_components(22), "compile-too-big", "memory"),
    ]
}

/// Each component's one section is the component within.
fn nested(depth: usize) -> Vec<u8> {
    // From the end to the beginning, back to front.
    let mut reversed: Vec<u8> = HEADER.iter().rev().copied().collect();
    for _ in 0..depth {
        let length = leb(reversed.len());
        reversed.extend(length.iter().rev());
        reversed.push(4);
        reversed.extend(HEADER.iter().rev());
    }
    reversed.reverse();
    reversed
}

/// An instance in an instance in an instance, with nothing in the last.
fn deep_import(levels: usize) -> String {
    let mut text = "(component (type $t0 (instance))".to_owned();
    for level in 1..=levels {
        let below = level - 1;
        let _ = write!(text, r#"(type $t{level} (instance (export "a" (instance (type $t{below})))))"#);
    }
    let _ = write!(text, r#"(import "deep" (instance (type $t{levels}))))"#);
    text
}

/// Instances that hold the one below twice, imported under names as long as can be.
fn wide_import(levels: usize, times: usize) -> String {
    let mut text = "(component (type $t0 (instance))".to_owned();
    for level in 1..=levels {
        let inner = format!("(instance (type $t{}))", level - 1);
        let _ = write!(text, r#"(type $t{level} (instance (export "a" {inner}) (export "b" {inner})))"#);
    }
    for number in 0..times {
        let name = "a".repeat(90_000 / times);
        let _ = write!(text, r#"(import "{name}{number}" (instance (type $t{levels})))"#);
    }
    text + ")"
}

/// A type section in which each instance type declares another, and none ends.
fn types_within_types(levels: usize) -> Vec<u8> {
    let types = [0x42, 1, 1].repeat(levels);
    let mut bytes = after_header(&[7]);
    bytes.extend(leb(types.len() + 1));
    bytes.push(1);
    bytes.extend(types);
    bytes
}

fn many_instances(count: usize) -> String {
    format!("(component {})", "(instance)".repeat(count))
}

fn many_exports(count: usize) -> String {
    let exports = (0..count).map(|number| format!(r#"(export "a{number}" (instance $i))"#));
    format!("(component (instance $i) {})", exports.collect::<String>())
}

/// Each type holds the one before twice.
fn doubling_types(levels: usize) -> String {
    let mut text = "(component (type $t0 (tuple u8 u8))".to_owned();
    for level in 1..=levels {
        let below = level - 1;
        let _ = write!(text, "(type $t{level} (tuple $t{below} $t{below}))");
    }
    text + ")"
}

/// Each component instantiates the one within it twice; the innermost runs a module.
fn doubling_components(levels: usize) -> Vec<u8> {
    let mut text = "(component $c (core module $m) (core instance (instantiate $m)))".to_owned();
    for _ in 0..levels {
        text = format!("(component $c {text} (instance (instantiate $c)) (instance (instantiate $c)))");
    }
    let plugin = r#"(instance $i) (export "qudao:pricing/pricing@0.1.0" (instance $i)))"#;
    component(&format!("(component {text} (instance (instantiate $c)) {plugin}"))
}

/// Valid and within every limit of size, but long to compile or large when compiled.
fn slow() -> Vec<Case> {
    let table =
        |targets| format!("(func (param i32) (block (br_table {} (local.get 0))))", "0 ".repeat(targets));
    let functions = "(func (param i64) (result i64) (i64.add (local.get 0) (i64.const 1)))".repeat(3_000);
    let blocks = format!("(func {}{})", "(block ".repeat(20_000), ")".repeat(20_000));
    let lacking = "no function `price`";
    vec![
        // Large, but harmless: it is compiled, and then lacks what a plugin has.
        Case::new("a-branch-table-of-60000", shell(&table(60_000)), "wrong-world", lacking),
        Case::new(
            "a-branch-table-of-300000",
            shell(&table(300_000)),
            "bad-structure",
            "implementation limit",
        ),
        Case::new("three-thousand-functions", shell(&functions), "wrong-world", lacking),
        Case::new("blocks-twenty-thousand-deep", shell(&blocks), "wrong-world", lacking),
        Case::new("code-that-grows-when-compiled", shell(&growing_code()), "compile-too-big", "artifact"),
        Case::new("registers-by-the-ten-thousand", shell(&tangled()), "compile-too-big", "memory"),
    ]
}

/// Instructions of a few bytes that become hundreds.
fn growing_code() -> String {
    let step = "(memory.copy (i32.const 0) (i32.const 0) (i32.const 1)) (call_indirect (i32.const 0))";
    let function = format!("(func {})", step.repeat(50));
    format!("(memory 1) (table 1 funcref) {}", function.repeat(600))
}

/// Loops in which every local lives through every block.
fn tangled() -> String {
    let (count, mut body) = (4_000, String::new());
    for local in 0..count {
        let next = (local * 7 + 1) % count;
        let _ = write!(
            body,
            "(if (i64.eqz (local.get {local})) (then (local.set {next} (i64.add (local.get {next}) (local.get {local})))))"
        );
    }
    let locals = "i64 ".repeat(count);
    format!("(func (local {locals}) (loop {body} (br_if 0 (i64.eqz (local.get 0)))))").repeat(6)
}
