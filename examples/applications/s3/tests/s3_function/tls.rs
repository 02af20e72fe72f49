//! TLS, which the endpoints of AWS require.

use test_support::{Event, MockRuntimeApi, Process, TemporaryDirectory};

use crate::HttpResponse;
use crate::python::Script;

#[test]
fn object_arrives_over_tls() {
    let directory = TemporaryDirectory::new("s3-tls");
    let authority = directory.file("authority.pem");
    let Some(server) = Script::start("tls.py", Some(&authority)) else {
        return;
    };
    let lambda = MockRuntimeApi::start();
    for (trusted, status, text) in [(true, 200, "over TLS"), (false, 502, "the storage failed\n")] {
        let mut command = crate::command(&server.url);
        if trusted {
            command.env("SSL_CERT_FILE", &authority);
        }
        let function = Process::spawn_function_with(command, &lambda);
        let response = lambda.invoke(Event::function_url("GET", "/key"));
        let http = HttpResponse::of(&response);
        assert_eq!((http.status, http.text()), (status, text));
        if !trusted {
            function.wait_for_stderr(|log| log.contains("UnknownIssuer"));
        }
        function.signal("TERM");
        assert_eq!(function.exit_code(), Some(0));
    }
}
