// What the author of a Qudao plugin imports. One of `definePricing`, `defineIncentive`, `defineKpi` and `defineDeal` makes
// a rule the plugin; it is bundled natively for tests and made a WebAssembly component that can reach nothing but its input.

export { attribute, message, note, percent, refuse, text, Refused } from "./contract";
export type { About, Argument, Attribute, Descriptor, Kind, Message, Note, Text, Value } from "./contract";
export { Day } from "./day";
export { Decimal, MAX_SCALE } from "./decimal";
export { setting, type Field, type FieldsOf } from "./fields";
export { allocate, exponent, Money } from "./money";
export { defineSettings } from "./settings";
export type { Settings, SettingsOf } from "./settings";

export { definePricing, PricedLine } from "./pricing";
export type { Adjustment, Dealer, Line, Order, OrderAdjustment, PricingPlugin, PricingRule } from "./pricing";
export type { Quote, Violation } from "./pricing";

export { covers, defineIncentive } from "./incentive";
export type { Basis, Fact, Figure, Header, IncentivePlugin, IncentiveRule, Participant, Payout } from "./incentive";
export type { Period, Product, Run, Settlement, Unpaid } from "./incentive";

export { defineKpi, metric, scorecard } from "./kpi";
export type { Indicator, KpiPlugin, KpiRule, Metric, Scorecard, Subject } from "./kpi";

export { defineDeal } from "./deal";
export type { Affected, Claim, Claimant, Customer, DealPlugin, DealRule, Earlier, Floor, Ruling, Share } from "./deal";
