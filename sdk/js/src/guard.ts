// Around a plugin's exports in a component, and only there. The engine's glue runs in a world of its own, in which an
// `Error` of the plugin's is none: it would pass for a refusal without reasons. So what is thrown becomes a code that
// no descriptor has; the host calls that a bad answer and shows it to ops.

import type * as pricing from "qudao:pricing/pricing@0.2.0";
import type * as incentive from "qudao:incentive/incentive@0.1.0";
import type * as wit from "qudao:types/types@0.1.0";
import type { DealPlugin } from "./deal";
import type { Accumulator, IncentivePlugin } from "./incentive";
import type { KpiPlugin } from "./kpi";
import type { PricingPlugin } from "./pricing";

/** Asks; a list that is thrown is the refusal that it is. */
function told<T>(ask: () => T, refusal: (reason: wit.Note) => unknown): T {
  try {
    return ask();
  } catch (thrown) {
    throw Array.isArray(thrown) ? thrown : [refusal({ code: String(thrown), args: [] })];
  }
}

const itself = (reason: wit.Note) => reason;
const violation = (reason: wit.Note): pricing.Violation => ({ reason });

function guardPricing(plugin: PricingPlugin): PricingPlugin {
  return {
    describe: plugin.describe,
    price: (order, settings) => told(() => plugin.price(order, settings), violation),
  };
}

function guardKpi(plugin: KpiPlugin): KpiPlugin {
  return {
    describe: plugin.describe,
    score: (subject, settings) => told(() => plugin.score(subject, settings), itself),
  };
}

function guardDeal(plugin: DealPlugin): DealPlugin {
  return {
    describe: plugin.describe,
    decide: (claim, settings) => told(() => plugin.decide(claim, settings), itself),
  };
}

function guardIncentive(plugin: IncentivePlugin): IncentivePlugin {
  class Guarded implements Accumulator {
    readonly #run: Accumulator;
    /** Adding has no answer, so the end tells what went wrong on the way. */
    #failed: { thrown: unknown } | undefined;

    constructor(run: Accumulator) {
      this.#run = run;
    }

    static open(header: incentive.Header): Accumulator {
      return told(() => new Guarded(plugin.Accumulator.open(header)), itself);
    }

    add(facts: incentive.Fact[]): void {
      if (this.#failed) return;
      try {
        this.#run.add(facts);
      } catch (thrown) {
        this.#failed = { thrown };
      }
    }

    finish(): incentive.Settlement {
      return told(() => {
        if (this.#failed) throw this.#failed.thrown;
        return this.#run.finish();
      }, itself);
    }
  }
  return { describe: plugin.describe, Accumulator: Guarded };
}

/** By kind. */
export const guard = { pricing: guardPricing, incentive: guardIncentive, kpi: guardKpi, deal: guardDeal };
