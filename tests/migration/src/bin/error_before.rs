//! Errors with a type of their own, with `lambda_runtime`.

use std::num::ParseIntError;

use lambda_runtime::{Diagnostic, Error, LambdaEvent, run, service_fn};

#[derive(Debug)]
enum OrderError {
    Quantity(ParseIntError),
    OutOfStock(u32),
}

impl From<ParseIntError> for OrderError {
    fn from(error: ParseIntError) -> Self {
        Self::Quantity(error)
    }
}

impl From<OrderError> for Diagnostic {
    fn from(error: OrderError) -> Self {
        let (error_type, error_message) = match error {
            OrderError::Quantity(error) => ("Order.InvalidQuantity", error.to_string()),
            OrderError::OutOfStock(quantity) => ("Order.OutOfStock", format!("{quantity} are not in stock")),
        };
        Self {
            error_type: error_type.to_owned(),
            error_message,
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    run(service_fn(handler)).await
}

async fn handler(event: LambdaEvent<String>) -> Result<String, OrderError> {
    match event.payload.parse()? {
        quantity @ 11.. => Err(OrderError::OutOfStock(quantity)),
        quantity => Ok(format!("{quantity} ordered")),
    }
}
