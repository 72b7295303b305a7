//! Batches of SNS.

use std::{fmt::Display, future::Future};

use aws_lambda_events::sns::{SnsEvent, SnsRecord};

use super::{
    batch::Batch,
    run::{Failed, Item},
};

/// Runs `handler` for each record of an SNS event, one after the other.
///
/// Equivalent to [`Batch::new`]`().sns(event, handler)`. See the [module docs](super).
///
/// # Errors
///
/// Returns the first error of a record after all records have been handled. SNS then redelivers all of them.
pub async fn sns<H, F, E>(event: SnsEvent, handler: H) -> Result<(), E>
where
    H: FnMut(SnsRecord) -> F,
    F: Future<Output = Result<(), E>>,
    E: Display + 'static,
{
    Batch::new().sns(event, handler).await
}

impl Batch {
    /// Runs `handler` for each record of an SNS event.
    ///
    /// # Errors
    ///
    /// Returns the first error of a record after all records have been handled. SNS then redelivers all of
    /// them.
    pub async fn sns<H, F, E>(self, event: SnsEvent, handler: H) -> Result<(), E>
    where
        H: FnMut(SnsRecord) -> F,
        F: Future<Output = Result<(), E>>,
        E: Display + 'static,
    {
        let items = event.records.into_iter().map(|record| Item {
            record,
            group: None,
        });
        let failed = self.run(items, handler).await.into_iter().next();
        match failed {
            Some((_, Failed::Error(error))) => Err(error),
            Some((_, Failed::Panic(panic))) => panic.resume(),
            Some((_, Failed::Skipped)) | None => Ok(()),
        }
    }
}
