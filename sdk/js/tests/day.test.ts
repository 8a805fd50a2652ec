import assert from "node:assert/strict";
import { test } from "node:test";
import { Day } from "../src";

test("days later are those of the calendar", () => {
  for (const first of ["1999-12-31", "2000-02-28", "2026-11-24", "2028-02-29", "2099-12-30"]) {
    const start = Date.parse(first);
    for (let days = 0; days <= 800; days += 1) {
      const there = new Date(start + days * 86_400_000).toISOString().slice(0, 10);
      assert.equal(Day.parse(first).plusDays(days).toString(), there, `${first} + ${days}`);
    }
  }
});
