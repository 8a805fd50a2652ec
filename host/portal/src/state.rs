//! What every handler may ask for.

use axum::extract::FromRef;
use qudao_app::App;

use crate::web::Views;

/// The application and its templates. Cloning is cheap.
#[derive(Clone)]
pub struct AppState {
    /// The use cases.
    pub app: App,
    /// The templates.
    pub views: Views,
    /// Whether the session cookie may travel over TLS only.
    pub secure_cookies: bool,
}

impl FromRef<AppState> for App {
    fn from_ref(state: &AppState) -> Self {
        state.app.clone()
    }
}

impl FromRef<AppState> for Views {
    fn from_ref(state: &AppState) -> Self {
        state.views.clone()
    }
}
