//! Concurrent invocations on several threads do not mix.

use std::time::Duration;

use lambda_stream::testing::{Delivery, Invocation};
use lambda_stream::{Context, Error, Payload, ResponseStream};

/// Writes its number and its ids from a task and from the handler, and fails or panics by its number.
async fn handler(Payload(number): Payload<u32>, context: Context, mut stream: ResponseStream) -> Result<(), Error> {
    if number % 4 == 3 {
        return Err(Error::new(number));
    }
    let mut stream = tokio::spawn(async move {
        for _ in 0..20 {
            stream.write(format!("{number},")).await?;
            tokio::task::yield_now().await;
        }
        Ok::<_, Error>(stream)
    })
    .await??;
    stream
        .write(format!("{}/{}", context.request_id(), context.tenant_id().unwrap()))
        .await?;
    match number % 4 {
        0 => Ok(()),
        1 => Err(Error::new(number)),
        _ => panic!("{number}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn invocations_on_several_threads_do_not_mix() {
    let invocations: Vec<_> = (0..64_u32)
        .map(|number| {
            let invocation = Invocation::new(number).timeout(Duration::from_secs(600));
            let invocation = invocation
                .request_id(format!("id-{number}"))
                .tenant_id(format!("tenant-{number}"));
            tokio::spawn(invocation.run(handler))
        })
        .collect();
    for (number, invocation) in invocations.into_iter().enumerate() {
        let response = invocation.await.unwrap();
        let error = response.error().map(|error| (error.error_type(), error.to_string()));
        let expected_error = match number % 4 {
            0 => None,
            1 | 3 => Some("Function.Error"),
            _ => Some("Function.Panic"),
        };
        assert_eq!(error, expected_error.map(|error_type| (error_type, number.to_string())));
        if number % 4 == 3 {
            assert_eq!(response.delivery(), Delivery::Reported);
            continue;
        }
        let body = format!("{number},").repeat(20) + &format!("id-{number}/tenant-{number}");
        assert_eq!(response.body(), body);
        assert_eq!(
            response.chunks().len(),
            21,
            "one for each write, on several threads as well"
        );
    }
}
