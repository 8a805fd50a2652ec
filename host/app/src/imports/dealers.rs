//! Dealers, in any order: a dealer may stand in the file before the one above it.

use super::problem::{Problem, Problems};
use super::table::Row;
use super::{Listener, Phase, Report, Source, values};
use crate::dealers::{DealerInput, credit_minor};
use crate::errors::Result;
use crate::{App, Context};
use qudao_domain::ids::DealerId;
use qudao_domain::money::{Currency, Money};
use qudao_domain::time::Instant;
use qudao_store::companies::{self, Changed};
use qudao_store::dealers::{self, Dealer};
use qudao_store::{Json, Tx, audit};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::io::{Read, Seek};

/// A row that is right by itself.
struct Parsed {
    line: u64,
    column: Option<String>,
    input: DealerInput,
}

type Known = HashMap<String, Dealer>;

fn by_code(dealers: Vec<Dealer>) -> Known {
    dealers.into_iter().map(|dealer| (dealer.code.clone(), dealer)).collect()
}

impl App {
    pub(super) async fn import_dealers<F: Read + Seek + Send>(
        &self,
        ctx: &Context,
        mut source: Source<'_, F>,
        progress: Listener<'_>,
    ) -> Result<Report> {
        let mut report = Report::begun(source.kind, source.options);
        let mut problems = Problems::default();
        let mut tx = self.db().read(ctx.company).await?;
        let known = by_code(dealers::all(&mut tx, ctx.company).await?);
        drop(tx);
        let parents: HashMap<DealerId, String> =
            known.values().map(|dealer| (dealer.id, dealer.code.clone())).collect();
        let mut parsed: Vec<Parsed> = Vec::new();
        let mut seen: HashMap<String, u64> = HashMap::new();
        let take =
            |row: Row, problems: &mut Problems| match parse(row, &known, &parents, ctx.currency, &mut seen) {
                Ok(row) => parsed.push(row),
                Err(found) => problems.add_all(found),
            };
        report.read = source.rows(Phase::Checking, &mut problems, progress, take).await?;
        keep_rooted(&mut parsed, &known, &parents, &mut problems);
        report.accepted = problems.permit(source.options.skip_bad) && !parsed.is_empty();
        if report.accepted {
            report.written = super::count(parsed.len());
            report.documents = report.written;
            if !source.options.dry_run {
                let mut tx = companies::begin_change(self.db(), ctx.company, Changed::Dealers).await?;
                self.write_dealers(&mut tx, ctx, &parsed).await?;
                tx.commit().await?;
            }
        }
        Ok(report.with(problems))
    }

    async fn write_dealers(&self, tx: &mut Tx, ctx: &Context, rows: &[Parsed]) -> Result<()> {
        let now = self.clock().now();
        let known = by_code(dealers::all(tx, ctx.company).await?);
        let mut ids: HashMap<&str, DealerId> =
            known.values().map(|dealer| (dealer.code.as_str(), dealer.id)).collect();
        for row in rows {
            ids.entry(&row.input.code).or_insert_with(|| DealerId::at(now));
        }
        let new: Vec<Dealer> =
            rows.iter().map(|row| whole(&row.input, &ids, &known, ctx.currency, now)).collect();
        dealers::save(tx, ctx.company, &new).await?;
        dealers::rebuild_branches(tx, ctx.company).await?;
        let detail = json!({ "dealers": rows.len() });
        audit::record(tx, ctx.company, now, ctx.user, "dealers.imported", "", &detail).await?;
        Ok(())
    }
}

