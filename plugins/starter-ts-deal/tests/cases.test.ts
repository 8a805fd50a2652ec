// The JSON cases, natively. `qudao plugin test` runs them again as Wasm, under the server's limits.

import { testCases } from "@qudao/sdk/testkit";
import { deal } from "../src/plugin";

testCases(deal, "cases");
