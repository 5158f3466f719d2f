//! The code for an identity token, at the issuer's token endpoint.

use crate::issuer::{Metadata, send};
use crate::refusal::Refusal;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::{Serializer, byte_serialize};
use lambda_http::http::{Request, StatusCode, header};
use serde::Deserialize;
use shared::egress::Egress;
use shared::store::{Issuer, SignInAttempt};

/// Largest answer, in bytes: three tokens, of which one may hold two hundred groups.
const ANSWER_LIMIT: usize = 128 * 1024;

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// Exchanges a code. What the issuer sends besides the identity token is dropped.
pub(crate) async fn exchange(
    egress: Egress,
    issuer: &Issuer,
    metadata: &Metadata,
    attempt: &SignInAttempt,
    code: &str,
) -> Result<String, Refusal> {
    const WHAT: &str = "token";
    let (basic, posted) = authentication(issuer, metadata);
    let form = form(issuer, attempt, code, posted);
    let mut request = Request::post(&metadata.token_endpoint)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json");
    if let Some(basic) = basic {
        request = request.header(header::AUTHORIZATION, basic);
    }
    let request = request.body(form.into_bytes());
    let request = request.map_err(|_| Refusal::EndpointNotAllowed("token_endpoint"))?;
    let answer = send(egress, WHAT, request, ANSWER_LIMIT).await?;
    match answer.status() {
        status if status.is_success() => {}
        // `invalid_grant`: the code is used, expired, of another client, or does not fit the verifier.
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            return Err(Refusal::CodeRefused);
        }
        status => return Err(Refusal::Status(WHAT, status.as_u16())),
    }
    let tokens: Tokens = serde_json::from_slice(answer.body()).map_err(|_| Refusal::Unreadable(WHAT))?;
    Ok(tokens.id_token)
}

fn form(issuer: &Issuer, attempt: &SignInAttempt, code: &str, secret: Option<&str>) -> String {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", &attempt.redirect_uri)
        .append_pair("code_verifier", &attempt.verifier)
        .append_pair("client_id", &issuer.client_id);
    if let Some(secret) = secret {
        form.append_pair("client_secret", secret);
    }
    form.finish()
}

/// How we say who we are: a header, or a secret in the form; neither without a secret. What an issuer does not say is `Basic`
/// (OpenID Connect Discovery 1.0, section 3).
fn authentication<'a>(issuer: &'a Issuer, metadata: &Metadata) -> (Option<String>, Option<&'a str>) {
    let Some(secret) = issuer.client_secret.as_deref() else { return (None, None) };
    let methods = metadata.token_endpoint_auth_methods_supported.as_deref();
    let takes = |method: &str| methods.is_none_or(|methods| methods.iter().any(|it| it == method));
    if !takes("client_secret_basic") && takes("client_secret_post") {
        return (None, Some(secret));
    }
    // Both are encoded as in a form, first (RFC 6749, 2.3.1).
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(&issuer.client_id), encoded(secret));
    (Some(format!("Basic {}", STANDARD.encode(pair))), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::review::OrganizationId;

    #[test]
    fn a_client_says_who_it_is_as_the_issuer_allows() {
        let of = |secret: Option<&str>, methods: Option<&[&str]>| {
            let issuer = Issuer {
                organization: OrganizationId::parse("org").unwrap(),
                id: "a".into(),
                name: "A".into(),
                url: "https://a.example".into(),
                client_id: "us er".into(),
                client_secret: secret.map(str::to_owned),
                email_domains: Vec::new(),
                lets_in: false,
                groups_claim: None,
                rev: 0,
            };
            let metadata = serde_json::json!({ "issuer": "", "authorization_endpoint": "", "token_endpoint": "", "jwks_uri": "",
                "token_endpoint_auth_methods_supported": methods });
            let metadata: Metadata = serde_json::from_value(metadata).unwrap();
            let (basic, posted) = authentication(&issuer, &metadata);
            (basic, posted.map(str::to_owned))
        };
        let basic = Some(format!("Basic {}", STANDARD.encode("us+er:a%3Ab")));
        assert_eq!(of(Some("a:b"), None), (basic.clone(), None));
        assert_eq!(
            of(Some("a:b"), Some(&["client_secret_post", "client_secret_basic"])),
            (basic.clone(), None)
        );
        assert_eq!(of(Some("a:b"), Some(&["client_secret_post"])), (None, Some("a:b".into())));
        assert_eq!(of(None, Some(&["none"])), (None, None));
    }
}
