"""A contact that is a language model: any endpoint with the OpenAI chat API, its answer streamed as it is written."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx

from plugin_interfaces.api import (
    Context,
    HistoryMessage,
    NotPermitted,
    PluginHandler,
    PluginInstanceContext,
    Ui,
)

from .sse import EventStreamParser

_ROLES = {"user": "user", "plugin": "assistant", "system": "system"}


class EndpointError(Exception):
    """The endpoint could not be reached, refused, or broke off; the text says what to do."""


class OpenAIChat(PluginHandler):
    """Sends the conversation to `/chat/completions` and streams the answer. Cancelling closes the upstream request."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None
        self._history: Sequence[HistoryMessage] = ()
        self._models: list[str] = []

    async def on_connect(self, context: PluginInstanceContext) -> None:
        await self._close()
        if not context.has_permission("network"):
            raise NotPermitted("connect", "the model is reached over the network: give the permission `network`")
        key = context.get_app_config("api_key") or ""
        patience = float(context.get_app_config("read_timeout") or 120)
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(patience, connect=10),
        )
        try:
            self._models = await self._fetch_models(context, patience)
        except BaseException:
            await self._close()
            raise
        context.refresh_ui()

    async def on_disconnect(self, context: PluginInstanceContext) -> None:
        await self._close()

    async def on_dispose(self, context: PluginInstanceContext) -> None:
        await self._close()

    def set_history(self, messages: Sequence[HistoryMessage], context: PluginInstanceContext) -> None:
        self._history = messages

    async def handle_message(self, message: str, context: PluginInstanceContext) -> str | None:
        async with context.stream() as stream:
            async for piece in self._complete(self._conversation(message, context), context):
                await stream.send_async(piece)
        return None

    def update_ui(self, ui_context: Context, ui: Ui, context: PluginInstanceContext) -> None:
        ui.heading("Endpoint")
        self._edit(ui, context, "Endpoint", "base_url", hint="http://127.0.0.1:11434/v1")
        self._edit(ui, context, "API key", "api_key", password=True)
        ui.heading("Model")
        model = context.get_app_config("model") or ""
        if self._models:
            choice = ui.combo_box("Model", model, [(name, name) for name in self._models], placeholder=model)
            if choice.changed:
                context.set_app_config("model", choice.value)
        else:
            self._edit(ui, context, "Model", "model")
            ui.label("Connect to choose among the models that the endpoint offers.")
        temperature = ui.slider("Temperature", float(context.get_app_config("temperature") or 1), 0.0, 2.0)
        if temperature.changed:
            context.set_app_config("temperature", f"{temperature.value:g}")
        prompt = ui.text_edit_multiline("System prompt", context.get_app_config("system_prompt") or "")
        if prompt.changed:
            context.set_app_config("system_prompt", prompt.value)

    def _edit(
        self, ui: Ui, context: PluginInstanceContext, label: str, key: str, *, hint: str = "", password: bool = False
    ) -> None:
        field = ui.text_edit_singleline(label, context.get_app_config(key) or "", hint=hint, password=password)
        if field.changed:
            context.set_app_config(key, field.value)

    def _conversation(self, message: str, context: PluginInstanceContext) -> list[dict[str, str]]:
        limit = int(context.get_app_config("history_messages") or 0)
        earlier = [past for past in self._history if past.content and past.role in _ROLES and past.status != "error"]
        turns = [{"role": _ROLES[past.role], "content": past.content} for past in earlier[-limit:] if limit]
        prompt = context.get_app_config("system_prompt")
        if prompt:
            turns.insert(0, {"role": "system", "content": prompt})
        return [*turns, {"role": "user", "content": message}]

    async def _complete(
        self, messages: list[dict[str, str]], context: PluginInstanceContext
    ) -> AsyncIterator[str]:
        if self._client is None:
            raise EndpointError("not connected; connect first")
        body = {
            "model": context.get_app_config("model") or "",
            "messages": messages,
            "temperature": float(context.get_app_config("temperature") or 1),
            "stream": True,
        }
        url = self._url(context, "chat/completions")
        try:
            async with self._client.stream("POST", url, json=body) as response:
                if response.status_code != httpx.codes.OK:
                    raise EndpointError(_refusal(response.status_code, url, await response.aread()))
                async for piece in _answer(response):
                    yield piece
        except httpx.TimeoutException as error:
            raise _too_silent(url) from error
        except httpx.HTTPError as error:
            raise EndpointError(f"{url} cannot be reached ({error}); check 'Endpoint' and that it runs") from error

    async def _fetch_models(self, context: PluginInstanceContext, patience: float) -> list[str]:
        assert self._client is not None
        url = self._url(context, "models")
        try:
            # The client's limit is for each piece of the list; the whole of it has no longer either.
            async with asyncio.timeout(patience):
                response = await self._client.get(url)
        except (TimeoutError, httpx.ReadTimeout) as error:
            raise _too_silent(url) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise EndpointError(f"{url} cannot be reached ({error}); check 'Endpoint' and that it runs") from error
        if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise EndpointError(_refusal(response.status_code, url, response.content))
        if response.status_code != httpx.codes.OK:
            return []  # not every endpoint lists its models; the person types the name then
        try:
            return sorted(str(model["id"]) for model in response.json()["data"])
        except (ValueError, KeyError, TypeError):
            return []

    def _url(self, context: PluginInstanceContext, path: str) -> str:
        return f"{(context.get_app_config('base_url') or '').rstrip('/')}/{path}"

    async def _close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


