//! The auth type `AWS_IAM` of a Function URL: requests must have a Signature Version 4.
//!
//! The signature itself is not verified, since local mode does not know the secret keys. A caller that signs for another
//! service than Lambda, or not at all, gets Lambda's error.

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

use super::super::server::rejection::json_response;
use crate::event::encode::query_pairs;

/// The algorithm of Signature Version 4.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The account of the function and of all callers.
const ACCOUNT: &str = "000000000000";

/// The unique id of the placeholder user that all callers are.
const USER_ID: &str = "AIDALOCALMODEEXAMPLE1";

/// Who signed a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Caller {
    access_key: String,
}

impl Caller {
    /// Returns the caller that the signature of the request names, in the header `Authorization` or in the query.
    ///
    /// # Errors
    /// Returns why the request has no acceptable signature, and what to do.
    pub(super) fn of(request: &Parts) -> Result<Self, String> {
        let query = request.uri.query().unwrap_or_default();
        match authorization(&request.headers)? {
            Some(authorization) => from_header(authorization),
            None if query_value(query, "X-Amz-Algorithm").is_some() => from_query(query),
            None => Err(
                "the auth type of the Function URL is AWS_IAM, and the request has no signature: sign it (curl \
                 --aws-sigv4 aws:amz:REGION:lambda --user KEY:SECRET, with any key and secret), or start with --auth none"
                    .to_owned(),
            ),
        }
    }

    /// Adds the caller to an event in payload format 2.0. All but the access key are placeholders.
    pub(super) fn add_to(&self, event: &mut Value) {
        let context = &mut event["requestContext"];
        context["accountId"] = ACCOUNT.into();
        context["authentication"] = Value::Null;
        context["authorizer"] = json!({"iam": {
            "accessKey": self.access_key,
            "accountId": ACCOUNT,
            "callerId": USER_ID,
            "cognitoIdentity": null,
            "principalOrgId": null,
            "userArn": format!("arn:aws:iam::{ACCOUNT}:user/local"),
            "userId": USER_ID,
        }});
    }
}

/// Returns Lambda's response to a request without an acceptable signature.
pub(super) fn forbidden() -> Response<Full<Bytes>> {
    let mut response = json_response(Bytes::from_static(br#"{"Message":"Forbidden"}"#));
    *response.status_mut() = StatusCode::FORBIDDEN;
    let error_type = http::HeaderValue::from_static("AccessDeniedException");
    response.headers_mut().insert("x-amzn-errortype", error_type);
    response
}

fn authorization(headers: &HeaderMap) -> Result<Option<&str>, String> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => match value.to_str() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err("the Authorization header is not ASCII: send the header of Signature Version 4".to_owned()),
        },
        (Some(_), Some(_)) => Err("the request has two Authorization headers: send one".to_owned()),
    }
}

/// Reads a header such as `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/lambda/aws4_request, SignedHeaders=host,
/// Signature=HEX`.
fn from_header(authorization: &str) -> Result<Caller, String> {
    let parameters = authorization
        .strip_prefix(ALGORITHM)
        .filter(|rest| rest.starts_with([' ', '\t']))
        .ok_or_else(|| {
            format!(
                "the auth type of the Function URL is AWS_IAM, and the Authorization header is not one of {ALGORITHM}: \
                 sign the request, or start with --auth none"
            )
        })?;
    let parameter = |name: &str| {
        let mut parameters = parameters.split(',').filter_map(|item| item.trim().split_once('='));
        let value = parameters
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned());
        value.ok_or_else(|| {
            format!("the Authorization header has no `{name}`: sign the request with Signature Version 4")
        })
    };
    verify_form(&parameter("SignedHeaders")?, &parameter("Signature")?)?;
    from_credential(&parameter("Credential")?)
}

/// Reads the query of a presigned URL.
fn from_query(query: &str) -> Result<Caller, String> {
    let parameter = |name: &str| {
        query_value(query, name)
            .ok_or_else(|| format!("the query of the presigned URL has no `{name}`: sign it with Signature Version 4"))
    };
    let algorithm = parameter("X-Amz-Algorithm")?;
    if algorithm != ALGORITHM {
        return Err(format!(
            "the algorithm of the presigned URL is `{}`: sign it with {ALGORITHM}",
            algorithm.escape_debug()
        ));
    }
    verify_form(&parameter("X-Amz-SignedHeaders")?, &parameter("X-Amz-Signature")?)?;
    from_credential(&parameter("X-Amz-Credential")?)
}

fn query_value(query: &str, name: &str) -> Option<String> {
    let mut pairs = query_pairs(query);
    pairs.find(|(key, _)| key == name).map(|(_, value)| value)
}

