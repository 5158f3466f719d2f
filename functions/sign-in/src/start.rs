//! Leaving for the issuer: the attempt is remembered, and the browser goes on to the issuer's page.

use crate::refusal::Refusal;
use crate::{Failed, browser_cookie, browser_of, issuer, pages, random};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::http::header;
use sha2::{Digest, Sha256};
use shared::api::{App, Call, Caller, Error, FormLimit, Reply, is_same_origin, way_back};
use shared::review::OrganizationId;
use shared::store::SignInAttempt;
use url::Url;

/// `POST /inbox/sign-in/issuer`.
pub(crate) async fn start(app: &App, call: &Call) -> Result<(Option<Caller>, Reply), Failed> {
    if !is_same_origin(app, call) {
        return Err(Failed::Broken(Error::OtherOrigin));
    }
    let form = call.form(FormLimit::SIGN_IN)?;
    let of = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let organization = OrganizationId::parse(of("organization").unwrap_or_default());
    let organization = organization.map_err(|_| Refusal::NoSuchIssuer)?;
    let found = app.store.issuer(&organization, of("issuer").unwrap_or_default()).await?;
    let settings = found.ok_or(Refusal::NoSuchIssuer)?;
    let found = issuer::find(app.egress, &settings.url, call.now()).await?;
    let (state, nonce, verifier) = (random()?, random()?, random()?);
    // Several attempts of one browser share its cookie: two tabs do not disturb each other.
    let browser = match browser_of(app, call) {
        Some(browser) => browser.to_owned(),
        None => random()?,
    };
    let attempt = SignInAttempt {
        organization,
        issuer: settings.id,
        nonce,
        verifier,
        // The issuer knows it already, and sends nobody elsewhere.
        redirect_uri: app.url(call, "/inbox/sign-in/callback"),
        way_back: way_back(of("return")).to_owned(),
        browser: SignInAttempt::browser(&browser),
        invite: of("invite").filter(|it| !it.is_empty() && it.len() < 100).map(str::to_owned),
        started_at: call.now(),
    };
    let mut url = Url::parse(&found.metadata.authorization_endpoint)
        .map_err(|_| Refusal::EndpointNotAllowed("authorization_endpoint"))?;
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("scope", "openid profile email")
        .append_pair("client_id", &settings.client_id)
        .append_pair("redirect_uri", &attempt.redirect_uri)
        .append_pair("state", &state)
        .append_pair("nonce", &attempt.nonce)
        .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(&attempt.verifier)))
        .append_pair("code_challenge_method", "S256");
    app.store.begin_sign_in(&state, &attempt).await?;
    let cookie = browser_cookie(app, call, &browser, SignInAttempt::MILLIS / 1000);
    let page = pages::go_on("Going to the sign-in service", url.as_str(), "Continue");
    Ok((None, page.with_header(header::SET_COOKIE, &cookie)))
}
