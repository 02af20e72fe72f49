//! Invalid configurations.

use test_support::{MockRuntimeApi, Process};

#[test]
fn invalid_configuration_fails_init_with_reason() {
    for (variable, value, message) in [
        ("BUCKET", "", "BUCKET is not set: set it to the name of a bucket"),
        (
            "PREFIX",
            "public",
            "invalid PREFIX \"public\": it must end with a slash, such as public/",
        ),
        (
            "STALL_TIMEOUT_SECONDS",
            "0",
            "invalid STALL_TIMEOUT_SECONDS \"0\": set it to a number of seconds, such as 10",
        ),
        (
            "STALL_TIMEOUT_SECONDS",
            "5s",
            "invalid STALL_TIMEOUT_SECONDS \"5s\": set it to a number of seconds, such as 10",
        ),
        (
            "AWS_REGION",
            "",
            "no AWS region: set AWS_REGION to the region of the bucket",
        ),
    ] {
        let lambda = MockRuntimeApi::start();
        let mut command = crate::command("http://127.0.0.1:1");
        match value {
            "" => command.env_remove(variable),
            _ => command.env(variable, value),
        };
        let function = Process::spawn_function_with(command, &lambda);
        let error = lambda.wait_for_init_error().error();
        assert_eq!(error.message, message);
        assert_eq!(function.exit_code(), Some(1));
    }
}