fn verify_form(signed_headers: &str, signature: &str) -> Result<(), String> {
    if !signed_headers.split(';').any(|name| name == "host") {
        return Err("the signature does not cover the header `host`: sign at least this header".to_owned());
    }
    if signature.len() != 64 || !signature.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("the signature is not 64 hexadecimal digits: sign the request with Signature Version 4".to_owned());
    }
    Ok(())
}

/// Reads a credential: `KEY/DATE/REGION/SERVICE/aws4_request`.
fn from_credential(credential: &str) -> Result<Caller, String> {
    let parts: Vec<&str> = credential.split('/').collect();
    match parts.as_slice() {
        [access_key, date, region, "lambda", "aws4_request"]
            if is_word(access_key) && date.len() == 8 && is_word(date) && !region.is_empty() =>
        {
            Ok(Caller {
                access_key: (*access_key).to_owned(),
            })
        }
        [_, _, _, service, "aws4_request"] if *service != "lambda" => Err(format!(
            "the request is signed for the service `{}`: sign it for `lambda`",
            service.escape_debug()
        )),
        _ => Err(format!(
            "the credential of the signature is `{}`: sign with a credential of the form \
             KEY/YYYYMMDD/REGION/lambda/aws4_request",
            credential.escape_debug()
        )),
    }
}

/// Returns whether the text is not empty, and consists of letters and digits.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= 128 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNATURE: &str = "fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024";

    fn caller(uri: &str, authorization: &[&str]) -> Result<Caller, String> {
        let request = http::Request::get(uri);
        let request = authorization
            .iter()
            .fold(request, |request, value| request.header(AUTHORIZATION, *value));
        Caller::of(&request.body(()).unwrap().into_parts().0)
    }

    fn header(credential: &str) -> String {
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;x-amz-date, Signature={SIGNATURE}")
    }

    fn presigned(credential: &str) -> String {
        let credential = credential.replace('/', "%2F");
        format!(
            "/a?b=c&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date=20260101T000000Z\
             &X-Amz-Expires=300&X-Amz-SignedHeaders=host&X-Amz-Signature={SIGNATURE}"
        )
    }

    #[test]
    fn signed_request_names_its_access_key() {
        let credential = "AKIDEXAMPLE/20260101/eu-west-1/lambda/aws4_request";
        let expected = Caller {
            access_key: "AKIDEXAMPLE".to_owned(),
        };
        assert_eq!(caller("/", &[&header(credential)]).as_ref(), Ok(&expected));
        // Without spaces, as some signers write it.
        assert_eq!(
            caller("/", &[&header(credential).replace(", ", ",")]).as_ref(),
            Ok(&expected)
        );
        assert_eq!(caller(&presigned(credential), &[]).as_ref(), Ok(&expected));
    }

    #[test]
    fn request_without_acceptable_signature_is_an_error() {
        let valid = header("AKID/20260101/us-east-1/lambda/aws4_request");
        for (authorization, reason) in [
            (vec![], "has no signature"),
            (vec!["Bearer abc"], "is not one of AWS4-HMAC-SHA256"),
            (vec!["AWS4-HMAC-SHA256"], "is not one of AWS4-HMAC-SHA256"),
            (vec!["AWS4-HMAC-SHA256x Credential=a"], "is not one of AWS4-HMAC-SHA256"),
            (vec!["AWS4-HMAC-SHA256 "], "no `SignedHeaders`"),
            (vec!["AWS4-HMAC-SHA256 Credential=a"], "no `SignedHeaders`"),
            (
                vec!["AWS4-HMAC-SHA256 SignedHeaders=host, Signature=a"],
                "not 64 hexadecimal digits",
            ),
            (vec![valid.as_str(), valid.as_str()], "two Authorization headers"),
        ] {
            let error = caller("/", &authorization).unwrap_err();
            assert!(error.contains(reason), "{authorization:?}: {error}");
        }
        for (credential, reason) in [
            ("AKID/20260101/us-east-1/s3/aws4_request", "for the service `s3`"),
            ("AKID/20260101/us-east-1/lambda", "of the form"),
            ("AKID/2026/us-east-1/lambda/aws4_request", "of the form"),
            ("/20260101/us-east-1/lambda/aws4_request", "of the form"),
            ("A\u{7f}/20260101/us-east-1/lambda/aws4_request", "of the form"),
            ("A/B/20260101/us-east-1/lambda/aws4_request", "of the form"),
        ] {
            let error = caller(&presigned(&credential.replace('\u{7f}', "%7F")), &[]).unwrap_err();
            assert!(error.contains(reason), "{credential}: {error}");
        }
        let unsigned = header("AKID/20260101/us-east-1/lambda/aws4_request").replace("host;", "");
        assert!(
            caller("/", &[&unsigned])
                .unwrap_err()
                .contains("does not cover the header `host`")
        );
        let other = presigned("a").replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256");
        assert!(
            caller(&other, &[])
                .unwrap_err()
                .contains("sign it with AWS4-HMAC-SHA256")
        );
    }
}
