// The JSON cases, natively. `qudao plugin test` runs them again as Wasm, under the server's limits.

import { testCases } from "@qudao/sdk/testkit";
import { pricing } from "../src/plugin";

testCases(pricing, "cases");
