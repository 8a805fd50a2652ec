//! A plugin's coded sentence, for programs by its code and for people in words.

use qudao_domain::contract::{Message, Note};
use serde::Serialize;
use utoipa::ToSchema;

use crate::web::i18n::Language;
use crate::web::notes::sentence;

/// A coded sentence.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Said {
    /// For programs.
    pub code: String,
    /// For people, in the language that was asked for (`Accept-Language: zh-CN` or `en`).
    pub text: String,
}

/// The note in both forms.
#[must_use]
pub fn said(note: &Note, messages: &[Message], language: Language) -> Said {
    Said { code: note.code.clone(), text: sentence(note, messages, language) }
}
