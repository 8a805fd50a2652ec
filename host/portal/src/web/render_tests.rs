//! Renders every template with every sample, strictly, in both languages, and looks at the HTML.

use std::collections::{BTreeMap, BTreeSet};

use super::Views;
use super::i18n::Language;
use super::page::Theme;
use html::Element;
use samples::Sample;

#[path = "../../samples/reading.rs"]
mod samples;

/// Never rendered for themselves.
const FRAMES: [&str; 2] = ["layout.html", "macros.html"];

fn each(check: impl Fn(&Sample, &str, &[Element]) -> Vec<String>) {
    let views = Views::new(true).unwrap();
    let mut wrong = Vec::new();
    for sample in samples::all().unwrap() {
        for language in Language::ALL {
            let place = format!("{} {} {}", sample.template, sample.case, language.tag());
            match views.text(&sample.page(language, Theme::Auto), &sample.template, &sample.context) {
                Err(error) => wrong.push(format!("{place}: {error:#}")),
                Ok(text) => match html::elements(&text) {
                    Err(error) => wrong.push(format!("{place}: {error}")),
                    Ok(elements) => {
                        let found = check(&sample, &text, &elements);
                        wrong.extend(found.into_iter().map(|found| format!("{place}: {found}")));
                    }
                },
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_template_has_a_sample_and_every_sample_a_template() {
    let sampled: BTreeSet<String> =
        samples::all().unwrap().into_iter().map(|sample| sample.template).collect();
    let is_frame = |name: &String| FRAMES.contains(&name.as_str()) || name.ends_with("macros.html");
    let templates: BTreeSet<String> = Views::names().into_iter().filter(|name| !is_frame(name)).collect();
    let without: Vec<_> = templates.difference(&sampled).collect();
    assert!(without.is_empty(), "write a sample in host/portal/samples/ for {without:?}");
    let orphans: Vec<_> = sampled.difference(&templates).collect();
    assert!(orphans.is_empty(), "no such templates: {orphans:?}");
}

#[test]
fn tags_are_balanced_ids_unique_and_references_lead_somewhere() {
    each(|_, text, elements| {
        let mut wrong = Vec::new();
        let mut ids = BTreeMap::new();
        for id in elements.iter().filter_map(|element| element.get("id")) {
            *ids.entry(id).or_insert(0) += 1;
        }
        wrong.extend(
            ids.iter().filter(|(_, count)| **count > 1).map(|(id, _)| format!("id `{id}` is there twice")),
        );
        if text.starts_with("<!doctype html>") {
            let named = [
                "for",
                "list",
                "form",
                "aria-describedby",
                "aria-labelledby",
                "popovertarget",
                "aria-controls",
            ];
            for element in elements {
                let references =
                    named.iter().filter_map(|name| element.get(name)).flat_map(str::split_whitespace);
                let targets =
                    ["hx-target", "hx-include", "href"].into_iter().filter_map(|name| element.get(name));
                let targets =
                    targets.filter_map(|target| target.strip_prefix('#')).filter(|id| !id.contains(' '));
                let lost = references.chain(targets).filter(|id| !ids.contains_key(id));
                wrong.extend(
                    lost.map(|id| format!("<{}> refers to `{id}`, which is not there", element.name)),
                );
            }
            let heads = elements.iter().filter(|element| element.name == "h1").count();
            if heads != 1 {
                wrong.push(format!("{heads} elements <h1>"));
            }
        }
        wrong
    });
}

#[test]
fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
    each(|_, _, elements| {
        let mut wrong = Vec::new();
        for element in elements {
            if element.name == "style" || (element.name == "script" && element.get("src").is_none()) {
                wrong.push(format!("inline <{}>", element.name));
            }
            for (name, value) in &element.attributes {
                let inline = name == "style" || name.starts_with("on") || name.starts_with("hx-on");
                let script = value.starts_with("javascript:") || value.starts_with("js:");
                let filter = name == "hx-trigger" && value.contains('[');
                let remote = matches!(name.as_str(), "src" | "href" | "action") && value.contains("://");
                if inline || script || filter || remote {
                    wrong.push(format!("<{} {name}=\"{value}\">", element.name));
                }
            }
        }
        wrong
    });
}

#[test]
fn every_control_has_a_name_that_can_be_read_out() {
    each(|_, _, elements| {
        let labelled: BTreeSet<&str> = elements.iter().filter_map(|element| element.get("for")).collect();
        let mut wrong = Vec::new();
        for element in elements {
            let named = element.get("aria-label").is_some_and(|label| !label.is_empty())
                || element.get("aria-labelledby").is_some();
            let fine = match element.name.as_str() {
                "input" if element.get("type") == Some("hidden") => true,
                "input" | "select" | "textarea" => {
                    named
                        || element.inside("label")
                        || element.get("id").is_some_and(|id| labelled.contains(id))
                }
                "button" | "a" | "summary" | "th" => named || !element.text.trim().is_empty(),
                "dialog" | "nav" => named,
                _ => true,
            };
            if !fine {
                wrong.push(format!("<{}> {:?} has no label", element.name, element.attributes));
            }
        }
        wrong
    });
}

#[test]
fn a_posting_form_carries_the_token_and_a_cell_its_head() {
    each(|_, _, elements| {
        let mut wrong = Vec::new();
        for (place, element) in elements.iter().enumerate() {
            if element.name == "form" && element.get("method") == Some("post") {
                let inner = elements[place + 1..].iter().take_while(|inner| inner.depth > element.depth);
                if !inner.clone().any(|inner| inner.get("name") == Some("_csrf")) {
                    wrong.push(format!("the form to {:?} has no token", element.get("action")));
                }
            }
            // On a phone a row of a list becomes a card; a figure without its label would say nothing.
            let figure =
                element.name == "td" && element.get("class").is_some_and(|class| class.contains("num"));
            if figure
                && element.table().is_some_and(|table| table.contains(" table.list "))
                && element.get("data-label").is_none()
            {
                wrong.push(format!("a figure `{}` without data-label", element.text.trim()));
            }
        }
        wrong
    });
}

/// Text against what it may stand on: at least 4.5:1 (WCAG 2.2, 1.4.3), in light and in dark.
#[test]
fn every_text_can_be_read_on_its_ground() {
    let style = include_str!("../../../../web/style.css");
    let grounds = ["surface", "ground", "raised", "hover"];
    let soft = ["good", "info", "warn", "bad"].map(|tone| (tone, format!("{tone}-soft")));
    let mut pairs: Vec<(&str, &str)> = soft.iter().map(|(tone, soft)| (*tone, soft.as_str())).collect();
    for text in ["ink", "muted", "accent", "good", "info", "warn", "bad"] {
        pairs.extend(grounds.iter().map(|ground| (text, *ground)));
    }
    pairs.extend([
        ("accent", "accent-soft"),
        ("ink", "bad-soft"),
        ("ink", "warn-soft"),
        ("muted", "neutral-soft"),
    ]);
    pairs.extend([
        ("on-accent", "accent-fill"),
        ("on-accent", "accent-fill-hover"),
        ("on-accent", "bad-fill"),
    ]);
    let mut faint = Vec::new();
    for (text, ground) in pairs {
        for (theme, index) in [("light", 0), ("dark", 1)] {
            let ratio =
                contrast::ratio(contrast::token(style, text)[index], contrast::token(style, ground)[index]);
            if ratio < 4.5 {
                faint.push(format!("{text} on {ground} in {theme}: {ratio:.2}"));
            }
        }
    }
    assert!(faint.is_empty(), "{faint:#?}");
}

/// Contrast as WCAG defines it.
#[expect(clippy::float_arithmetic, reason = "luminance is a real number, and no business hangs on it")]
mod contrast {
    /// A token's colour in light and in dark.
    pub fn token(style: &str, name: &str) -> [u32; 2] {
        let line = style.lines().find_map(|line| line.trim().strip_prefix(&format!("--{name}: ")));
        let mut colours =
            line.expect(name).split('#').skip(1).map(|rest| u32::from_str_radix(&rest[..6], 16).unwrap());
        let light = colours.next().unwrap();
        [light, colours.next().unwrap_or(light)]
    }

    pub fn ratio(one: u32, other: u32) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn luminance(colour: u32) -> f64 {
        let part = |shift: u32| {
            let value = f64::from((colour >> shift) & 0xff) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
    }

    #[test]
    fn black_on_white_is_21() {
        assert!((ratio(0, 0x00ff_ffff) - 21.0).abs() < 0.001);
    }
}

/// Just enough of HTML to hold our own templates to their rules.
mod html {
    const VOID: [&str; 9] = ["area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"];

    /// An element with its attributes, the text inside it and where it stands.
    #[derive(Debug, Default)]
    pub struct Element {
        pub name: String,
        pub attributes: Vec<(String, String)>,
        pub text: String,
        pub depth: usize,
        ancestors: Vec<String>,
    }

    impl Element {
        pub fn get(&self, name: &str) -> Option<&str> {
            self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
        }

        /// Whether it stands inside such an element: a name, or a name with a class.
        pub fn inside(&self, what: &str) -> bool {
            self.ancestors.iter().any(|ancestor| {
                ancestor.split(' ').next() == Some(what) || ancestor.contains(&format!(" {what} "))
            })
        }
    }

    impl Element {
        /// The table it stands in, as its name and classes.
        pub fn table(&self) -> Option<&String> {
            self.ancestors.iter().rev().find(|ancestor| ancestor.starts_with("table "))
        }
    }

    /// Every element in the order of its start; an error when tags do not balance.
    pub fn elements(text: &str) -> Result<Vec<Element>, String> {
        let mut elements: Vec<Element> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('<') {
            for place in &open {
                elements[*place].text.push_str(&rest[..at]);
            }
            rest = &rest[at..];
            if let Some(comment) = rest.strip_prefix("<!") {
                let end = if comment.starts_with("--") { "-->" } else { ">" };
                let close = rest.find(end).ok_or("a comment without end")?;
                rest = &rest[close + end.len()..];
            } else if let Some(closing) = rest.strip_prefix("</") {
                let close = closing.find('>').ok_or("a closing tag without end")?;
                let last = open.pop().map(|place| elements[place].name.clone());
                if last.as_deref() != Some(&closing[..close]) {
                    return Err(format!("</{}> closes {last:?}", &closing[..close]));
                }
                rest = &closing[close + 1..];
            } else {
                let (mut element, closed, after) = start(rest)?;
                element.depth = open.len();
                element.ancestors = open.iter().map(|place| path(&elements[*place])).collect();
                elements.push(element);
                if !closed {
                    open.push(elements.len() - 1);
                }
                rest = after;
            }
        }
        match open.last() {
            None => Ok(elements),
            Some(place) => Err(format!("<{}> is never closed", elements[*place].name)),
        }
    }

    fn path(element: &Element) -> String {
        let classes = element.get("class").unwrap_or_default().split_whitespace();
        let named = classes.map(|class| format!(" {}.{class} ", element.name));
        format!("{} {}", element.name, named.collect::<String>())
    }

    fn start(text: &str) -> Result<(Element, bool, &str), String> {
        let odd = |what: &str| format!("{what} at `{}`", text.chars().take(80).collect::<String>());
        let name_end =
            text[1..].find(|c: char| !c.is_ascii_alphanumeric() && c != '-').ok_or_else(|| odd("no tag"))?
                + 1;
        let mut element = Element { name: text[1..name_end].to_owned(), ..Element::default() };
        if element.name.is_empty() {
            return Err(odd("a bare `<`"));
        }
        let mut rest = text[name_end..].trim_start();
        loop {
            if let Some(after) = rest.strip_prefix("/>") {
                return Ok((element, true, after));
            }
            if let Some(after) = rest.strip_prefix('>') {
                let closed = VOID.contains(&element.name.as_str());
                return Ok((element, closed, after));
            }
            let end = rest
                .find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '<' | '"' | '\''))
                .unwrap_or(0);
            if end == 0 {
                return Err(odd("a broken attribute"));
            }
            let (name, after) = rest.split_at(end);
            let mut value = String::new();
            rest = after;
            if let Some(quoted) = after.strip_prefix('=') {
                let quote = quoted
                    .chars()
                    .next()
                    .filter(|c| matches!(c, '"' | '\''))
                    .ok_or_else(|| odd("an unquoted value"))?;
                let close = quoted[1..].find(quote).ok_or_else(|| odd("a value without end"))?;
                quoted[1..=close].clone_into(&mut value);
                rest = &quoted[close + 2..];
                if !rest.starts_with(|c: char| c.is_whitespace() || matches!(c, '>' | '/')) {
                    return Err(odd("attributes without a blank between"));
                }
            }
            if element.get(name).is_some() {
                return Err(odd("an attribute twice"));
            }
            element.attributes.push((name.to_owned(), value));
            rest = rest.trim_start();
        }
    }

    #[test]
    fn broken_html_is_found() {
        for broken in [
            "<p><b></p></b>",
            "<div>",
            "<a href=x>y</a>",
            "<p id=\"a\"class=\"b\"></p>",
            "<p a a></p>",
            "a < b",
        ] {
            assert!(elements(broken).is_err(), "{broken}");
        }
        let fine = elements(
            "<!doctype html><form class=\"a list\"><input name='x' disabled><svg><use/></svg>t</form>",
        )
        .unwrap();
        assert_eq!(fine.len(), 4);
        assert!(fine[1].inside("form.list") && fine[1].inside("form") && !fine[1].inside("table"));
        assert_eq!(fine[0].text, "t");
    }
}
