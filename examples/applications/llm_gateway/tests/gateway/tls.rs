//! An upstream with TLS.
//!
//! The files in `tls` are self-signed certificates for `localhost`, and the key of one of them, which protects nothing:
//!
//! ```sh
//! openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj '/CN=lambda-stream test' \
//!   -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE \
//!   -keyout localhost.key.pem -out localhost.pem
//! ```

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use crate::fake_upstream::completion;
use crate::{error_of, request, start_with, status};

/// Starts an upstream for one request, and returns its base URL.
fn upstream() -> String {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/localhost.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/localhost.key.pem")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream);
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        while !request.ends_with(b"}") {
            match stream.read(&mut buffer) {
                Ok(size @ 1..) => request.extend_from_slice(&buffer[..size]),
                // The gateway rejects the certificate.
                _ => return,
            }
        }
        let body = completion(&json!({"role": "assistant", "content": "Hi"})).to_string();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length";
        write!(stream, "{head}: {}\r\n\r\n{body}", body.len()).unwrap();
    });
    format!("https://localhost:{port}/v1")
}

#[test]
fn certificate_of_upstream_is_verified() {
    for (trusted, is_valid) in [("localhost.pem", true), ("other.pem", false)] {
        let url = upstream();
        let gateway = start_with(|command| {
            let models = json!({"small": {"base_url": url}});
            let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gateway/tls");
            command
                .env("GATEWAY_MODELS", models.to_string())
                .env("SSL_CERT_FILE", directory.join(trusted))
                .env_remove("SSL_CERT_DIR");
        });
        let response = gateway.queue(request(json!({}))).wait();
        if is_valid {
            assert_eq!(status(&response), 200);
        } else {
            error_of(&response, 502);
            gateway
                .function
                .wait_for_stderr(|log| log.contains("invalid peer certificate"));
        }
    }
}
