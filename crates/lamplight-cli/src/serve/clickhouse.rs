//! The store in ClickHouse.

use std::sync::Arc;

use lamplight_view::store::{ClickHouseStore, Store, StoreError};

use crate::output::print_error;

/// Returns the store at an address. A server that cannot be reached is a warning, since it may come
/// back; pages show the same.
pub(super) fn store(address: &str, create: bool) -> Result<Arc<dyn Store>, StoreError> {
    let variable = |name| std::env::var(name).ok().filter(|text| !text.is_empty());
    let store = ClickHouseStore::new(address)?
        .or_credentials(variable("CLICKHOUSE_USER"), variable("CLICKHOUSE_PASSWORD"));
    if create {
        store.create_tables()?;
    }
    if let Err(error) = store.check() {
        print_error(&format!("warning: {}: {error}", store.place()));
    }
    Ok(Arc::new(store))
}
