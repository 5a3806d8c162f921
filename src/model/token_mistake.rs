//! What is wrong with the form in which a token was sent: the sentences for the response, the journal and the administrator.

/// A mistake in an `Authorization` header that contains a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenMistake {
    /// The token alone.
    NoScheme,
    /// `Bearer Bearer <token>`.
    SchemeTwice,
    /// `Token <token>`, `Bearer: <token>`.
    OtherScheme,
    /// `Bearer "<token>"`.
    Quoted,
    /// `Bearer <token>\n`.
    LineBreak,
    /// A token that was wrapped.
    Broken,
    /// A tab, a no-break space, a byte order mark.
    OddBlank,
    /// `Bearer <token>,`.
    Surrounded,
    /// The first characters are missing.
    StartMissing,
    /// Two `Authorization` headers.
    HeaderTwice,
    /// Fewer characters than a token has.
    Cut,
    /// As many characters, of which some are wrong.
    Altered,
}

impl TokenMistake {
    const ALL: [Self; 12] = [
        Self::NoScheme,
        Self::SchemeTwice,
        Self::OtherScheme,
        Self::Quoted,
        Self::LineBreak,
        Self::Broken,
        Self::OddBlank,
        Self::Surrounded,
        Self::StartMissing,
        Self::HeaderTwice,
        Self::Cut,
        Self::Altered,
    ];

    /// What is wrong. A damaged token cannot be looked up, so only its form is known.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NoScheme => "This is the right token, but the word \"Bearer\" is missing before it.",
            Self::SchemeTwice => "This is the right token, but \"Bearer\" comes before it twice.",
            Self::OtherScheme => "This is the right token, but what comes before it is not \"Bearer\" and a blank.",
            Self::Quoted => "This is the right token, but it is in quotes.",
            Self::LineBreak => "This is the right token, but there is a line break before or after it.",
            Self::Broken => "This is the right token, but there is a line break or a blank within it.",
            Self::OddBlank => {
                "This is the right token, but there is a blank that is not plain (a tab, a no-break space) around it."
            }
            Self::Surrounded => "This is the right token, but there are other characters around it.",
            Self::StartMissing => "This is the right token, but its first characters are missing.",
            Self::HeaderTwice => "This is the right token, but the Authorization header was sent twice.",
            Self::Cut => "This is a token of this service, but it was cut: it has too few characters.",
            Self::Altered => "This is a token of this service, but it was cut or altered: its checksum is wrong.",
        }
    }

    /// What to do about it. The token itself need not be replaced.
    #[must_use]
    pub const fn what_to_do(self) -> &'static str {
        match self {
            Self::NoScheme => {
                "Keep the token. If the client's field takes the whole header, type \"Bearer \" before the token; otherwise set \
                 the client to bearer authentication."
            }
            Self::SchemeTwice => {
                "Keep the token. Enter it in the client without \"Bearer\" (in Entra: Secret Token); the client adds that itself."
            }
            Self::OtherScheme | Self::HeaderTwice => {
                "Keep the token. Set the client to send exactly one header, `Authorization: Bearer <token>`."
            }
            Self::Quoted | Self::LineBreak | Self::OddBlank | Self::Surrounded => {
                "Keep the token. Enter it in the client again with nothing before or after it (in Entra: Secret Token)."
            }
            Self::Broken | Self::StartMissing | Self::Cut | Self::Altered => {
                "Keep the token. Copy it into the client again as a whole: 63 characters that begin with rollcall_scim_."
            }
        }
    }

    /// The mistake that a journal entry's detail ends with.
    #[must_use]
    pub fn of_sentence(detail: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mistake| detail.ends_with(mistake.sentence()))
    }
}
