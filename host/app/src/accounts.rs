//! Companies, people, log-in, and API tokens.

use crate::errors::{AppError, Issue, Result};
use crate::{App, Context};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use qudao_domain::ids::{CompanyId, DealerId, TokenId, UserId};
use qudao_domain::permissions::{Action, Role};
use qudao_domain::time::Instant;
use qudao_store::Tx;
use qudao_store::companies::{self, Company};
use qudao_store::prices;
use qudao_store::sessions::{self, Session};
use qudao_store::tokens::{self, Token};
use qudao_store::users::{self, User};
use sha2::{Digest, Sha256};

/// How long a log-in holds: 12 hours.
pub const SESSION_MS: i64 = 12 * 3_600_000;
/// After this many failures in a row a log-in must wait.
const FREE_FAILURES: i64 = 5;
/// How long it waits: a minute.
const PENALTY_MS: i64 = 60_000;

/// Somebody to be added.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// For log-in; unique within the company.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// The dealer they belong to; needed for a dealer's roles.
    pub dealer: Option<DealerId>,
    /// In plain; at least 8 characters.
    pub password: String,
}

/// A fresh log-in: the cookie's secret is known only here.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// For the cookie.
    pub token: String,
    /// Until when it holds.
    pub expires_at: Instant,
}

impl App {
    /// Adds a company.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a code, currency or zone that cannot be; [`AppError::Conflict`] when the code is taken.
    pub async fn add_company(&self, code: &str, name: &str, currency: &str, zone: &str) -> Result<Company> {
        let now = self.clock().now();
        let mut issues = Vec::new();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if code.is_empty() || code.len() > 40 || !code.chars().all(plain) {
            issues.push(Issue::new("/code", "code", "use up to 40 lower-case letters, digits and hyphens"));
        }
        if let Err(error) = currency.parse::<qudao_domain::money::Currency>() {
            issues.push(Issue::new("/currency", "currency", error.to_string()));
        }
        if zone.parse::<chrono_tz::Tz>().is_err() {
            issues.push(Issue::new("/zone", "zone", "name an IANA time zone, such as Asia/Shanghai"));
        }
        if !issues.is_empty() {
            return Err(AppError::Invalid(issues));
        }
        let company = Company {
            id: CompanyId::at(now),
            code: code.to_owned(),
            name: name.to_owned(),
            currency: currency.to_owned(),
            zone: zone.to_owned(),
            created_at: now,
        };
        let mut tx = self.db().write(company.id).await?;
        if companies::by_code(&mut tx, code).await?.is_some() {
            return Err(AppError::conflict("company-exists", format!("there is a company `{code}` already")));
        }
        companies::insert(&mut tx, &company).await?;
        tx.commit().await?;
        Ok(company)
    }

    /// The company with a code.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none.
    pub async fn company(&self, code: &str) -> Result<Company> {
        let mut tx = self.db().look().await?;
        companies::by_code(&mut tx, code).await?.ok_or(AppError::NotFound)
    }

    /// Every company, by code; for the operator.
    ///
    /// # Errors
    /// As any query.
    pub async fn companies(&self) -> Result<Vec<Company>> {
        let mut tx = self.db().look().await?;
        Ok(companies::all(&mut tx).await?)
    }

