//! How people sign in: the issuers, one page each, and whether API keys do.

use super::layout::{Wrong, asking, done, field, page, segment};
use super::{HOME, Visit, sent};
use crate::calls::sign_in::{self as calls, Secret};
use inbox::common::{SubmittedForm, form_token};
use maud::{Markup, html};
use shared::api::{Error, Reply};
use shared::review::visible;
use shared::store::{Issuer, SignInSettings};

/// `GET …/sign-in`.
pub(super) async fn show(visit: &Visit<'_>, wrong: Option<Wrong<'_>>) -> Result<Reply, Error> {
    let (settings, issuers) = calls::read(visit.app, visit.viewer.caller).await?;
    let said = [
        ("removed", "Removed: nobody signs in there any more. Sessions that it has begun end by themselves."),
        ("keys", "Saved."),
    ];
    let content = html! {
        (done(visit, &said))
        div.headline {
            h1 { "Sign-in" } span.count { (issuers.len()) }
            span.sep {}
            @if (issuers.len() as u64) < Issuer::LIMIT { a.button.primary href="#add" { "Add an issuer" } }
        }
        p.muted { "People sign in at an issuer that your organization has: Cognito, Entra, Okta, Google, Keycloak, or any other that speaks OpenID Connect." }
        @if wrong.is_some_and(|wrong| wrong.form.get("url").is_some()) { (add_form(visit, wrong)) }
        @if issuers.is_empty() {
            div.nothing { p.big { "There is no issuer yet" } p { "Until there is one, people sign in with API keys." } }
        } @else { (table(&issuers)) }
        @if wrong.is_none() && (issuers.len() as u64) < Issuer::LIMIT { (add_form(visit, None)) }
        (key_form(visit, settings))
    };
    Ok(page(visit, "sign-in", "Sign-in", wrong, &content))
}

fn table(issuers: &[Issuer]) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="Issuers" {
            table.listed {
                thead { tr { th { "Name" } th { "Issuer" } th { "Who is let in" } th { "Groups" } } }
                tbody {
                    @for issuer in issuers {
                        tr {
                            td data-label="Name" { a href={(HOME) "/sign-in/" (segment(&issuer.id))} { (visible(&issuer.name)) } }
                            td data-label="Issuer" { code { (visible(&issuer.url)) } }
                            td data-label="Who is let in" { @if issuer.lets_in { "everybody of " (visible(&issuer.email_domains.join(", "))) } @else { "members and invited people" } }
                            td data-label="Groups" { @if let Some(claim) = &issuer.groups_claim { code { (visible(claim)) } } @else { "as given here" } }
                        }
                    }
                }
            }
        }
    }
}

fn key_form(visit: &Visit<'_>, settings: SignInSettings) -> Markup {
    let allowed = settings.api_key_sign_in;
    html! {
        section {
            h2 { "API keys" }
            form.card method="post" action={(HOME) "/sign-in-keys"} {
                (form_token(visit.viewer))
                input type="hidden" name="version_stamp" value=(settings.rev);
                input type="hidden" name="state" value=(if allowed { "off" } else { "on" });
                @if allowed {
                    p { "People can sign in with an API key, too. Once an administrator has signed in at an issuer, you can end that. Keys of programs go on working." }
                    button { "Let nobody sign in with a key" }
                } @else {
                    p { "Nobody signs in with an API key. Keys of programs work." }
                    button { "Let API keys sign in" }
                }
            }
        }
    }
}

