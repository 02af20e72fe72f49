//! Errors with a type of their own.

use std::num::ParseIntError;

use lambda_stream::{Error, IntoError, Json};

enum OrderError {
    Quantity(ParseIntError),
    OutOfStock(u32),
}

impl From<ParseIntError> for OrderError {
    fn from(error: ParseIntError) -> Self {
        Self::Quantity(error)
    }
}

/// Lets the compiler tell this implementation from those of the library.
enum OrderErrorMarker {}

impl IntoError<OrderErrorMarker> for OrderError {
    fn into_error(self) -> Error {
        match self {
            Self::Quantity(error) => Error::new(error).with_type("Order.InvalidQuantity"),
            Self::OutOfStock(quantity) => {
                Error::new(format!("{quantity} are not in stock")).with_type("Order.OutOfStock")
            }
        }
    }
}

#[lambda_stream::main]
async fn handler(quantity: String) -> Result<Json<String>, OrderError> {
    match quantity.parse()? {
        quantity @ 11.. => Err(OrderError::OutOfStock(quantity)),
        quantity => Ok(Json(format!("{quantity} ordered"))),
    }
}
