//! The navigation: what each role does all day, in that order.

use qudao_domain::permissions::{Action, Role, reach};
use serde::Serialize;
use serde_json::Value as Json;

/// One place to go. Its label is the message `nav-<id>`.
struct Item {
    id: &'static str,
    href: &'static str,
    icon: &'static str,
    /// Who may not do this does not see it.
    needs: Action,
    /// Shown to dealers, to the company, or to both.
    side: Side,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Dealer,
    Company,
    Both,
}

const fn item(id: &'static str, href: &'static str, icon: &'static str, needs: Action, side: Side) -> Item {
    Item { id, href, icon, needs, side }
}

/// Jobs in the order of the day; each group's label is the message `nav-group-<id>`.
const GROUPS: &[(&str, &[Item])] = &[
    ("start", &[item("home", "/", "home", Action::ProductsRead, Side::Both)]),
    (
        "buy",
        &[
            item("products", "/products", "package", Action::OrdersPlace, Side::Dealer),
            item("cart", "/cart", "cart", Action::OrdersPlace, Side::Dealer),
            item("my-orders", "/orders", "clipboard", Action::OrdersRead, Side::Dealer),
            item("my-deals", "/deals", "edit", Action::DealsRead, Side::Dealer),
        ],
    ),
    (
        "sell",
        &[
            item("orders", "/orders", "clipboard", Action::OrdersRead, Side::Company),
            item("dealers", "/dealers", "users", Action::DealersRead, Side::Both),
            item("deals", "/deals", "edit", Action::DealsRead, Side::Company),
            item("catalogue", "/products", "package", Action::ProductsRead, Side::Company),
        ],
    ),
    (
        "earn",
        &[
            item("statements", "/statements", "receipt", Action::StatementsRead, Side::Both),
            item("settlements", "/settlements", "wallet", Action::SettlementsRun, Side::Company),
            item("ranking", "/ranking", "chart", Action::ScorecardsRead, Side::Both),
        ],
    ),
    (
        "rules",
        &[
            item("plugins", "/plugins", "plug", Action::PluginsRead, Side::Company),
            item("decisions", "/decisions", "clock", Action::PluginsRead, Side::Company),
        ],
    ),
];

#[derive(Serialize)]
struct Group {
    id: &'static str,
    items: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    id: &'static str,
    href: &'static str,
    icon: &'static str,
    current: bool,
}

/// The groups that a role sees, with the current place marked.
#[must_use]
pub fn groups(role: Option<Role>, path: &str) -> Json {
    let Some(role) = role else { return Json::Array(Vec::new()) };
    let side = if role.is_dealer() { Side::Dealer } else { Side::Company };
    let shown = GROUPS.iter().map(|(id, items)| {
        let visible = items.iter().filter(|item| {
            (item.side == Side::Both || item.side == side) && reach(role, item.needs).is_some()
        });
        let items = visible.map(|item| Shown {
            id: item.id,
            href: item.href,
            icon: item.icon,
            current: is_within(path, item.href),
        });
        Group { id, items: items.collect() }
    });
    let shown: Vec<Group> = shown.filter(|group| !group.items.is_empty()).collect();
    serde_json::to_value(shown).unwrap_or_default()
}

fn is_within(path: &str, href: &str) -> bool {
    match path.strip_prefix(href) {
        Some("") => true,
        Some(rest) => href != "/" && rest.starts_with('/'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::i18n::{Language, knows};

    #[test]
    fn every_place_has_a_label_and_marks_itself() {
        for role in Role::ALL {
            let groups = groups(Some(*role), "/orders/0198");
            let all: Vec<&Json> = groups.as_array().unwrap().iter().collect();
            let items = all.iter().flat_map(|group| group["items"].as_array().unwrap());
            for item in items {
                let id = format!("nav-{}", item["id"].as_str().unwrap());
                assert!(Language::ALL.iter().all(|language| knows(*language, &id)), "{id}");
                assert_eq!(item["current"], item["href"] == "/orders", "{id}");
            }
            for group in all {
                let id = format!("nav-group-{}", group["id"].as_str().unwrap());
                assert!(Language::ALL.iter().all(|language| knows(*language, &id)), "{id}");
            }
        }
    }

    #[test]
    fn a_dealer_sees_no_rules() {
        let text = groups(Some(Role::DealerBuyer), "/").to_string();
        assert!(text.contains("/cart") && !text.contains("/plugins") && !text.contains("/dealers"));
        assert_eq!(groups(None, "/"), serde_json::json!([]));
    }
}
