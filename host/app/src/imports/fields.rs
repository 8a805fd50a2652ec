//! What each kind of file may say, under which names, and the mappings that come with Qudao.

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportKind {
    /// Products, with their price and stock where given.
    Products,
    /// Dated base prices.
    Prices,
    /// Dated costs of products.
    Costs,
    /// Base prices worked out from past sales: see [`super::sales_prices`].
    PricesFromSales,
    /// Dealers.
    Dealers,
    /// Orders of the past, a row for each line.
    Orders,
}

/// A field of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in mappings.
    pub name: &'static str,
    /// Whether a file must have it.
    pub required: bool,
    /// Other names that a header may call it by, in lower case.
    pub aliases: &'static [&'static str],
}

const fn must(name: &'static str, aliases: &'static [&'static str]) -> Field {
    Field { name, required: true, aliases }
}

const fn may(name: &'static str, aliases: &'static [&'static str]) -> Field {
    Field { name, required: false, aliases }
}

const SKU: Field = must("sku", &["code", "product", "product code", "产品编码", "编码", "料号"]);
const PRICE: &[&str] = &["base price", "list price", "单价", "基准价", "目录价"];
const VALID_FROM: &[&str] = &["valid from", "price from", "from", "生效日期"];
const DEALER: Field = must("dealer", &["dealer code", "经销商", "经销商编码"]);
const DATE: &[&str] = &["order date", "ordered on", "日期", "下单日期", "订单日期"];

const PRODUCTS: &[Field] = &[
    SKU,
    must("name", &["product name", "名称", "产品名称"]),
    must("category", &["类别", "产品类别", "分类"]),
    may("active", &["可订购", "在售"]),
    may("price", PRICE),
    may("price_from", &["price from", "valid from", "生效日期"]),
    may("on_hand", &["on hand", "stock", "库存"]),
];

const PRICES: &[Field] = &[SKU, must("price", PRICE), must("valid_from", VALID_FROM)];

const COSTS: &[Field] = &[
    SKU,
    must("cost", &["cost price", "unit cost", "standard cost", "成本", "成本价", "标准成本"]),
    must("valid_from", VALID_FROM),
];

const SALES: &[Field] =
    &[SKU, must("date", DATE), must("unit_price", &["unit price", "price", "成交价", "单价"])];

const DEALERS: &[Field] = &[
    must("code", &["dealer", "dealer code", "编码", "经销商编码"]),
    must("name", &["dealer name", "名称", "经销商名称"]),
    must("tier", &["级别", "层级"]),
    must("region", &["区域", "地区", "省份"]),
    may("parent", &["parent code", "上级", "上级编码"]),
    may("credit_limit", &["credit limit", "信用额度"]),
    may("terms_days", &["terms days", "payment terms", "账期"]),
];

const ORDERS: &[Field] = &[
    must("number", &["order", "order number", "订单号", "单号"]),
    must("date", DATE),
    DEALER,
    SKU,
    must("quantity", &["qty", "pieces", "数量"]),
    may("unit_price", &["unit price", "price", "成交价", "单价"]),
    may("amount", &["line amount", "金额", "行金额"]),
    may("base_price", &["base price", "list price", "基准价"]),
    may("shipped_on", &["shipped on", "ship date", "发货日期"]),
    may("paid_on", &["paid on", "付款日期", "回款日期"]),
    may("reference", &["客户单号", "参考号"]),
    may("customer", &["end customer", "客户", "最终客户"]),
];

impl ImportKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Products, Self::Prices, Self::Costs, Self::PricesFromSales, Self::Dealers, Self::Orders];

    /// The word for it on the command line and in the audit.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Products => "products",
            Self::Prices => "prices",
            Self::Costs => "costs",
            Self::PricesFromSales => "prices-from-sales",
            Self::Dealers => "dealers",
            Self::Orders => "orders",
        }
    }

    /// What its files may say.
    #[must_use]
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Products => PRODUCTS,
            Self::Prices => PRICES,
            Self::Costs => COSTS,
            Self::PricesFromSales => SALES,
            Self::Dealers => DEALERS,
            Self::Orders => ORDERS,
        }
    }

    /// Whether its rows may carry company-defined data, mapped as `attr.NAME` or `attr.NAME:TYPE`.
    #[must_use]
    pub const fn has_attributes(self) -> bool {
        matches!(self, Self::Products | Self::Dealers)
    }
}

/// The mapping of a name: which column holds each field.
#[must_use]
pub fn preset(name: &str, kind: ImportKind) -> Option<&'static [(&'static str, &'static str)]> {
    match (name, kind) {
        ("adventureworks-products", ImportKind::Products) => Some(&[
            ("sku", "ProductKey"),
            ("name", "Product"),
            ("category", "EnglishProductCategoryName"),
            ("attr.subcategory", "Subcategory"),
            ("attr.color", "Color"),
        ]),
        ("adventureworks-products", ImportKind::PricesFromSales) => {
            Some(&[("sku", "ProductKey"), ("date", "OrderDate"), ("unit_price", "UnitPrice")])
        }
        ("adventureworks-dealers", ImportKind::Dealers) => Some(&[
            ("code", "ResellerKey"),
            ("name", "ResellerName"),
            ("tier", "BusinessType"),
            ("region", "Country_Region"),
            ("attr.state", "StateProvinceName"),
            ("attr.city", "City"),
        ]),
        ("adventureworks-orders", ImportKind::Orders) => Some(&[
            ("number", "SalesOrderNumber"),
            ("date", "OrderDate"),
            ("dealer", "ResellerKey"),
            ("sku", "ProductKey"),
            ("quantity", "OrderQuantity"),
            ("unit_price", "UnitPrice"),
            ("amount", "SalesAmount"),
        ]),
        _ => None,
    }
}

/// The presets of a kind, for messages.
#[must_use]
pub fn presets(kind: ImportKind) -> &'static [&'static str] {
    match kind {
        ImportKind::Products | ImportKind::PricesFromSales => &["adventureworks-products"],
        ImportKind::Dealers => &["adventureworks-dealers"],
        ImportKind::Orders => &["adventureworks-orders"],
        ImportKind::Prices | ImportKind::Costs => &[],
    }
}
