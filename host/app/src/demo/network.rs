//! A Chinese maker of network gear with a tree of thirty dealers.

use super::dice::Dice;
use super::sketch::{DealerSketch, ProductSketch, ProgramSketch, Sketch, Titles};
use chrono::{Days, NaiveDate};
use qudao_domain::decimal::Decimal;
use serde_json::{Value as Json, json};

const SWITCHES: &str = "交换机";
const ROUTERS: &str = "路由器";
const WIRELESS: &str = "无线";
const SECURITY: &str = "安全";
const OPTICS: &str = "光模块";
const CABLING: &str = "布线";

const GENERAL: &str = "总代";
const PROVINCIAL: &str = "省代";
const DEALER: &str = "经销商";

/// A province with its cities.
type Province = (&'static str, &'static [&'static str]);

/// Region, city of its general agent, provinces.
const REGIONS: [(&str, &str, &[Province]); 3] = [
    (
        "华东",
        "上海",
        &[("江苏", &["南京", "苏州", "无锡"]), ("浙江", &["杭州", "宁波"]), ("山东", &["济南", "青岛"])],
    ),
    (
        "华南",
        "广州",
        &[("广东", &["深圳", "佛山", "东莞"]), ("福建", &["福州", "厦门"]), ("广西", &["南宁"])],
    ),
    ("西部", "成都", &[("四川", &["绵阳", "宜宾"]), ("陕西", &["西安", "咸阳"]), ("重庆", &["重庆"])]),
];
const BRANDS: [&str; 12] =
    ["云桥", "联拓", "信达通", "恒网", "智联", "鼎讯", "海纳", "飞梭", "众诚", "远景", "聚芯", "通元"];
const CUSTOMERS: [&str; 10] = [
    "第一中学",
    "人民医院",
    "智慧园区",
    "政务中心",
    "轨道交通",
    "港口集团",
    "职业学院",
    "商业广场",
    "制造基地",
    "图书馆",
];

pub(super) fn sketch(dice: &mut Dice, today: NaiveDate) -> Sketch {
    Sketch {
        code: "xingqu",
        name: "星渠网络设备有限公司",
        currency: "CNY",
        zone: "Asia/Shanghai",
        products: products(),
        dealers: dealers(dice),
        customers: customers(),
        orders_a_month: 2,
        line_worth: 30_000,
        titles: Titles {
            ops: ["运营专员甲", "运营专员乙"],
            pricing: ["价格专员甲", "价格专员乙"],
            finance: ["财务专员甲", "财务专员乙"],
            sales: "渠道经理",
            admin: "系统管理员",
            manager: "经销商经理",
            buyer: "采购专员",
        },
        quarter_target: 450_000,
        program: ProgramSketch {
            code: "quarterly-rebate",
            name_zh: "季度返利",
            name_en: "Quarterly rebate",
            budget: 20_000_000,
        },
        pricing: pricing(today),
        rebate: json!({
            "method": "retroactive",
            "bands": [
                { "category": "", "from": "100000", "rate": "0.01" },
                { "category": "", "from": "300000", "rate": "0.02" },
                { "category": "", "from": "800000", "rate": "0.03" },
                { "category": OPTICS, "from": "20000", "rate": "0.02" },
                { "category": OPTICS, "from": "80000", "rate": "0.05" },
            ],
            "growth": [{ "from": "0.1", "rate": "0.005" }, { "from": "0.3", "rate": "0.01" }],
            "cap": "120000",
            "minimum": "500",
        }),
        kpi: super::rules::kpi_settings("0.15", "2"),
    }
}

fn pricing(today: NaiveDate) -> Json {
    let day = |days: u64| today.checked_add_days(Days::new(days)).unwrap_or(today).to_string();
    let first = today.checked_sub_days(Days::new(20)).unwrap_or(today).to_string();
    let promotion = |name: &str, code: &str, discount: &str| {
        json!({ "name": name, "scope": "category", "code": code, "first": first, "last": day(40), "from": 1, "to": null,
                "discount": discount })
    };
    let part = |scope: &str, code: &str, from: i64, to: Option<i64>, discount: &str| json!({ "scope": scope, "code": code, "from": from, "to": to, "discount": discount });
    json!({
        "tiers": [
            { "tier": GENERAL, "discount": "0.12" },
            { "tier": PROVINCIAL, "discount": "0.08" },
            { "tier": DEALER, "discount": "0.05" },
        ],
        "breaks": [
            part("all", "", 20, Some(49), "0.02"),
            part("all", "", 50, Some(199), "0.04"),
            part("all", "", 200, None, "0.06"),
            part("category", OPTICS, 100, None, "0.10"),
        ],
        "promotions": [promotion("无线焕新季", WIRELESS, "0.05"), promotion("安全产品年末促销", SECURITY, "0.08")],
        "regions": [{ "region": "西部", "uplift": "0.02" }],
        "stacking": "compound",
        "floor_share": "0.65",
        "floors": [],
        "approval_below": "0.75",
        "max_quantity": 5000,
        "decimals": 2,
        "notice_days": 0,
    })
}

/// A product's attributes, all of which plugins can read.
fn product(sku: String, name: String, category: &'static str, price: i64, attributes: Json) -> ProductSketch {
    ProductSketch { sku, name, category, price: Decimal::new(price, 0), attributes }
}

fn products() -> Vec<ProductSketch> {
    let mut made = switches();
    made.extend(routers());
    made.extend(wireless());
    made.extend(security());
    made.extend(optics());
    made.extend(cabling());
    made
}

fn switches() -> Vec<ProductSketch> {
    let mut made = Vec::new();
    for (series, layer, base, years) in [
        ("S1700", "二层", 260, 1),
        ("S2700", "二层网管", 680, 3),
        ("S3700", "三层", 1_450, 3),
        ("S5700", "三层千兆", 3_200, 5),
    ] {
        for (ports, factor) in [(8, 10), (16, 16), (24, 22), (48, 40)] {
            for (poe, name) in [(false, ""), (true, "PoE")] {
                let dearer = if poe { 16 } else { 10 };
                let price = base * factor * dearer / 100;
                let sku = format!("{series}-{ports:02}{}", if poe { "P" } else { "T" });
                let name = format!("{series} {layer}{name}交换机 {ports}口");
                let attributes =
                    json!({ "series": series, "ports": ports, "poe": poe, "warranty_years": years });
                made.push(product(sku, name, SWITCHES, price, attributes));
            }
        }
    }
    made
}

fn routers() -> Vec<ProductSketch> {
    let mut made = Vec::new();
    for (series, use_for, base) in
        [("AR100", "分支", 980), ("AR300", "企业", 3_600), ("AR600", "汇聚", 12_800)]
    {
        for (model, factor, wan) in [("10", 10, 1), ("20", 14, 2), ("40", 22, 4), ("80", 36, 8)] {
            let attributes = json!({ "series": series, "wan_ports": wan, "warranty_years": 3 });
            let (sku, name) = (format!("{series}-{model}"), format!("{series} {use_for}路由器 {wan}WAN"));
            made.push(product(sku, name, ROUTERS, base * factor / 10, attributes));
        }
    }
    made
}

fn wireless() -> Vec<ProductSketch> {
    let mut made = Vec::new();
    for (series, standard, base) in
        [("AP3", "Wi-Fi 6", 620), ("AP5", "Wi-Fi 6E", 1_180), ("AP7", "Wi-Fi 7", 2_350)]
    {
        for (suffix, place, factor) in
            [("I", "室内吸顶", 10), ("W", "面板", 8), ("H", "高密", 17), ("O", "室外", 23)]
        {
            let attributes = json!({ "series": series, "standard": standard, "warranty_years": 3 });
            let (sku, name) =
                (format!("{series}-{suffix}"), format!("{series} {place}无线接入点 {standard}"));
            made.push(product(sku, name, WIRELESS, base * factor / 10, attributes));
        }
    }
    for (points, price) in [(16, 2_900), (64, 8_400), (256, 26_000), (1_024, 79_000)] {
        let attributes = json!({ "series": "AC", "access_points": points, "warranty_years": 3 });
        made.push(product(
            format!("AC-{points}"),
            format!("无线控制器 管理{points}个接入点"),
            WIRELESS,
            price,
            attributes,
        ));
    }
    made
}

fn security() -> Vec<ProductSketch> {
    let mut made = Vec::new();
    for (throughput, price) in
        [("1G", 4_800), ("2G", 8_900), ("5G", 19_800), ("10G", 42_000), ("40G", 138_000)]
    {
        for (suffix, name, factor) in [("", "下一代防火墙", 10), ("-IPS", "防火墙含入侵防御", 14)]
        {
            let attributes = json!({ "throughput": throughput, "warranty_years": 3 });
            let sku = format!("FW-{throughput}{suffix}");
            made.push(product(
                sku,
                format!("{name} {throughput}"),
                SECURITY,
                price * factor / 10,
                attributes,
            ));
        }
    }
    for (users, price) in [(50, 3_500), (200, 9_800), (1_000, 36_000)] {
        let attributes = json!({ "users": users, "licence": true });
        made.push(product(
            format!("VPN-L{users}"),
            format!("远程接入授权 {users}用户"),
            SECURITY,
            price,
            attributes,
        ));
    }
    made
}

fn optics() -> Vec<ProductSketch> {
    let mut made = Vec::new();
    for (speed, base) in [("1G", 58), ("10G", 165), ("25G", 390), ("40G", 620), ("100G", 1_480)] {
        for (reach, km, factor) in
            [("SR", "300米", 10), ("LR", "10公里", 18), ("ER", "40公里", 46), ("ZR", "80公里", 72)]
        {
            let attributes = json!({ "speed": speed, "reach": reach, "warranty_years": 2 });
            let (sku, name) = (format!("OM-{speed}-{reach}"), format!("{speed} 光模块 {reach} {km}"));
            made.push(product(sku, name, OPTICS, base * factor / 10, attributes));
        }
    }
    made
}

fn cabling() -> Vec<ProductSketch> {
    let mut made = Vec::new();
    for (category, base) in [("CAT5E", 320), ("CAT6", 480), ("CAT6A", 860), ("CAT7", 1_150)] {
        let attributes = json!({ "length_m": 305, "shielded": category != "CAT5E" });
        made.push(product(
            format!("CB-{category}"),
            format!("{category} 网线 305米箱装"),
            CABLING,
            base,
            attributes,
        ));
        let attributes = json!({ "length_m": 3 });
        made.push(product(
            format!("PC-{category}"),
            format!("{category} 跳线 3米"),
            CABLING,
            base / 32,
            attributes,
        ));
    }
    for (units, price) in [(6, 290), (12, 520), (22, 1_180), (42, 1_960)] {
        let attributes = json!({ "rack_units": units });
        made.push(product(
            format!("RK-{units:02}U"),
            format!("网络机柜 {units}U"),
            CABLING,
            price,
            attributes,
        ));
    }
    made
}

fn dealers(dice: &mut Dice) -> Vec<DealerSketch> {
    let mut made = Vec::new();
    let mut brands = BRANDS.iter().cycle();
    let mut company =
        |city: &str, what: &str| format!("{city}{}{what}有限公司", brands.next().unwrap_or(&"云"));
    for (place, (region, city, provinces)) in (1..).zip(REGIONS) {
        let top = format!("G{place}");
        made.push(DealerSketch {
            code: top.clone(),
            name: company(city, "网络科技"),
            parent: None,
            tier: GENERAL,
            region,
            credit: 12_000_000,
            terms_days: 60,
            weight: dice.between(26, 34),
            discount: 12,
            attributes: attributes(dice, city),
        });
        for (number, (province, cities)) in (1..).zip(provinces) {
            let code = format!("P{place}{number}");
            made.push(DealerSketch {
                code: code.clone(),
                name: company(province, "信息系统"),
                parent: Some(top.clone()),
                tier: PROVINCIAL,
                region,
                credit: 5_000_000,
                terms_days: 45,
                weight: dice.between(14, 20),
                discount: 8,
                attributes: attributes(dice, province),
            });
            for (at, city) in (1..).zip(*cities) {
                made.push(DealerSketch {
                    code: format!("D{place}{number}{at}"),
                    name: company(city, "通信技术"),
                    parent: Some(code.clone()),
                    tier: DEALER,
                    region,
                    credit: 2_000_000,
                    terms_days: 30,
                    weight: dice.between(5, 12),
                    discount: 5,
                    attributes: attributes(dice, city),
                });
            }
        }
    }
    made
}

/// Not every dealer has told everything: completeness is one of the KPIs.
fn attributes(dice: &mut Dice, city: &str) -> Json {
    let mut told = serde_json::Map::new();
    told.insert("city".to_owned(), json!(city));
    if dice.percent(80) {
        told.insert("certified".to_owned(), json!(dice.percent(60)));
    }
    if dice.percent(70) {
        told.insert("engineers".to_owned(), json!(dice.between(2, 40)));
    }
    told.into()
}

fn customers() -> Vec<String> {
    let cities = REGIONS.iter().flat_map(|(_, city, provinces)| {
        std::iter::once(*city).chain(provinces.iter().flat_map(|(_, cities)| cities.iter().copied()))
    });
    cities.flat_map(|city| CUSTOMERS.iter().map(move |kind| format!("{city}{kind}"))).collect()
}