    /// Adds somebody to a company; for the operator.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for an e-mail or password that cannot be, or a role without its dealer;
    /// [`AppError::Conflict`] when the e-mail is taken.
    pub async fn add_user(&self, company: &Company, user: NewUser) -> Result<UserId> {
        let email = user.email.trim().to_lowercase();
        let mut issues = Vec::new();
        if !email.contains('@') || email.len() > 200 {
            issues.push(Issue::new("/email", "email", "write an e-mail address, such as ops@example.com"));
        }
        if user.password.chars().count() < 8 {
            issues.push(
                Issue::new("/password", "password-length", "use at least 8 characters").with("limit", 8),
            );
        }
        if user.role.is_dealer() != user.dealer.is_some() {
            issues.push(Issue::new(
                "/dealer",
                "dealer-role",
                "a dealer's roles need a dealer, the others none",
            ));
        }
        if !issues.is_empty() {
            return Err(AppError::Invalid(issues));
        }
        let password_hash = hash_password(user.password).await?;
        let now = self.clock().now();
        let id = UserId::at(now);
        let mut tx = self.db().write(company.id).await?;
        if users::by_email(&mut tx, company.id, &email).await?.is_some() {
            return Err(AppError::conflict(
                "user-exists",
                format!("`{email}` is a user of this company already"),
            ));
        }
        let row = User {
            id,
            email,
            name: user.name,
            role: user.role,
            dealer_id: user.dealer,
            password_hash,
            language: None,
            created_at: now,
            disabled_at: None,
        };
        users::insert(&mut tx, company.id, &row).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// A company's people, by e-mail; for the operator and the company's admin.
    ///
    /// # Errors
    /// As any query.
    pub async fn users(&self, company: &Company) -> Result<Vec<User>> {
        let mut tx = self.db().read(company.id).await?;
        Ok(users::all(&mut tx, company.id).await?)
    }

    /// Acts as somebody; for the operator's command line.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is no such user.
    pub async fn act_as(&self, company: &Company, email: &str) -> Result<Context> {
        let mut tx = self.db().read(company.id).await?;
        let user = users::by_email(&mut tx, company.id, &email.to_lowercase()).await?;
        context_of(company.clone(), user.ok_or(AppError::NotFound)?, None)
    }

    /// Logs somebody in. A wrong company, e-mail and password are answered alike, in the same time.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for wrong credentials; [`AppError::Conflict`] `login-wait` after too many failures.
    pub async fn log_in(&self, company_code: &str, email: &str, password: String) -> Result<SignedIn> {
        let now = self.clock().now();
        let (company_code, email) = (company_code.trim().to_lowercase(), email.trim().to_lowercase());
        let mut tx = self.db().look().await?;
        let tried = users::attempts(&mut tx, &company_code, &email).await?;
        let waits = |tried: users::Attempts| {
            tried.failures >= FREE_FAILURES && tried.last_at.plus_ms(PENALTY_MS) > now
        };
        if tried.is_some_and(waits) {
            let message = "too many failed log-ins; wait a minute and try again";
            return Err(AppError::conflict("login-wait", message));
        }
        let company = companies::by_code(&mut tx, &company_code).await?;
        drop(tx);
        let user = match &company {
            Some(company) => {
                let mut tx = self.db().read(company.id).await?;
                users::by_email(&mut tx, company.id, &email).await?
            }
            None => None,
        };
        let user = user.filter(|user| user.disabled_at.is_none());
        let right = verify_password(user.as_ref().map(|user| user.password_hash.clone()), password).await?;
        let (Some(company), Some(user), true) = (company, user, right) else {
            let mut tx = self.db().infrastructure().await?;
            users::attempted(&mut tx, &company_code, &email, now, true).await?;
            tx.commit().await?;
            return Err(AppError::NotFound);
        };
        let (token, token_hash) = secret("qs")?;
        let (csrf, _) = secret("qc")?;
        let expires_at = now.plus_ms(SESSION_MS);
        let session = Session {
            token_hash,
            company_id: company.id,
            user_id: user.id,
            csrf,
            created_at: now,
            expires_at,
        };
        // Sessions name their user by a key that carries the company, which the wall lets only its own see.
        let mut tx = self.db().write(company.id).await?;
        users::attempted(&mut tx, &company_code, &email, now, false).await?;
        sessions::insert(&mut tx, &session).await?;
        tx.commit().await?;
        Ok(SignedIn { token, expires_at })
    }

    /// Who holds a session's cookie, with the secret that their forms carry.
    ///
    /// # Errors
    /// As any query; an unknown or expired cookie is `None`.
    pub async fn session(&self, token: &str) -> Result<Option<(Context, String)>> {
        let now = self.clock().now();
        let mut tx = self.db().look().await?;
        let found = sessions::find(&mut tx, &hashed(token), now).await?;
        let Some((company, user, csrf)) = found else { return Ok(None) };
        self.gates().seen(company.id);
        Ok(holder(&mut tx, company, user, None).await?.map(|context| (context, csrf)))
    }

    /// The name of the dealer that the reader belongs to, if any.
    ///
    /// # Errors
    /// As any query.
    pub async fn own_dealer_name(&self, ctx: &Context) -> Result<Option<String>> {
        let Some(dealer) = ctx.dealer else { return Ok(None) };
        let mut tx = self.db().read(ctx.company).await?;
        Ok(prices::buyer(&mut tx, ctx.company, Some(dealer), None).await?.map(|dealer| dealer.name))
    }

    /// Logs out.
    ///
    /// # Errors
    /// As any query.
    pub async fn log_out(&self, token: &str) -> Result<()> {
        let mut tx = self.db().infrastructure().await?;
        sessions::delete(&mut tx, &hashed(token), self.clock().now()).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps the language that somebody chose.
    ///
    /// # Errors
    /// As any query.
    pub async fn choose_language(&self, ctx: &Context, language: &str) -> Result<()> {
        let mut tx = self.db().write(ctx.company).await?;
        users::set_language(&mut tx, ctx.company, ctx.user, language).await?;
        Ok(tx.commit().await?)
    }

    /// Makes a bearer token for somebody, limited to `scopes` (empty: everything that they may do). The secret is
    /// returned once and not kept.
    ///
    /// # Errors
    /// As any query.
    pub async fn add_token(&self, ctx: &Context, name: &str, scopes: &[Action]) -> Result<String> {
        let (token, token_hash) = secret("qt")?;
        let now = self.clock().now();
        let scopes: Vec<&str> = scopes.iter().map(|action| action.as_str()).collect();
        let row = Token {
            id: TokenId::at(now),
            user_id: ctx.user,
            name: name.to_owned(),
            scopes: if scopes.is_empty() { "*".to_owned() } else { scopes.join(" ") },
            created_at: now,
            expires_at: None,
            revoked_at: None,
        };
        let mut tx = self.db().write(ctx.company).await?;
        tokens::insert(&mut tx, ctx.company, &token_hash, &row).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Who holds a bearer token.
    ///
    /// # Errors
    /// As any query; an unknown, expired or revoked token is `None`.
    pub async fn bearer(&self, token: &str) -> Result<Option<Context>> {
        let now = self.clock().now();
        let mut tx = self.db().look().await?;
        let found = tokens::find(&mut tx, &hashed(token), now).await?;
        let Some((company, user, scopes)) = found else { return Ok(None) };
        self.gates().seen(company.id);
        let limited =
            (scopes != "*").then(|| scopes.split(' ').filter_map(|word| word.parse().ok()).collect());
        holder(&mut tx, company, user, limited).await
    }
}

/// The context of a user, for whom a session or a token was found in the same transaction.
async fn holder(
    tx: &mut Tx,
    company: Company,
    user: UserId,
    scopes: Option<Vec<Action>>,
) -> Result<Option<Context>> {
    tx.enter(company.id).await?;
    let user = users::by_id(tx, company.id, user).await?;
    user.filter(|user| user.disabled_at.is_none()).map(|user| context_of(company, user, scopes)).transpose()
}

fn context_of(company: Company, user: User, scopes: Option<Vec<Action>>) -> Result<Context> {
    let broken = |what: &str| AppError::Internal(format!("company {} has an unusable {what}", company.code));
    Ok(Context {
        currency: company.currency.parse().map_err(|_| broken("currency"))?,
        zone: company.zone.parse().map_err(|_| broken("zone"))?,
        company: company.id,
        company_code: company.code,
        company_name: company.name,
        user: user.id,
        name: user.name,
        email: user.email,
        role: user.role,
        dealer: user.dealer_id,
        language: user.language,
        scopes,
    })
}

/// 256 random bits with a prefix that names what they are, and their hash.
fn secret(prefix: &str) -> Result<(String, Vec<u8>)> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| AppError::Internal(error.to_string()))?;
    let token = format!("{prefix}_{}", hex::encode(bytes));
    let hash = hashed(&token);
    Ok((token, hash))
}

fn hashed(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// argon2id with the library's defaults (19 MiB, 2 passes), off the async threads.
async fn hash_password(password: String) -> Result<String> {
    let task = tokio::task::spawn_blocking(move || {
        Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
    });
    let hash = task.await.map_err(|error| AppError::Internal(error.to_string()))?;
    hash.map_err(|error| AppError::Internal(error.to_string()))
}

/// Without a hash the work is done all the same, so that time does not tell whether the user exists.
async fn verify_password(hash: Option<String>, password: String) -> Result<bool> {
    let task = tokio::task::spawn_blocking(move || match hash {
        Some(hash) => PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()),
        None => {
            let same_work = Argon2::default().hash_password(password.as_bytes());
            debug_assert!(same_work.is_ok());
            false
        }
    });
    task.await.map_err(|error| AppError::Internal(error.to_string()))
}
