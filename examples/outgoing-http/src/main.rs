//! Outgoing HTTP requests: each is a span, and its headers carry the trace and the baggage.
//!
//! ```sh
//! echo '{"celsius": 21.5}' > forecast && python3 -m http.server 8000 # the weather service
//! OTEL_TRACES_EXPORTER=console WEATHER_URL=http://127.0.0.1:8000 cargo lambda watch
//! cargo lambda invoke example-outgoing-http --data-ascii '{"city": "Oslo"}'
//! ```
//!
//! The request `GET /forecast` is a child of the invocation's span, with method, server, URL and status.
//! A service that reads `traceparent` continues the trace. `LAMPLIGHT_HTTP_CONTEXT_HOSTS` limits the hosts
//! that receive context. For clients that are `tower` services, there is `HttpClientLayer`.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::http_client::ReqwestExt;
use reqwest::Client;
use serde::{Deserialize, Serialize};

struct Weather {
    client: Client,
    url: String,
}

#[derive(Deserialize)]
struct Place {
    city: String,
}

#[derive(Deserialize, Serialize)]
struct Forecast {
    celsius: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let telemetry = lamplight::init();
    let weather = Weather {
        client: Client::new(),
        url: std::env::var("WEATHER_URL")?,
    };
    let handler = service_fn(|event| answer(&weather, event));
    telemetry.run(handler).await
}

async fn answer(weather: &Weather, event: LambdaEvent<Place>) -> Result<Forecast, Error> {
    let url = format!("{}/forecast", weather.url);
    let request = weather
        .client
        .get(url)
        .query(&[("city", event.payload.city)]);
    // A template groups spans where a path has ids in it.
    let request = request.lamplight().with_url_template("/forecast");
    let response = request.send().await?.error_for_status()?;
    Ok(response.json().await?)
}

#[cfg(test)]
mod tests;
