//! Pages by method and path, with a list of them for the tests that must try each.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{get, post};

use crate::state::AppState;

/// A page's method and path, as axum writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Such as `/orders/{id}`.
    pub path: String,
}

/// Collects routes. Each noun of `web/` gives one.
#[derive(Default)]
pub struct Routes {
    router: Router<AppState>,
    known: Vec<Route>,
}

impl Routes {
    /// Shows a page.
    #[must_use]
    pub fn get<H: Handler<T, AppState>, T: 'static>(self, path: &str, handler: H) -> Self {
        let Self { router, known } = self;
        Self { router: router.route(path, get(handler)), known }.knowing("GET", path)
    }

    /// Takes a form.
    #[must_use]
    pub fn post<H: Handler<T, AppState>, T: 'static>(self, path: &str, handler: H) -> Self {
        let Self { router, known } = self;
        Self { router: router.route(path, post(handler)), known }.knowing("POST", path)
    }

    /// Adds another noun's.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.known.extend(other.known);
        Self { router: self.router.merge(other.router), known: self.known }
    }

    fn knowing(mut self, method: &'static str, path: &str) -> Self {
        self.known.push(Route { method, path: path.to_owned() });
        self
    }

    /// The router and the list.
    pub fn split(self) -> (Router<AppState>, Vec<Route>) {
        (self.router, self.known)
    }
}