fn whole(
    input: &DealerInput,
    ids: &HashMap<&str, DealerId>,
    known: &Known,
    currency: Currency,
    now: Instant,
) -> Dealer {
    let before = known.get(&input.code);
    Dealer {
        id: ids.get(input.code.as_str()).copied().unwrap_or_else(|| DealerId::at(now)),
        code: input.code.clone(),
        name: input.name.clone(),
        parent_id: input.parent.as_deref().and_then(|code| ids.get(code)).copied(),
        tier: input.tier.clone(),
        region: input.region.clone(),
        // Checked with the row.
        credit_limit_minor: credit_minor(input.credit_limit, currency).ok().flatten(),
        terms_days: input.terms_days,
        attributes: Json(input.attributes.clone()),
        created_at: before.map_or(now, |dealer| dealer.created_at),
    }
}

fn parse(
    mut row: Row,
    known: &Known,
    parents: &HashMap<DealerId, String>,
    currency: Currency,
    seen: &mut HashMap<String, u64>,
) -> std::result::Result<Parsed, Vec<Problem>> {
    let code = row.must("code");
    let before = known.get(&code);
    let mut attributes = before.and_then(|known| known.attributes.0.as_object().cloned()).unwrap_or_default();
    row.attributes_into(&mut attributes);
    // A column that the file does not have leaves what is known; an empty cell takes it away.
    let parent = if row.has("parent") {
        row.text("parent").map(str::to_owned)
    } else {
        before.and_then(|known| parents.get(&known.parent_id?).cloned())
    };
    let credit_limit = if row.has("credit_limit") {
        row.read("credit_limit", values::number)
    } else {
        before
            .and_then(|known| known.credit_limit_minor)
            .map(|minor| Money::new(minor, currency).to_decimal())
    };
    let terms = row.read("terms_days", |text| values::whole(text, 0, 720));
    let terms_days = terms.or(before.map(|known| known.terms_days)).unwrap_or(0);
    let (name, tier, region) = (row.must("name"), row.must("tier"), row.must("region"));
    let input = DealerInput {
        code,
        name,
        parent,
        tier,
        region,
        credit_limit,
        terms_days,
        attributes: attributes.into(),
    };
    super::note_issues(&mut row, input.issues(currency));
    super::note_repeated(&mut row, "code", &input.code, seen);
    if row.problems.is_empty() {
        Ok(Parsed { line: row.line, column: row.column("parent"), input })
    } else {
        Err(row.problems)
    }
}

/// Drops rows whose parent does not exist (or was dropped), or that would stand above themselves.
fn keep_rooted(
    rows: &mut Vec<Parsed>,
    known: &Known,
    parents: &HashMap<DealerId, String>,
    problems: &mut Problems,
) {
    loop {
        let mut above: HashMap<&str, Option<&str>> = HashMap::new();
        for dealer in known.values() {
            let parent = dealer.parent_id.and_then(|id| parents.get(&id)).map(String::as_str);
            above.insert(&dealer.code, parent);
        }
        for row in rows.iter() {
            above.insert(&row.input.code, row.input.parent.as_deref());
        }
        let found: HashMap<u64, (&'static str, String)> =
            rows.iter().filter_map(|row| Some((row.line, unrooted(row, &above)?))).collect();
        if found.is_empty() {
            return;
        }
        for row in rows.iter() {
            if let Some((code, message)) = found.get(&row.line) {
                problems.add(Problem::new(row.line, row.column.clone(), code, message.clone()));
            }
        }
        rows.retain(|row| !found.contains_key(&row.line));
    }
}

fn unrooted(row: &Parsed, above: &HashMap<&str, Option<&str>>) -> Option<(&'static str, String)> {
    let parent = row.input.parent.as_deref()?;
    if !above.contains_key(parent) {
        let message =
            format!("there is no dealer `{parent}`, neither in Qudao nor among the right rows of this file");
        return Some(("dealer", message));
    }
    let mut passed: HashSet<&str> = HashSet::new();
    let mut at = Some(row.input.code.as_str());
    while let Some(code) = at {
        if !passed.insert(code) {
            return Some((
                "ring",
                format!("`{}` would stand above itself: look at `{parent}`", row.input.code),
            ));
        }
        at = above.get(code).copied().flatten();
    }
    None
}
