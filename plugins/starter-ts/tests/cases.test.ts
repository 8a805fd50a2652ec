// The JSON cases, natively. `cargo xtask test` runs them again as Wasm.

import { testCases } from "@qudao/sdk/testkit";
import { pricing } from "../src/plugin";

testCases(pricing, "cases");
