//! Implementations that take turns. One that fails is removed, and its error takes the place of its measurements.

use crate::implementation::Implementation;

/// A row of the report: the measurements of one implementation, or why there are none.
pub(crate) struct Row<M> {
    pub(crate) name: String,
    pub(crate) outcome: Result<M, String>,
}

/// Starts each implementation in a row of its own.
pub(crate) fn rows<M>(
    implementations: Vec<Implementation>,
    start: impl Fn(Implementation) -> Result<M, String>,
) -> Vec<Row<M>> {
    let row = |implementation: Implementation| Row {
        name: implementation.name.clone(),
        outcome: Ok(implementation),
    };
    let rows = implementations.into_iter().map(row);
    rows.map(|row| row.and_then(&start)).collect()
}

impl<M> Row<M> {
    /// Returns the same row with the result of a computation with the measurements.
    pub(crate) fn and_then<N>(self, compute: impl FnOnce(M) -> Result<N, String>) -> Row<N> {
        let outcome = self
            .outcome
            .and_then(|measured| compute(measured).inspect_err(|error| eprintln!("{}: {error}", self.name)));
        Row {
            name: self.name,
            outcome,
        }
    }
}

/// Runs a number of turns of all rows. A row that fails has no further turn.
///
/// Every second round has the opposite order. Otherwise, a row would always follow the same other row, whose effect on the
/// processor's caches and frequency would be part of its times.
pub(crate) fn turns<M>(rows: &mut [Row<M>], turns: usize, mut turn: impl FnMut(&mut M) -> Result<(), String>) {
    for round in 0..turns {
        let mut order: Vec<_> = rows.iter_mut().collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for row in order {
            let Ok(measured) = &mut row.outcome else {
                continue;
            };
            if let Err(error) = turn(measured) {
                eprintln!("{}: {error}", row.name);
                // Kills the process.
                row.outcome = Err(error);
            }
        }
    }
}
