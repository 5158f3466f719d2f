//! The page on which one signs in.

use crate::pages::elements::notice;
use crate::pages::frame::{Frame, Layout};
use crate::paths::{self, HOME};
use crate::session::draft::Draft;
use crate::session::sign_in::Reason;
use lambda_http::http::{StatusCode, header};
use maud::Markup;
use maud::html;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use shared::api::{App, Call, Error, FieldErrors, Reply, cookie_name_for};
use shared::review::{OrganizationId, visible};
use shared::store::{Issuer, Scope};

/// How long a browser remembers its organization, in seconds: a year.
const REMEMBERED: i64 = 31_536_000;

/// Redirects to the sign-in page, and from there back.
pub(crate) fn ask(call: &Call) -> Reply {
    let target = call.target();
    let back = paths::way_back(Some(&target));
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("return", back).finish();
    Reply::see_other(&format!("{HOME}/sign-in?{query}"))
}

/// The page on which one signs in. `draft` is what was typed before.
pub(crate) async fn page(
    app: &App,
    call: &Call,
    back: &str,
    reason: Reason,
    draft: Option<&Draft>,
) -> Result<Reply, Error> {
    let ways = Ways::of(app, call).await?;
    let reply = render(app, back, reason, draft, &ways);
    Ok(match &ways.remember {
        Some(organization) => reply.with_header(header::SET_COOKIE, &remembered(app, call, organization)),
        None => reply,
    })
}

fn render(app: &App, back: &str, reason: Reason, draft: Option<&Draft>, ways: &Ways) -> Reply {
    let (status, said) = match reason {
        Reason::None => (StatusCode::OK, None),
        Reason::SignedOut => (StatusCode::OK, Some(("good", "You are signed out."))),
        Reason::BadKey => (
            StatusCode::UNAUTHORIZED,
            Some(("bad", "This key is not valid. It may be mistyped, revoked or expired.")),
        ),
        Reason::MayNotRead => (
            StatusCode::FORBIDDEN,
            Some(("bad", "This key may not read reviews: it lacks the scope “read”.")),
        ),
        Reason::KeysAreOff => (
            StatusCode::FORBIDDEN,
            Some((
                "bad",
                "Your organization does not sign in with API keys here. Use one of the other ways.",
            )),
        ),
        Reason::Ended => (StatusCode::UNAUTHORIZED, Some(("bad", "Your session has ended. Sign in again."))),
        Reason::EndedTyping => (
            StatusCode::UNAUTHORIZED,
            Some((
                "bad",
                "Your session has ended. Sign in again: what you typed is kept, and shown to you before it is saved.",
            )),
        ),
        Reason::TooMany { .. } => (
            StatusCode::TOO_MANY_REQUESTS,
            Some((
                "bad",
                "Too many wrong keys came from your address. Wait ten minutes, and try again. What you typed before is kept.",
            )),
        ),
        Reason::EndedTypingMuch => (
            StatusCode::PAYLOAD_TOO_LARGE,
            Some((
                "bad",
                "Your session has ended, and what you typed is too long to be kept here. It is not lost: sign in in another \
                 tab, then load this page again. Your browser asks whether to send the form again: it is shown to you before \
                 it is saved.",
            )),
        ),
    };
    let content = html! {
        div.sign-in data-signed-out[reason == Reason::SignedOut] {
            h1 { "Sign in" }
            @if let Some((kind, text)) = said { (notice(kind, &html! { (text) })) }
            (ways.forms(back, draft.is_some()))
            @if ways.keys { (key_form(back, draft, ways.issuers.is_empty())) }
        }
    };
    let reply = Frame { title: "Sign in", viewer: None, layout: Layout::plain(), content, form: None }
        .reply(Some(app), status);
    match reason {
        Reason::None | Reason::SignedOut => reply,
        Reason::BadKey | Reason::Ended | Reason::EndedTyping | Reason::EndedTypingMuch => {
            reply.failed_with(Error::Unauthenticated.code())
        }
        Reason::MayNotRead | Reason::KeysAreOff => {
            reply.failed_with(Error::Forbidden { scope: Scope::Read }.code())
        }
        Reason::TooMany { seconds } => {
            reply.failed_with("too_many_sign_ins").with_header(header::RETRY_AFTER, &seconds.to_string())
        }
    }
}

/// The ways to sign in. An organization that does not exist has the same ones as one without issuers.
struct Ways {
    organization: Option<OrganizationId>,
    issuers: Vec<Issuer>,
    keys: bool,
    /// The invite in the address, and whether it can be used.
    invite: Option<(String, bool)>,
    /// An organization that the address names, to be remembered.
    remember: Option<OrganizationId>,
}

