//! The HTTP client shared by all configurations, and its connections.

use std::sync::{Arc, LazyLock, Mutex};

use aws_smithy_http_client::{Builder, ConnectorBuilder, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        connector_metadata::ConnectorMetadata,
        http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector},
        runtime_components::{RuntimeComponents, RuntimeComponentsBuilder},
    },
    shared::IntoShared,
};
use aws_smithy_types::config_bag::ConfigBag;
use lamplight_internal::sync::lock;
use tokio::runtime::{Handle, Id};

/// The maximum number of runtimes with a pool of connections. A function has one runtime, or two if spans are
/// exported on another; a server perhaps has one per core, and each of a user's tests has one. If more
/// runtimes than this make calls, each call opens a connection.
const MOST_RUNTIMES: usize = 64;

static CLIENT: LazyLock<PerRuntime> = LazyLock::new(PerRuntime::default);

/// Returns the process's HTTP client. Certificates are read when the first client is built.
pub(crate) fn http_client() -> SharedHttpClient {
    CLIENT.clone().into_shared()
}

/// Drops the connections of all clients whose configuration came from [`sdk_config`](crate::sdk_config), on
/// any thread or runtime; the next call opens a new one. Calls in progress are not affected.
///
/// Connections do not survive a Lambda SnapStart snapshot. `lamplight::Telemetry::run` calls this at the
/// right times.
pub fn disconnect() {
    CLIENT.disconnect();
}

/// An HTTP client with a pool of connections for each runtime.
///
/// A connection belongs to the runtime that opened it: no other runtime drives it, and it fails once its
/// runtime has ended. So the pool is chosen by the runtime of the call, and not by the place where the client
/// was created.
#[derive(Clone, Debug, Default)]
pub(crate) struct PerRuntime(Arc<Mutex<Vec<Pool>>>);

/// The connections of a runtime, or of calls outside a runtime.
type Pool = (Option<Id>, SharedHttpClient);

impl PerRuntime {
    pub(crate) fn disconnect(&self) {
        // Dropping clients may run other code, so the lock is released first.
        let dropped = std::mem::take(&mut *lock(&self.0));
        drop(dropped);
    }

    #[cfg(test)]
    pub(crate) fn runtimes(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// Returns the client of the current runtime, and moves it to the end of the list. If there are too many,
    /// the least recently used one is replaced.
    fn current(&self) -> SharedHttpClient {
        let runtime = Handle::try_current().ok().map(|handle| handle.id());
        let mut forgotten = None;
        let mut pools = lock(&self.0);
        let known = pools.iter().position(|(of, _)| *of == runtime);
        let pool = match known {
            Some(place) => pools.remove(place),
            None => {
                if pools.len() >= MOST_RUNTIMES {
                    forgotten = Some(pools.remove(0));
                }
                (runtime, connect())
            }
        };
        let client = pool.1.clone();
        pools.push(pool);
        drop(pools);
        drop(forgotten);
        client
    }
}

fn connect() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = ConnectorBuilder::default()
            .tls_provider(tls::Provider::Rustls(
                tls::rustls_provider::CryptoMode::Ring,
            ))
            .proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.build()
    })
}

impl HttpClient for PerRuntime {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.current().http_connector(settings, components)
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.current()
            .validate_base_client_config(components, config)
    }

    fn validate_final_config(
        &self,
        components: &RuntimeComponents,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.current().validate_final_config(components, config)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.current().connector_metadata()
    }
}
