// Asks a plugin of any kind through the contract, from JSON to JSON.

import type { Ruling } from "qudao:deal/deal@0.1.0";
import type { Scorecard } from "qudao:kpi/kpi@0.1.0";
import type { Quote, Violation } from "qudao:pricing/pricing@0.2.0";
import type { Note } from "qudao:types/types@0.1.0";
import { Refused } from "../contract";
import { readClaim, writeRuling } from "./deal";
import { heard } from "./heard";
import type { Plugin } from "./index";
import { settle } from "./incentive";
import { writeNote, type Json, type JsonObject } from "./json";
import { readSubject, writeScorecard } from "./kpi";
import { readOrder, writeQuote, writeViolation } from "./pricing";

/** What a plugin answers to a case's input, as the host would write it down. */
export function answer(plugin: Plugin, input: JsonObject, settings: string): JsonObject {
  if ("price" in plugin) {
    const asked = heard<Quote, Violation>(() => plugin.price(readOrder(input), settings));
    return asked instanceof Refused ? refused(asked, writeViolation) : { quoted: writeQuote(asked) };
  }
  if ("score" in plugin) {
    const asked = heard<Scorecard, Note>(() => plugin.score(readSubject(input), settings));
    return asked instanceof Refused ? refused(asked, writeNote) : { scored: writeScorecard(asked) };
  }
  if ("decide" in plugin) {
    const asked = heard<Ruling, Note>(() => plugin.decide(readClaim(input), settings));
    return asked instanceof Refused ? refused(asked, writeNote) : { ruled: writeRuling(asked) };
  }
  const settled = settle(plugin, input, settings);
  return settled instanceof Refused ? refused(settled, writeNote) : { settled };
}

function refused<R>({ reasons }: Refused<R>, write: (reason: R) => Json): JsonObject {
  return { refused: reasons.map(write) };
}
