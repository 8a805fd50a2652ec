// The cases of the Rust twin: one rule, two languages, the same answers.

import { testCases } from "@qudao/sdk/testkit";
import { pricing } from "../src/plugin";

testCases(pricing, "../volume-pricing/cases");