impl Ways {
    async fn of(app: &App, call: &Call) -> Result<Self, Error> {
        let query = call.query(&["organization", "invite"], &mut FieldErrors::new());
        let of = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let token = of("invite").filter(|token| token.len() == 43);
        let invited = match token {
            Some(token) => app.store.invite(token, call.now()).await?.map(|invite| invite.organization),
            None => None,
        };
        let invite = token.map(|token| (token.to_owned(), invited.is_some()));
        let parse = |text: &str| OrganizationId::parse(text.trim()).ok();
        let named = invited.or_else(|| of("organization").and_then(parse));
        // An id may hold what separates a cookie's attributes, so it is encoded there.
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().ok().and_then(|text| parse(&text));
        let known = call.cookie(&cookie_name_for(app, call, "organization")).and_then(decoded);
        let organization = named.clone().or(known).or_else(|| app.organization.clone());
        let (issuers, keys) = match &organization {
            None => (Vec::new(), true),
            Some(organization) => (
                app.store.issuers(organization).await?,
                app.store.sign_in_settings(organization).await?.api_key_sign_in,
            ),
        };
        Ok(Self { organization, issuers, keys, invite, remember: named })
    }

    /// A button for each issuer, and the question for which organization. A browser that goes to an issuer leaves the page: with
    /// something typed it does so in another tab.
    fn forms(&self, back: &str, has_draft: bool) -> Markup {
        let invite = self.invite.as_ref();
        html! {
            @match invite {
                Some((_, true)) => p { "You are invited to " b { (self.name()) } ". Sign in to accept." },
                Some((_, false)) => (notice("bad", &html! { "This invite was used, or has expired. Ask for a new one." })),
                None => @if !self.issuers.is_empty() { p.muted { "for " b { (self.name()) } } },
            }
            @if has_draft && !self.issuers.is_empty() {
                p { "The buttons open another tab. Sign in there, come back, and load this page again: what you typed is sent again." }
            }
            @for issuer in &self.issuers {
                form.issuer method="post" action={(HOME) "/sign-in/issuer"} target=[has_draft.then_some("_blank")] {
                    input type="hidden" name="organization" value=(issuer.organization);
                    input type="hidden" name="issuer" value=(issuer.id);
                    input type="hidden" name="return" value=(back);
                    @if let Some((token, true)) = invite { input type="hidden" name="invite" value=(token); }
                    button.primary { "Continue with " bdi { (visible(&issuer.name)) } }
                }
            }
            @if self.issuers.is_empty() && self.organization.is_some() {
                p.muted { "Nothing to sign in with is set up for " b { (self.name()) } " but API keys." }
            }
            details.other open[self.organization.is_none()] {
                summary { @if self.organization.is_none() { "Your organization" } @else { "Another organization" } }
                form method="get" action={(HOME) "/sign-in"} {
                    input type="hidden" name="return" value=(back);
                    label for="organization" { "Organization" }
                    input #organization name="organization" required maxlength="128" autocomplete="organization" spellcheck="false"
                        autocapitalize="none" aria-describedby="organization-help";
                    p #organization-help.muted { "Its id, as your administrator has it. This browser remembers it for a year." }
                    button { "Continue" }
                }
            }
        }
    }

    fn name(&self) -> String {
        self.organization.as_ref().map(ToString::to_string).unwrap_or_default()
    }
}

/// The form for an API key: folded where there is another way.
fn key_form(back: &str, draft: Option<&Draft>, is_open: bool) -> Markup {
    html! {
        details.other open[is_open || draft.is_some()] {
            summary { "With an API key" }
            form method="post" action={(HOME) "/sign-in"} {
                input type="hidden" name="return" value=(back);
                @if let Some(draft) = draft { input type="hidden" name="draft" value=(draft.as_str()); }
                label for="key" { "API key" }
                input #key name="key" type="password" required autocomplete="current-password" spellcheck="false"
                    autofocus[is_open] aria-describedby="key-help" placeholder="hp_…";
                p #key-help.muted { "An administrator gives you one. It is exchanged for a session of at most eight hours and kept nowhere." }
                button.primary[is_open] { "Sign in" }
            }
        }
    }
}

/// The cookie that remembers an organization. It is no secret.
fn remembered(app: &App, call: &Call, organization: &OrganizationId) -> String {
    let secure = if app.https { "; Secure" } else { "" };
    let name = cookie_name_for(app, call, "organization");
    let value = utf8_percent_encode(organization.as_str(), NON_ALPHANUMERIC);
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={REMEMBERED}{secure}")
}
