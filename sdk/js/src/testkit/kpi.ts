// A KPI case's JSON.

import type * as wit from "qudao:kpi/kpi@0.1.0";
import { attribute, day, decimal, list, optional, record, words, writeDecimal, writeNote } from "./json";
import type { Json, JsonObject } from "./json";

export function readSubject(subject: JsonObject): wit.Subject {
  return {
    code: words(subject["code"], "code"),
    tier: words(subject["tier"], "tier"),
    region: words(subject["region"], "region"),
    attributes: list(subject["attributes"], "attributes", attribute),
    first: day(subject["first"], "first"),
    last: day(subject["last"], "last"),
    metrics: list(subject["metrics"], "metrics", readMetric),
  };
}

function readMetric(json: Json, place: string): wit.Metric {
  const metric = record(json, place);
  return {
    code: words(metric["code"], `${place}.code`),
    ...optional("actual", metric["actual"], `${place}.actual`, decimal),
    ...optional("previous", metric["previous"], `${place}.previous`, decimal),
    ...optional("target", metric["target"], `${place}.target`, decimal),
  };
}

export function writeScorecard({ indicators, total, grade }: wit.Scorecard): JsonObject {
  return { indicators: indicators.map(writeIndicator), total: writeDecimal(total), grade };
}

function writeIndicator(indicator: wit.Indicator): JsonObject {
  const { code, weight, target, actual, attainment, score, steps } = indicator;
  const maybe = (number: wit.Decimal | undefined) => (number ? writeDecimal(number) : null);
  return {
    code,
    weight: writeDecimal(weight),
    target: maybe(target),
    actual: maybe(actual),
    attainment: maybe(attainment),
    score: writeDecimal(score),
    steps: steps.map(writeNote),
  };
}
