// How performance is scored: `defineKpi`.

import type * as wit from "qudao:kpi/kpi@0.1.0";
import { descriptor, fromNote, fromNotes, fromRefused, toAttributes, toOptional } from "./boundary";
import { type About, type Attribute, type Note, Refused } from "./contract";
import { Day } from "./day";
import { Decimal } from "./decimal";
import type { Settings } from "./settings";

/** A figure that the plugin asked for. Absent is what was not measured or not set. */
export interface Metric {
  code: string;
  actual: Decimal | undefined;
  /** The same figure a year before. */
  previous: Decimal | undefined;
  target: Decimal | undefined;
}

/** Who is scored, on what. */
export interface Subject {
  code: string;
  tier: string;
  region: string;
  attributes: Attribute[];
  first: Day;
  last: Day;
  metrics: Metric[];
}

/** The metric with this code. */
export function metric(subject: Subject, code: string): Metric | undefined {
  return subject.metrics.find((each) => each.code === code);
}

/** One weighted indicator. */
export interface Indicator {
  /** One of the descriptor's messages. */
  code: string;
  /** Share of the total, 0 to 1; the host checks that the weights add up to 1. */
  weight: Decimal;
  target: Decimal | undefined;
  actual: Decimal | undefined;
  /** actual ÷ target, 1 where it is met exactly. */
  attainment: Decimal | undefined;
  /** Points before weighting. */
  score: Decimal;
  /** The steps of the calculation. */
  steps: readonly Note[];
}

/** A subject's result. */
export interface Scorecard {
  indicators: readonly Indicator[];
  /** Σ weight × score, rounded half-even to two places; the host checks it. */
  total: Decimal;
  /** One of the descriptor's messages. */
  grade: string;
}

/** Adds the indicators up as the host does, and grades the total. */
export function scorecard(indicators: readonly Indicator[], grade: (total: Decimal) => string): Scorecard {
  const total = Decimal.sum(indicators.map(({ weight, score }) => weight.mul(score))).round(2);
  return { indicators, total, grade: grade(total) };
}

/** A scoring rule. */
export interface KpiRule<S> extends About {
  /** Codes of the metrics that it needs. */
  metrics: readonly string[];
  /** What the company can set. */
  settings: Settings<S>;
  /** Scores one subject for one period, or says by `refuse([…])` why it cannot be done. */
  score(subject: Subject, settings: S): Scorecard | Refused<Note>;
}

/** What the component exports. */
export interface KpiPlugin {
  describe(): wit.Descriptor;
  /** Throws the notes where it refuses. */
  score(subject: wit.Subject, settings: string): wit.Scorecard;
}

/** Makes a rule the plugin: `export const kpi = defineKpi({ … })`. */
export function defineKpi<S>(rule: KpiRule<S>): KpiPlugin {
  const about = descriptor("kpi", rule, rule.settings, rule.metrics);
  return {
    describe: () => about,
    score(subject, settings) {
      const answer = rule.score(toSubject(subject), rule.settings.read(settings));
      return answer instanceof Refused ? fromRefused(answer, fromNote) : fromScorecard(answer);
    },
  };
}

function toSubject(subject: wit.Subject): Subject {
  return {
    ...subject,
    attributes: toAttributes(subject.attributes),
    first: Day.of(subject.first),
    last: Day.of(subject.last),
    metrics: subject.metrics.map(({ code, actual, previous, target }) => ({
      code,
      actual: toOptional(actual),
      previous: toOptional(previous),
      target: toOptional(target),
    })),
  };
}

function fromScorecard({ indicators, total, grade }: Scorecard): wit.Scorecard {
  return { indicators: indicators.map(fromIndicator), total: total.toContract(), grade };
}

function fromIndicator(indicator: Indicator): wit.Indicator {
  const { code, weight, target, actual, attainment, score, steps } = indicator;
  const sent: wit.Indicator = {
    code,
    weight: weight.toContract(),
    score: score.toContract(),
    steps: fromNotes(steps),
  };
  if (target) sent.target = target.toContract();
  if (actual) sent.actual = actual.toContract();
  if (attainment) sent.attainment = attainment.toContract();
  return sent;
}
