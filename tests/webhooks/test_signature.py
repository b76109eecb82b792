from __future__ import annotations

import pytest

import lomi
from lomi import LomiConfigurationError, LomiValidationError, LomiWebhookSignatureError
from lomi.webhooks import sign, verify

from .deliveries import SECRET, VECTOR, VECTOR_SIGNATURE


def test_the_vector() -> None:
    assert len(VECTOR) == 301
    assert sign(VECTOR, SECRET) == VECTOR_SIGNATURE
    verify(VECTOR, VECTOR_SIGNATURE, SECRET)
    verify(bytearray(VECTOR), VECTOR_SIGNATURE, SECRET)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("signature", "problem"),
    [
        (None, "there is no X-Lomi-Signature"),
        ("", "there is no X-Lomi-Signature"),
        (VECTOR_SIGNATURE.encode(), "X-Lomi-Signature is not a string but bytes"),
        (VECTOR_SIGNATURE[:-1], "not 64 lower-case hexadecimal digits (63 characters)"),
        (VECTOR_SIGNATURE + "0", "not 64 lower-case hexadecimal digits (65 characters)"),
        (VECTOR_SIGNATURE + "\n", "not 64 lower-case hexadecimal digits (65 characters)"),
        (VECTOR_SIGNATURE.upper(), "not 64 lower-case hexadecimal digits (64 characters)"),
        ("sha256=" + VECTOR_SIGNATURE, "not 64 lower-case hexadecimal digits (71 characters)"),
        ("é" * 64, "not 64 lower-case hexadecimal digits (64 characters)"),
        ("٠" * 64, "not 64 lower-case hexadecimal digits (64 characters)"),
        ("0" * 64, "X-Lomi-Signature does not fit"),
    ],
)
def test_a_signature_that_is_none_is_refused(signature: object, problem: str) -> None:
    with pytest.raises(LomiWebhookSignatureError) as caught:
        verify(VECTOR, signature, SECRET)  # type: ignore[arg-type]
    assert problem in str(caught.value)
    assert caught.value.outcome == "not_sent"
    with lomi.language("fr"):
        assert problem not in str(caught.value)


@pytest.mark.parametrize("changed", [VECTOR[:-1], VECTOR + b" ", VECTOR.replace(b"15000", b"15001"), b""])
def test_another_body_is_refused(changed: bytes) -> None:
    with pytest.raises(LomiWebhookSignatureError):
        verify(changed, VECTOR_SIGNATURE, SECRET)


@pytest.mark.parametrize("secret", ["whsec_vector_secret_2", "vector_secret_1", "WHSEC_VECTOR_SECRET_1"])
def test_another_secret_is_refused(secret: str) -> None:
    with pytest.raises(LomiWebhookSignatureError):
        verify(VECTOR, VECTOR_SIGNATURE, secret)


@pytest.mark.parametrize("body", [VECTOR.decode(), {"event": "PAYMENT_SUCCEEDED"}, None])
def test_a_body_that_is_not_bytes_is_told_why(body: object) -> None:
    for call in (lambda: verify(body, VECTOR_SIGNATURE, SECRET), lambda: sign(body, SECRET)):  # type: ignore[arg-type]
        with pytest.raises(
            LomiValidationError, match=r"body is not bytes but .*pass the raw bytes of the request"
        ) as caught:
            call()
        assert caught.value.errors[0].field == "body"


@pytest.mark.parametrize(
    ("secret", "problem"),
    [
        ("", "no webhook secret: set the environment variable LOMI_WEBHOOK_SECRET"),
        (None, "no webhook secret: set the environment variable LOMI_WEBHOOK_SECRET"),
        (b"whsec_x", "the webhook secret is not a string but bytes"),
        ("whsec_x\n", "begins or ends with a space or a newline"),
        (" whsec_x", "begins or ends with a space or a newline"),
    ],
)
def test_a_secret_that_is_none_is_a_matter_of_configuration(secret: object, problem: str) -> None:
    for call in (lambda: verify(VECTOR, VECTOR_SIGNATURE, secret), lambda: sign(VECTOR, secret)):  # type: ignore[arg-type]
        with pytest.raises(LomiConfigurationError) as caught:
            call()
        assert problem in str(caught.value)
        assert "whsec_x" not in str(caught.value)


def test_a_secret_of_any_text_signs() -> None:
    for secret in ("clé", "\ud800"):
        verify(b"{}", sign(b"{}", secret), secret)