async def _answer(response: httpx.Response) -> AsyncIterator[str]:
    """Yields the text of a streamed completion; raises where it breaks off before its end."""
    parser = EventStreamParser()
    finished = False
    async for raw in response.aiter_raw() if "content-encoding" not in response.headers else response.aiter_bytes():
        for event in parser.feed(raw):
            if event.data == "[DONE]":
                return
            text, ended = _delta(event.data)
            finished = finished or ended
            if text:
                yield text
    if not finished:
        raise EndpointError("the endpoint broke off before the answer was complete; send the message again")


def _delta(data: str) -> tuple[str, bool]:
    """The text that one event adds, and whether it is the last one."""
    try:
        chunk = json.loads(data)
    except ValueError as error:
        raise EndpointError(f"the endpoint sent what is not JSON: {data[:200]!r}") from error
    if not isinstance(chunk, dict):
        raise EndpointError(f"the endpoint sent an event that is no object: {data[:200]!r}")
    if chunk.get("error"):
        raise EndpointError(f"the endpoint reports: {_error_text(chunk)}")
    choices = chunk.get("choices") or []
    if not choices:
        return "", False  # usage figures and keep-alives carry no choice
    delta = choices[0].get("delta") or {}
    return delta.get("content") or "", choices[0].get("finish_reason") is not None


def _too_silent(url: str) -> EndpointError:
    return EndpointError(f"{url} was silent for too long; try again, or raise 'Patience in seconds'")


def _refusal(status: int, url: str, body: bytes) -> str:
    """What a refused request means to the person, and what to do."""
    try:
        reason = _error_text(json.loads(body))
    except ValueError:
        reason = body.decode("utf-8", "replace").strip()[:300]
    advice = {
        401: "check 'API key'",
        403: "check 'API key' and what it may use",
        404: "check 'Endpoint' and 'Model'",
        429: "wait a little; the endpoint limits how much it answers",
    }.get(status, "the endpoint's own log may tell more" if status >= 500 else "check the settings")
    return f"{url} answered {status}: {reason or 'no reason given'}; {advice}"


def _error_text(body: Any) -> str:
    error = body.get("error", body) if isinstance(body, dict) else body
    return str(error.get("message", error) if isinstance(error, dict) else error)