/// What a form is filled with: what was typed, or what is stored.
fn fields(issuer: Option<&Issuer>, wrong: Option<Wrong<'_>>) -> Markup {
    let value = |name: &str, stored: Option<String>| match wrong {
        Some(wrong) => wrong.typed(name).to_owned(),
        None => stored.unwrap_or_default(),
    };
    let lets_in =
        wrong.map_or_else(|| issuer.is_some_and(|it| it.lets_in), |it| it.form.get("lets_in").is_some());
    let has_secret = issuer.is_some_and(|issuer| issuer.client_secret.is_some());
    let secret_help = if has_secret {
        "One is stored and not shown. Leave this empty to keep it."
    } else {
        "Empty if the issuer has given you none. It is not shown again."
    };
    html! {
        (field("name", "Name", "What people read on the button: “Entra”.", &html! {
            input #name name="name" required maxlength=(Issuer::NAME_LIMIT) value=(value("name", issuer.map(|it| it.name.clone()))) autocomplete="off" aria-describedby="name-help"; }))
        (field("url", "Issuer URL", "Exactly as the issuer's own metadata says it, a slash at the end included. Public, and https.", &html! {
            input #url name="url" type="url" required value=(value("url", issuer.map(|it| it.url.clone()))) autocomplete="off" aria-describedby="url-help"; }))
        (field("client_id", "Client id", "", &html! {
            input #client_id name="client_id" required maxlength=(Issuer::CLIENT_ID_LIMIT) value=(value("client_id", issuer.map(|it| it.client_id.clone()))) autocomplete="off" spellcheck="false"; }))
        // A secret is never put back into a page.
        (field("client_secret", "Client secret", secret_help, &html! {
            input #client_secret name="client_secret" type="password" maxlength=(Issuer::SECRET_LIMIT) autocomplete="off" aria-describedby="client_secret-help"; }))
        @if has_secret {
            label.box { input type="checkbox" name="forget" value="1"; span { "Forget the stored secret" } }
        }
        (field("email_domains", "E-mail domains", "With commas between them: example.com.", &html! {
            input #email_domains name="email_domains" value=(value("email_domains", issuer.map(|it| it.email_domains.join(", ")))) autocomplete="off" spellcheck="false" aria-describedby="email_domains-help"; }))
        label.box { input type="checkbox" name="lets_in" value="1" checked[lets_in];
            span { "Let in everybody whose verified address is in these domains, as a reviewer" } }
        (field("groups_claim", "Claim with groups", "If the issuer sends groups: often “groups”, at Cognito “cognito:groups”.", &html! {
            input #groups_claim name="groups_claim" maxlength=(Issuer::CLAIM_LIMIT) value=(value("groups_claim", issuer.and_then(|it| it.groups_claim.clone()))) autocomplete="off" spellcheck="false" aria-describedby="groups_claim-help"; }))
    }
}

/// Where the issuer sends people back to.
fn redirect_uri(visit: &Visit<'_>) -> Markup {
    let uri = visit.app.url(visit.call, "/inbox/sign-in/callback");
    html! { p { "At the issuer, the redirect URI is " code { (visible(&uri)) } "." } }
}

fn add_form(visit: &Visit<'_>, wrong: Option<Wrong<'_>>) -> Markup {
    let id = wrong.map_or("", |wrong| wrong.form.get("id").unwrap_or_default());
    html! {
        section #add {
            h2 { "Add an issuer" }
            (redirect_uri(visit))
            form.card method="post" action={(HOME) "/sign-in"} {
                (form_token(visit.viewer))
                (field("id", "Id", "Short, for addresses: “entra”. It stays.", &html! {
                    input #id name="id" required maxlength="40" pattern="[a-z0-9\\-]+" value=(id) autocomplete="off" spellcheck="false" aria-describedby="id-help"; }))
                (fields(None, wrong))
                button.primary { "Add the issuer" }
            }
        }
    }
}

/// `GET …/sign-in/{id}`.
pub(super) async fn one(visit: &Visit<'_>, id: &str, wrong: Option<Wrong<'_>>) -> Result<Reply, Error> {
    let (_, issuers) = calls::read(visit.app, visit.viewer.caller).await?;
    let issuer = issuers.iter().find(|issuer| issuer.id == id).ok_or(Error::IssuerNotFound)?;
    let at = format!("{HOME}/sign-in/{}", segment(&issuer.id));
    let said = [
        ("added", "Added. Try it: sign in there in a private window before you rely on it."),
        ("changed", "Saved. It is used within ten minutes."),
    ];
    let typed = wrong.filter(|wrong| wrong.form.get("url").is_some());
    let content = html! {
        p { a href={(HOME) "/sign-in"} { "‹ Sign-in" } }
        (done(visit, &said))
        h1 { (visible(&issuer.name)) }
        (redirect_uri(visit))
        form.card method="post" action={(at) "/change"} {
            (form_token(visit.viewer))
            input type="hidden" name="version_stamp" value=(issuer.rev);
            (fields(Some(issuer), typed))
            button.primary { "Save" }
        }
        (asking(visit, &format!("{at}/remove"), "Remove", "Nobody signs in there any more. Members stay; sessions end by themselves."))
    };
    Ok(page(visit, "sign-in", &visible(&issuer.name), wrong, &content))
}

fn issuer(visit: &Visit<'_>, id: &str, form: &SubmittedForm) -> (Issuer, Secret) {
    let text = |name: &str| form.text(name).unwrap_or_default().trim().to_owned();
    let domains = text("email_domains");
    let domains = domains.split(|letter: char| letter == ',' || letter.is_whitespace());
    let issuer = Issuer {
        organization: visit.viewer.caller.organization.clone(),
        id: id.to_owned(),
        name: text("name"),
        url: text("url"),
        client_id: text("client_id"),
        client_secret: None,
        // One more than there can be is enough to say so.
        email_domains: domains
            .filter(|domain| !domain.is_empty())
            .take(Issuer::DOMAINS + 1)
            .map(Issuer::domain)
            .collect(),
        lets_in: form.get("lets_in").is_some(),
        groups_claim: Some(text("groups_claim")).filter(|claim| !claim.is_empty()),
        rev: 0,
    };
    let secret = match (form.get("forget"), text("client_secret")) {
        (Some(_), _) => Secret::Forget,
        (None, secret) if secret.is_empty() => Secret::Keep,
        (None, secret) => Secret::Set(secret),
    };
    (issuer, secret)
}

/// `POST …/sign-in`.
pub(super) async fn add(visit: &Visit<'_>, form: &SubmittedForm) -> Result<Reply, Error> {
    let id = form.text("id").unwrap_or_default();
    let (issuer, secret) = issuer(visit, id.trim(), form);
    let caller = visit.viewer.caller;
    let added = calls::put(visit.app, caller, visit.call.now(), issuer, None, secret).await?;
    Ok(Reply::see_other(&format!("{HOME}/sign-in/{}?done=added", segment(&added.id))))
}

/// `POST …/sign-in-keys`.
pub(super) async fn set_keys(visit: &Visit<'_>, form: &SubmittedForm) -> Result<Reply, Error> {
    let stamp = sent::stamp(form)?;
    let allowed = form.get("state") == Some("on");
    calls::set_key_sign_in(visit.app, visit.viewer.caller, visit.call.now(), stamp, allowed).await?;
    Ok(Reply::see_other(&format!("{HOME}/sign-in?done=keys")))
}

/// `POST …/sign-in/{id}/{action}`.
pub(super) async fn act(
    visit: &Visit<'_>,
    id: &str,
    action: &str,
    form: &SubmittedForm,
) -> Result<Reply, Error> {
    let (app, caller, now) = (visit.app, visit.viewer.caller, visit.call.now());
    match action {
        "change" => {
            let (_, issuers) = calls::read(app, caller).await?;
            if issuers.iter().all(|issuer| issuer.id != id) {
                return Err(Error::IssuerNotFound);
            }
            let (issuer, secret) = issuer(visit, id, form);
            calls::put(app, caller, now, issuer, Some(sent::stamp(form)?), secret).await?;
            Ok(Reply::see_other(&format!("{HOME}/sign-in/{}?done=changed", segment(id))))
        }
        "remove" => {
            calls::remove(app, caller, now, id).await?;
            Ok(Reply::see_other(&format!("{HOME}/sign-in?done=removed")))
        }
        _ => Err(Error::RouteNotFound),
    }
}
