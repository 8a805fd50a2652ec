//! The one table of permissions: role × action → how far it reaches.

use crate::words::words;

words! {
    /// What somebody is in a company.
    Role: "role" {
        /// Orders for a dealer.
        DealerBuyer = "dealer-buyer",
        /// Runs a dealer's side.
        DealerManager = "dealer-manager",
        /// Manages dealers in a territory.
        Sales = "sales",
        /// Runs the order desk and the plugins.
        Ops = "ops",
        /// Sets prices at headquarters.
        Pricing = "pricing",
        /// Settles and pays.
        Finance = "finance",
        /// Everything within the company.
        Admin = "company-admin",
    }
}

impl Role {
    /// Whether it belongs to a dealer.
    #[must_use]
    pub fn is_dealer(self) -> bool {
        matches!(self, Self::DealerBuyer | Self::DealerManager)
    }
}

words! {
    /// What may be done. The words are the scopes of API tokens too.
    Action: "action" {
        /// See products, prices and stock.
        ProductsRead = "products:read",
        /// Change products, prices and stock.
        ProductsWrite = "products:write",
        /// See what products cost the company, and margins.
        CostsRead = "costs:read",
        /// Change what products cost the company.
        CostsWrite = "costs:write",
        /// See dealers.
        DealersRead = "dealers:read",
        /// Change dealers.
        DealersWrite = "dealers:write",
        /// See registered deals.
        DealsRead = "deals:read",
        /// Register a deal and take it back.
        DealsRegister = "deals:register",
        /// Decide a deal that the rule leaves to somebody.
        DealsDecide = "deals:decide",
        /// See orders.
        OrdersRead = "orders:read",
        /// Ask for prices and place orders.
        OrdersPlace = "orders:place",
        /// Call an order off.
        OrdersCancel = "orders:cancel",
        /// Confirm and ship.
        OrdersFulfil = "orders:fulfil",
        /// See plugins, settings, bindings and decisions.
        PluginsRead = "plugins:read",
        /// Upload a plugin.
        PluginsUpload = "plugins:upload",
        /// Approve a plugin, retire it and take it back.
        PluginsApprove = "plugins:approve",
        /// Say how careful the company is with plugins.
        PluginsPolicy = "plugins:policy",
        /// Activate and roll back a plugin.
        PluginsActivate = "plugins:activate",
        /// Change a rule's settings.
        SettingsWrite = "settings:write",
        /// See statements and scorecards.
        StatementsRead = "statements:read",
        /// Settle a period and score it.
        SettlementsRun = "settlements:run",
        /// See scorecards and the ranking.
        ScorecardsRead = "scorecards:read",
    }
}

words! {
    /// How far a permission reaches.
    Reach: "reach" {
        /// The user's own dealer.
        Own = "own",
        /// The user's dealer and all below it.
        Branch = "branch",
        /// The whole company.
        Company = "company",
    }
}

/// How far `role` may go with `action`; none where it may not at all.
#[must_use]
pub fn reach(role: Role, action: Action) -> Option<Reach> {
    use Action as A;
    use Reach::{Branch, Company, Own};
    match (role, action) {
        (Role::Admin, _) => Some(Company),
        (_, A::ProductsRead) => Some(Company),
        (Role::DealerBuyer, A::OrdersRead | A::OrdersPlace | A::OrdersCancel) => Some(Own),
        (Role::DealerBuyer, A::StatementsRead | A::ScorecardsRead | A::DealsRead) => Some(Own),
        (Role::DealerBuyer | Role::DealerManager, A::DealsRegister) => Some(Own),
        (Role::DealerManager, A::OrdersRead | A::StatementsRead | A::ScorecardsRead) => Some(Branch),
        (Role::DealerManager, A::OrdersPlace | A::OrdersCancel) => Some(Own),
        (Role::DealerManager, A::DealersRead | A::DealsRead) => Some(Branch),
        (Role::DealerBuyer | Role::DealerManager, _) => None,
        (_, A::DealersRead | A::DealsRead | A::OrdersRead | A::StatementsRead | A::ScorecardsRead) => {
            Some(Company)
        }
        (Role::Sales, A::OrdersPlace | A::OrdersCancel | A::DealsRegister) => Some(Company),
        (Role::Sales, _) => None,
        (_, A::PluginsRead) => Some(Company),
        (Role::Ops, A::OrdersPlace | A::OrdersCancel | A::OrdersFulfil) => Some(Company),
        (Role::Ops | Role::Pricing | Role::Finance, A::PluginsApprove) => Some(Company),
        (Role::Ops, A::PluginsUpload | A::PluginsActivate | A::DealersWrite | A::DealsDecide) => {
            Some(Company)
        }
        (Role::Ops | Role::Pricing, A::ProductsWrite | A::SettingsWrite) => Some(Company),
        (Role::Pricing, A::OrdersPlace | A::PluginsActivate) => Some(Company),
        (Role::Finance, A::SettingsWrite | A::SettlementsRun) => Some(Company),
        (Role::Ops, A::SettlementsRun) => Some(Company),
        // Costs stay with those who answer for prices and money: whoever sells or runs orders has no need of them.
        (Role::Pricing | Role::Finance, A::CostsRead | A::CostsWrite) => Some(Company),
        (Role::Ops, A::PluginsPolicy | A::DealsRegister | A::CostsRead | A::CostsWrite) => None,
        (Role::Pricing | Role::Finance, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dealers_never_reach_the_company() {
        for action in Action::ALL {
            for role in [Role::DealerBuyer, Role::DealerManager] {
                let far = reach(role, *action);
                assert!(far != Some(Reach::Company) || *action == Action::ProductsRead, "{role} {action}");
            }
        }
    }

    #[test]
    fn costs_are_for_pricing_finance_and_the_administrator_alone() {
        for action in [Action::CostsRead, Action::CostsWrite] {
            let may: Vec<Role> =
                Role::ALL.iter().copied().filter(|role| reach(*role, action).is_some()).collect();
            assert_eq!(may, [Role::Pricing, Role::Finance, Role::Admin], "{action}");
        }
    }
}
