// What the company can set: the settings of the Rust twin, field by field.

import { defineSettings, setting, text, type FieldsOf } from "@qudao/sdk";
import { defaults } from "./defaults";

const share = { min: "0", max: "1", unit: "%" };

/** A product is chosen by scope and code; the scopes stand in the order of precedence. */
const product = {
  scope: setting.choice({
    title: text("适用于", "Applies to"),
    of: {
      all: text("全部产品", "All products"),
      category: text("品类", "A category"),
      sku: text("产品", "A product"),
    },
  }),
  code: setting.string({ title: text("代码", "Code"), maxLength: 100 }),
};

const pieces = {
  from: setting.integer({ title: text("从", "From"), min: 1n }),
  to: setting.nullable(setting.integer({ title: text("到", "To"), min: 1n })),
};

const discount = { discount: setting.decimal({ title: text("折扣", "Discount"), ...share }) };

const tier = { tier: setting.string({ title: text("等级", "Tier"), minLength: 1, maxLength: 60 }), ...discount };

const volumeBreak = { ...product, ...pieces, ...discount };

const promotion = {
  name: setting.string({ title: text("名称", "Name"), minLength: 1, maxLength: 100 }),
  ...product,
  first: setting.day({ title: text("首日", "First day") }),
  last: setting.day({ title: text("末日", "Last day") }),
  ...pieces,
  ...discount,
};

const region = {
  region: setting.string({ title: text("区域", "Region"), minLength: 1, maxLength: 60 }),
  uplift: setting.decimal({ title: text("加价", "Uplift"), ...share }),
};

const floor = {
  sku: setting.string({ title: text("产品", "Product"), minLength: 1, maxLength: 100 }),
  price: setting.decimal({ title: text("最低价", "Lowest price"), min: "0", max: "999999999" }),
};

const fields = {
  tiers: setting.table({
    title: text("等级折扣", "Tier discounts"),
    help: text("各经销商等级的折扣；未列出的等级没有折扣。", "Share taken off for each dealer tier that is listed."),
    max: 50,
    columns: tier,
  }),
  breaks: setting.table({
    title: text("批量阶梯", "Volume breaks"),
    help: text(
      "多条适用时，产品优先于品类，品类优先于全部；同级取折扣最大者。",
      "The most specific holds (product, then category, then all), and of these the largest.",
    ),
    max: 500,
    columns: volumeBreak,
  }),
  promotions: setting.table({
    title: text("限时促销", "Promotions"),
    help: text("当日有效且适用的促销中，取折扣最大者。", "Of those that run on the day and fit a line the largest holds."),
    max: 200,
    columns: promotion,
  }),
  regions: setting.table({
    title: text("区域加价", "Regional uplifts"),
    help: text("在折扣之前按区域加到目录价上的比例。", "Share added to the list price before any discount."),
    max: 50,
    columns: region,
  }),
  stacking: setting.choice({
    title: text("叠加方式", "Stacking"),
    help: text("等级、批量与促销折扣如何合并。", "How the discounts of tier, volume and promotion meet."),
    of: {
      best: text("只取最大", "The largest alone"),
      sum: text("相加", "Added up"),
      compound: text("逐级连乘", "One after the other"),
    },
  }),
  floor_share: setting.decimal({
    title: text("最低价比例", "Price floor"),
    help: text("成交价不低于目录价的这一比例。", "No price falls below this share of the list price."),
    ...share,
  }),
  floors: setting.table({
    title: text("产品最低价", "Product floors"),
    help: text("这些产品的成交价不低于所列金额。", "No price of these products falls below the amount."),
    max: 500,
    columns: floor,
  }),
  approval_below: setting.decimal({
    title: text("低于此比例须审批", "Approval below"),
    help: text("成交价低于目录价的这一比例时，订单须审批。", "A price below this share needs somebody's approval."),
    ...share,
  }),
  max_quantity: setting.nullable(
    setting.integer({
      title: text("单行最大数量", "Most pieces on a line"),
      help: text("超过此数量的行会被拒绝；留空则不限。", "A line of more pieces is refused; empty for no limit."),
      min: 1n,
    }),
  ),
  decimals: setting.integer({
    title: text("单价小数位", "Decimals of a unit price"),
    help: text("单价按四舍六入五成双取到此小数位。", "Unit prices are rounded half-even to so many decimals."),
    min: 0n,
    max: 6n,
  }),
  notice_days: setting.integer({
    title: text("涨价通知天数", "Days of notice of a raise"),
    help: text(
      "目录价上涨后，经销商在此天数内仍按原目录价计算；0 表示不设通知期。",
      "After a raise a dealer pays from the former list price for so many days more; 0 for no notice.",
    ),
    min: 0n,
    max: 365n,
  }),
};

export type Settings = FieldsOf<typeof fields>;
export type Break = FieldsOf<typeof volumeBreak>;
export type Promotion = FieldsOf<typeof promotion>;
export type Scope = Break["scope"];

export const settings = defineSettings(fields, defaults);
