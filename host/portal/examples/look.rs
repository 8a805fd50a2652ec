//! Writes every sample page in both languages, with the assets beside it, so that it can be looked at:
//! `cargo run -p qudao --example look -- DIR`, then open `DIR/index.html` through any static file server.

use qudao::web::i18n::Language;
use qudao::web::page::Theme;
use qudao::web::{Views, assets};
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

#[path = "../samples/reading.rs"]
mod samples;

fn main() -> anyhow::Result<()> {
    let target = env::args().nth(1).ok_or_else(|| anyhow::anyhow!("usage: look DIR"))?;
    let target = Path::new(&target);
    for (name, bytes) in assets::all() {
        fs::create_dir_all(target.join("assets"))?;
        fs::write(target.join("assets").join(name), bytes)?;
    }
    let views = Views::new(true)?;
    let mut index = String::from("<!doctype html><meta charset=\"utf-8\"><title>Samples</title><ul>");
    for sample in samples::all()? {
        for language in Language::ALL {
            let page = sample.page(language, Theme::Auto);
            let name = sample.template.trim_end_matches(".html").replace('/', "-");
            let name = format!("{name}.{}.{}.html", sample.case, language.tag());
            let text = views.text(&page, &sample.template, &sample.context)?;
            fs::write(target.join(&name), text)?;
            write!(index, "<li><a href=\"{name}\">{name}</a>")?;
        }
    }
    fs::write(target.join("index.html"), index + "</ul>")?;
    println!("{}", target.join("index.html").display());
    Ok(())
}
