// SPDX-License-Identifier: Apache-2.0
//! The endpoint: what it is asked, and what its failures mean to the person.

use crate::settings::Settings;
use crate::sse::Events;
use plugin_interfaces::error::{Error, Status};
use reqwest::header::{HeaderValue, AUTHORIZATION};
use reqwest::{redirect, Client, RequestBuilder, Response, StatusCode};
use serde_json::{json, Value};
use std::time::Duration;
use tokio::time::timeout;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// What is read of a list of models; the longest known one is a tenth of it.
const LARGEST_LIST: usize = 8 << 20;
const LARGEST_REFUSAL: usize = 64 << 10;
const BROKE_OFF: &str = "the endpoint broke off before the answer was complete";

/// Cheap to clone: clones share their connections.
#[derive(Clone)]
pub struct Endpoint {
    client: Client,
}

impl Endpoint {
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        // For all of this library, so that only the first instance succeeds; the others find it done.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(settings.read_timeout)
            // A POST would become a GET on the way.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| failure(format!("no connections can be made ({})", cause(&error))))?;
        Ok(Endpoint { client })
    }

    /// The names of the models that it offers, sorted. Not every endpoint lists them: then there are none, and the person
    /// types the name. The client's limit is for each piece of the list; the whole of it has no longer either.
    pub async fn models(&self, settings: &Settings) -> Result<Vec<String>, Error> {
        let url = settings.url("models");
        timeout(settings.read_timeout, self.list(settings, &url)).await.unwrap_or_else(|_| Err(too_silent(&url)))
    }

    async fn list(&self, settings: &Settings, url: &str) -> Result<Vec<String>, Error> {
        let response = ask(self.client.get(url), settings, url).await?;
        if [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&response.status()) {
            return Err(refusal(response, url).await);
        }
        if response.status() != StatusCode::OK {
            return Ok(Vec::new());
        }
        let list: Value = serde_json::from_slice(&body(response, LARGEST_LIST).await).unwrap_or_default();
        let models = list["data"].as_array().into_iter().flatten();
        let mut names: Vec<String> = models.filter_map(|model| Some(model["id"].as_str()?.to_string())).collect();
        names.sort();
        Ok(names)
    }

    /// Has it go on with a conversation; `deliver` gets its answer piece by piece. Dropping the future ends the request.
    pub async fn complete(
        &self,
        settings: &Settings,
        conversation: Vec<Value>,
        mut deliver: impl FnMut(&str) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let url = settings.url("chat/completions");
        let body = json!({
            "model": settings.model,
            "messages": conversation,
            "temperature": settings.temperature,
            "stream": true,
        });
        let mut response = ask(self.client.post(&url).json(&body), settings, &url).await?;
        if response.status() != StatusCode::OK {
            return Err(refusal(response, &url).await);
        }
        let mut events = Events::default();
        let mut finished = false;
        while let Some(piece) = response.chunk().await.map_err(|error| broken(&url, &error))? {
            let complete = events.feed(&piece).map_err(|_| failure("the endpoint sent no end of an event"))?;
            for data in complete {
                if data == "[DONE]" {
                    return Ok(());
                }
                let (text, is_last) = delta(&data)?;
                finished |= is_last;
                if !text.is_empty() {
                    deliver(&text)?;
                }
            }
        }
        if !finished {
            return Err(failure(format!("{BROKE_OFF}; send the message again")));
        }
        Ok(())
    }
}

/// Sends a request, and waits for the head of the answer.
async fn ask(mut request: RequestBuilder, settings: &Settings, url: &str) -> Result<Response, Error> {
    if !settings.api_key.is_empty() {
        let mut key = HeaderValue::try_from(format!("Bearer {}", settings.api_key))
            .map_err(|_| failure("the key has characters that none can have; check 'API key'"))?;
        key.set_sensitive(true);
        request = request.header(AUTHORIZATION, key);
    }
    request.send().await.map_err(|error| unreachable(url, &error))
}

/// The text that one event adds, and whether it is the last one.
fn delta(data: &str) -> Result<(String, bool), Error> {
    let begin = || data.chars().take(200).collect::<String>();
    let chunk: Value = serde_json::from_str(data)
        .map_err(|_| failure(format!("the endpoint sent what is not JSON: {:?}", begin())))?;
    if !chunk.is_object() {
        return Err(failure(format!("the endpoint sent an event that is no object: {:?}", begin())));
    }
    if !chunk["error"].is_null() {
        return Err(failure(format!("the endpoint reports: {}", reason(&chunk))));
    }
    // Usage figures and keep-alives carry no choice.
    let choice = &chunk["choices"][0];
    let text = choice["delta"]["content"].as_str().unwrap_or_default();
    Ok((text.to_string(), !choice["finish_reason"].is_null()))
}

/// What a refused request means to the person, and what to do.
async fn refusal(response: Response, url: &str) -> Error {
    let status = response.status().as_u16();
    let body = body(response, LARGEST_REFUSAL).await;
    let said = match serde_json::from_slice(&body) {
        Ok(body) => reason(&body),
        Err(_) => String::from_utf8_lossy(&body).trim().chars().take(300).collect(),
    };
    let said = if said.is_empty() { "no reason given" } else { &said };
    let advice = match status {
        401 => "check 'API key'",
        403 => "check 'API key' and what it may use",
        404 => "check 'Endpoint' and 'Model'",
        429 => "wait a little; the endpoint limits how much it answers",
        300..=399 => "check 'Endpoint': it has moved",
        500.. => "the endpoint's own log may tell more",
        _ => "check the settings",
    };
    failure(format!("{url} answered {status}: {said}; {advice}"))
}

/// The reason in an error's body, whichever of the forms in use it has.
fn reason(body: &Value) -> String {
    let error = body.get("error").unwrap_or(body);
    let said = error.get("message").unwrap_or(error);
    said.as_str().map_or_else(|| said.to_string(), str::to_string)
}

/// What came of a body, up to a limit.
async fn body(mut response: Response, limit: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        bytes.extend_from_slice(&piece[..piece.len().min(limit - bytes.len())]);
        if bytes.len() == limit {
            break;
        }
    }
    bytes
}

fn unreachable(url: &str, error: &reqwest::Error) -> Error {
    let cause = cause(error);
    if error.is_timeout() && !error.is_connect() {
        return too_silent(url);
    }
    failure(if error.is_builder() {
        format!("{url} is no address ({cause}); check 'Endpoint'")
    } else {
        format!("{url} cannot be reached ({cause}); check 'Endpoint' and that it runs")
    })
}

fn broken(url: &str, error: &reqwest::Error) -> Error {
    if error.is_timeout() {
        return too_silent(url);
    }
    failure(format!("{BROKE_OFF} ({}); send the message again", cause(error)))
}

fn too_silent(url: &str) -> Error {
    failure(format!("{url} was silent for too long; try again, or raise 'Patience in seconds'"))
}

/// The innermost reason; those around it only say that something failed.
fn cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

fn failure(text: impl Into<String>) -> Error {
    Error::new(Status::ERROR, text)
}
