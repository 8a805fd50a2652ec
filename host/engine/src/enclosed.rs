//! Cases that a component carries along, in a custom section of its own: its author's word on what it must answer.
//! They are part of the bytes that the digest names, so they are there wherever the plugin goes.

use crate::cases::Case;
use crate::quoted::quoted;
use crate::refusal::Refusal;
use std::collections::BTreeMap;
use wasmparser::{Parser, Payload};

/// The custom section's name. `qudao-component` and the SDK for TypeScript write it.
const SECTION: &str = "qudao:cases";
/// The most cases that a component may carry.
const MAX_CASES: usize = 500;
/// The longest part of what is wrong that a refusal shows, in characters.
const MAX_SHOWN: usize = 200;

/// The cases of a component, by name; none where it carries none.
///
/// # Errors
/// [`Refusal::BadCases`] when the section is no list of cases.
pub(crate) fn cases_in(component: &[u8]) -> Result<BTreeMap<String, Case>, Refusal> {
    let bad = |detail: String| Refusal::BadCases { detail: quoted(&detail, MAX_SHOWN) };
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(|error| Refusal::bad_structure(&error.to_string()))? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CustomSection(section) if depth == 0 && section.name() == SECTION => {
                found.push(section.data());
            }
            _ => {}
        }
    }
    let bytes = match found.as_slice() {
        [] => return Ok(BTreeMap::new()),
        [bytes] => bytes,
        _ => return Err(bad("there are two of them".to_owned())),
    };
    let cases: BTreeMap<String, Case> =
        serde_json::from_slice(bytes).map_err(|error| bad(error.to_string()))?;
    if cases.len() > MAX_CASES {
        return Err(bad(format!("it holds {} cases, at most {MAX_CASES} are taken", cases.len())));
    }
    Ok(cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(section: &str, times: usize) -> Vec<u8> {
        let escaped: String = section.bytes().map(|byte| format!("\\{byte:02x}")).collect();
        let section = format!("(@custom \"{SECTION}\" \"{escaped}\")");
        wat::parse_str(format!("(component {})", section.repeat(times))).unwrap()
    }

    const ONE: &str = r#"{"a": {"about": "x", "input": 1, "expected": 2}}"#;

    #[test]
    fn cases_are_found_by_name() {
        assert!(cases_in(&wat::parse_str("(component)").unwrap()).unwrap().is_empty());
        let found = cases_in(&with(ONE, 1)).unwrap();
        assert_eq!(found["a"].about, "x");
    }

    #[test]
    fn what_is_no_list_of_cases_is_refused() {
        let many: Vec<String> = (0..=MAX_CASES)
            .map(|number| format!(r#""{number}": {{"about": "x", "input": 1, "expected": 2}}"#))
            .collect();
        let many = format!("{{{}}}", many.join(","));
        for (component, words) in [
            (with("[]", 1), "invalid type"),
            (with(r#"{"a": {"about": "x"}}"#, 1), "missing field `input`"),
            (with("\u{0}", 1), "expected value"),
            (with(ONE, 2), "two of them"),
            (with(&many, 1), "501 cases, at most 500"),
        ] {
            let refused = cases_in(&component).unwrap_err();
            assert_eq!(refused.code(), "bad-cases");
            assert!(refused.to_string().contains(words), "{refused}");
        }
    }
}
