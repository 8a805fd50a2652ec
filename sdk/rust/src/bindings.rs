//! What wit-bindgen makes of `sdk/wit`. Nothing here is for authors: the traits of
//! [`crate::pricing`], [`crate::incentive`], [`crate::kpi`] and [`crate::deal`] are.
//!
//! Days and facts are lifted straight into the author's types, since there may be ten million
//! of them; everything else is converted in `crate::boundary`.

/// The shapes that every kind shares, generated once so that they are converted in one place.
pub mod types {
    wit_bindgen::generate!({
        inline: "package qudao:sdk-types; world shared { import qudao:types/types@0.1.0; }",
        path: ["../wit/types.wit"],
        generate_unused_types: true,
        with: { "qudao:types/types@0.1.0": generate, "qudao:types/types@0.1.0/date": crate::date::Date },
    });
    pub use crate::date::Date;
    pub use qudao::types::types::*;
}

/// `qudao:pricing`.
pub mod pricing {
    wit_bindgen::generate!({
        path: ["../wit/types.wit", "../wit/pricing.wit"],
        world: "qudao:pricing/pricing-plugin",
        with: { "qudao:types/types@0.1.0": crate::bindings::types },
        pub_export_macro: true,
        export_macro_name: "export_world",
        default_bindings_module: "qudao_sdk::bindings::pricing",
    });
}

/// `qudao:incentive`.
pub mod incentive {
    wit_bindgen::generate!({
        path: ["../wit/types.wit", "../wit/incentive.wit"],
        world: "qudao:incentive/incentive-plugin",
        with: {
            "qudao:types/types@0.1.0": crate::bindings::types,
            "qudao:incentive/incentive@0.1.0/fact": crate::incentive::Fact,
            "qudao:incentive/incentive@0.1.0/fact-kind": crate::incentive::FactKind,
        },
        pub_export_macro: true,
        export_macro_name: "export_world",
        default_bindings_module: "qudao_sdk::bindings::incentive",
    });
}

/// `qudao:kpi`.
pub mod kpi {
    wit_bindgen::generate!({
        path: ["../wit/types.wit", "../wit/kpi.wit"],
        world: "qudao:kpi/kpi-plugin",
        with: { "qudao:types/types@0.1.0": crate::bindings::types },
        pub_export_macro: true,
        export_macro_name: "export_world",
        default_bindings_module: "qudao_sdk::bindings::kpi",
    });
}

/// `qudao:deal`.
pub mod deal {
    wit_bindgen::generate!({
        path: ["../wit/types.wit", "../wit/deal.wit"],
        world: "qudao:deal/deal-plugin",
        with: { "qudao:types/types@0.1.0": crate::bindings::types },
        pub_export_macro: true,
        export_macro_name: "export_world",
        default_bindings_module: "qudao_sdk::bindings::deal",
    });
}
