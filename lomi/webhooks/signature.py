"""Whether a webhook comes from lomi.: the signature of its body."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence

from .._i18n.language import Message
from ..errors import FieldError, LomiConfigurationError, LomiValidationError, LomiWebhookSignatureError
from ..models._types import SecretText

__all__ = ["checked_secrets", "sign", "verify", "verify_any"]

_SIGNATURE = re.compile("[0-9a-f]{64}")


def verify(body: bytes, signature: str | None, secret: str) -> None:
    """Return if a body was signed with a secret, and raise an error otherwise. It takes constant time.

    Args:
        body: The bytes of the request's body as received, before anything has parsed them.
        signature: The value of the header ``X-Lomi-Signature``; None when there is none.
        secret: The secret of the endpoint, whole: ``whsec_`` belongs to it.

    Raises:
        LomiWebhookSignatureError: It was not; the message says why.
        LomiValidationError: The body is not bytes.
        LomiConfigurationError: The secret cannot be one.
    """
    verify_any(body, signature, checked_secrets((secret,)))


def sign(body: bytes, secret: str) -> str:
    """Return the signature of a body, as lomi. sends it in ``X-Lomi-Signature``: for tests of your endpoint.

    Args:
        body: The bytes of the body.
        secret: The secret of the endpoint, whole.

    Raises:
        LomiValidationError: The body is not bytes.
        LomiConfigurationError: The secret cannot be one.
    """
    return _digest(_checked_body(body), *checked_secrets((secret,)))


def checked_secrets(secrets: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return one or several secrets; their ``repr`` does not show them.

    Raises:
        LomiConfigurationError: There is none, or one of them cannot be a secret. The message does not show it.
    """
    given = (secrets,) if isinstance(secrets, str) or not isinstance(secrets, Sequence) else tuple(secrets)
    if not given:
        raise LomiConfigurationError(_NO_SECRET)
    return tuple(map(_checked_secret, given))


def verify_any(body: bytes, signature: str | None, secrets: Sequence[str]) -> None:
    """Return if a body was signed with one of the secrets, which are checked already.

    Raises:
        LomiWebhookSignatureError: It was not.
        LomiValidationError: The body is not bytes.
    """
    body = _checked_body(body)
    if not signature:
        raise LomiWebhookSignatureError(
            Message("there is no X-Lomi-Signature: lomi. has not sent this, or a proxy has removed the header")
        )
    if not isinstance(signature, str):
        raise LomiWebhookSignatureError(Message("X-Lomi-Signature is not a string but {}", type(signature).__name__))
    if not _SIGNATURE.fullmatch(signature):
        raise LomiWebhookSignatureError(
            Message(
                "X-Lomi-Signature is not 64 lower-case hexadecimal digits ({} characters): pass the header as it is",
                len(signature),
            )
        )
    if not any(hmac.compare_digest(_digest(body, secret), signature) for secret in secrets):
        raise LomiWebhookSignatureError(
            Message(
                "X-Lomi-Signature does not fit: check that the secret is that of this endpoint, whole, with whsec_, "
                "and that the body is the bytes as received, before anything has parsed them"
            )
        )


_NO_SECRET = Message(
    "no webhook secret: set the environment variable LOMI_WEBHOOK_SECRET, or pass secrets=; each endpoint has its own, "
    "shown when it is created and on the dashboard"
)


def _checked_secret(secret: object) -> str:
    if secret is None or secret == "":
        raise LomiConfigurationError(_NO_SECRET)
    if not isinstance(secret, str):
        raise LomiConfigurationError(Message("the webhook secret is not a string but {}", type(secret).__name__))
    secret = SecretText(secret)
    if secret != secret.strip():
        raise LomiConfigurationError(
            Message("the webhook secret begins or ends with a space or a newline: copy it again, without it")
        )
    return secret


def _checked_body(body: object) -> bytes:
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    hint = Message(
        "pass the raw bytes of the request, before anything has decoded or parsed them: they are what is signed"
    )
    raise LomiValidationError(errors=[FieldError("body", Message("is not bytes but {}", type(body).__name__), hint)])


def _digest(body: bytes, secret: str) -> str:
    # "surrogatepass": a secret that no one can have been given must not raise anything of its own.
    return hmac.new(secret.encode("utf-8", "surrogatepass"), body, hashlib.sha256).hexdigest()
