// Settings: one declaration is schema, defaults and reader.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Day, Decimal, defineSettings, setting, text, type SettingsOf } from "../src/index";

const title = text("标题", "Title");

const settings = defineSettings(
  {
    zebra: setting.integer({ title, min: 1n, max: 10n }),
    ape: setting.decimal({ title, help: text("帮助", "Help"), min: "0", max: "0.5", unit: "%" }),
    from: setting.nullable(setting.day({ title })),
    way: setting.choice({ title, of: { best: text("最优", "Best"), "added-up": text("相加", "Added up") } }),
    strict: setting.flag({ title }),
    rows: setting.table({ title, max: 3, columns: { code: setting.string({ title, minLength: 1, maxLength: 9 }) } }),
  },
  {
    zebra: 10n,
    ape: Decimal.parse("0.05"),
    from: new Day(2026, 1, 2),
    way: "best",
    strict: true,
    rows: [{ code: "A" }],
  },
);
type Mine = SettingsOf<typeof settings>;

const read = (change: object) => settings.read(JSON.stringify({ ...settings.defaults, ...change }));
const property = (name: string) => (settings.schema["properties"] as Record<string, Record<string, unknown>>)[name];

test("defaults come back as they were written", () => {
  const mine: Mine = read({});
  assert.deepEqual(settings.defaults, {
    zebra: 10,
    ape: "0.05",
    from: "2026-01-02",
    way: "best",
    strict: true,
    rows: [{ code: "A" }],
  });
  assert.ok(mine.ape.equals(Decimal.parse("0.05")) && mine.from?.equals(new Day(2026, 1, 2)));
  assert.deepEqual([mine.zebra, mine.way, mine.strict, mine.rows], [10n, "best", true, [{ code: "A" }]]);
  assert.equal(read({ from: null }).from, null);
});

test("the schema says what the host checks and the form shows", () => {
  assert.equal(settings.schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  assert.equal(settings.schema["additionalProperties"], false);
  assert.deepEqual(settings.schema["required"], ["zebra", "ape", "from", "way", "strict", "rows"]);
  assert.deepEqual(property("zebra"), {
    title: "Title",
    "x-title-zh-CN": "标题",
    type: "integer",
    minimum: 1,
    maximum: 10,
    "x-order": 0,
  });
  assert.deepEqual(property("ape"), {
    title: "Title",
    "x-title-zh-CN": "标题",
    description: "Help",
    "x-description-zh-CN": "帮助",
    type: "string",
    format: "decimal",
    pattern: "^-?[0-9]{1,18}(\\.[0-9]{1,9})?$",
    "x-minimum": "0",
    "x-maximum": "0.5",
    "x-unit": "%",
    "x-order": 1,
  });
  assert.deepEqual([property("from")?.["type"], property("from")?.["format"]], [["string", "null"], "date"]);
  assert.equal(property("rows")?.["maxItems"], 3);
});

test("what does not fit is named with its place", () => {
  const wrong: [object, RegExp][] = [
    [{ zebra: 1.5 }, /settings\.zebra: 1\.5 is no whole number/],
    [{ zebra: "1" }, /settings\.zebra: "1" is no whole number/],
    [{ zebra: 2 ** 53 }, /is no whole number/],
    [{ zebra: null }, /settings\.zebra: null is no whole number/],
    [{ ape: 0.05 }, /settings\.ape: 0\.05 is no decimal/],
    [{ ape: "5 %" }, /settings\.ape: "5 %" is no decimal/],
    [{ from: "2026-02-30" }, /settings\.from: "2026-02-30" is no day/],
    [{ way: "worst" }, /settings\.way: "worst" is no choice/],
    [{ way: "toString" }, /is no choice/],
    [{ strict: "yes" }, /settings\.strict: "yes" is no yes or no/],
    [{ rows: {} }, /settings\.rows: \{\} is no table/],
    [{ rows: [{ code: "A" }, { code: 1 }] }, /settings\.rows\[1\]\.code: 1 is no text/],
    [{ rows: [{ code: "A", extra: 1 }] }, /settings\.rows\[0\]\.extra: there is no such setting/],
    [{ zebrra: 1 }, /settings\.zebrra: there is no such setting/],
  ];
  for (const [change, message] of wrong) assert.throws(() => read(change), message, JSON.stringify(change));
  assert.throws(() => settings.read("[]"), /settings: \[\] is no object/);
  assert.throws(() => settings.read("{}"), /settings\.zebra: nothing is no whole number/);
});

test("a declaration that cannot be kept is refused", () => {
  assert.throws(() => setting.integer({ title, max: 2n ** 53n }), /exact only up to/);
  assert.throws(() => setting.decimal({ title, max: "half" }), /is no decimal/);
  const table = setting.table({ title, max: 1, columns: {} });
  assert.throws(() => setting.nullable(table), /may be left empty/);
  assert.throws(() => setting.nullable(setting.choice({ title, of: { a: title } })), /may be left empty/);
});
