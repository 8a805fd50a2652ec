// Calendar days, without a clock and without a time zone.

const TEXT = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;

/**
 * A calendar day in the company's time zone: the contract's `date`. It is not called `Date`, since a forgotten import
 * would then silently be JavaScript's own. Days are ordered by `<` and `<=`; `equals` compares two.
 */
export class Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;

  /** `new Day(2026, 11, 24)`. It does not ask whether the month has that day; `parse` does. */
  constructor(year: number, month: number, day: number) {
    this.year = year;
    this.month = month;
    this.day = day;
  }

  /** A day from its parts, as the contract brings it. */
  static of({ year, month, day }: { year: number; month: number; day: number }): Day {
    return new Day(year, month, day);
  }

  /** Reads `2026-11-24`. */
  static parse(text: string): Day {
    const [, year, month, day] = (TEXT.exec(text) ?? []).map(Number);
    if (!year || !month || !day || day > daysInMonth(year, month)) {
      throw new SyntaxError(`\`${text.slice(0, 20)}\` is no day; write for example 2026-11-24`);
    }
    return new Day(year, month, day);
  }

  /** The day so many days later: `day.plusDays(90)`. */
  plusDays(days: number): Day {
    if (!Number.isSafeInteger(days) || days < 0) throw new RangeError(`${days} is no number of days`);
    let { year, month, day } = this;
    for (let left = days; ; ) {
      const rest = daysInMonth(year, month) - day;
      if (left <= rest) return new Day(year, month, day + left);
      left -= rest + 1;
      [year, month, day] = month === 12 ? [year + 1, 1, 1] : [year, month + 1, 1];
    }
  }

  equals(other: Day): boolean {
    return this.valueOf() === other.valueOf();
  }

  /** A number in the order of the calendar, so that `<` and `<=` work. */
  valueOf(): number {
    return this.year * 10_000 + this.month * 100 + this.day;
  }

  toString(): string {
    const padded = (part: number, width: number) => part.toString().padStart(width, "0");
    return `${padded(this.year, 4)}-${padded(this.month, 2)}-${padded(this.day, 2)}`;
  }

  toJSON(): string {
    return this.toString();
  }

  /** In a text it is `2026-11-24`, elsewhere its place in the calendar. */
  [Symbol.toPrimitive](hint: string): string | number {
    return hint === "string" ? this.toString() : this.valueOf();
  }
}

function daysInMonth(year: number, month: number): number {
  if (month < 1 || month > 12) return 0;
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
