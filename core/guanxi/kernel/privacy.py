"""Sealing: personal values are unreadable without their subject's key, and tokens without the tenant's. Keys come from a Keyring."""

from __future__ import annotations

import base64
import hmac
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeGuard

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from guanxi.kernel.errors import Altered

if TYPE_CHECKING:
    from guanxi.kernel.ports import Keyring

SEALED = "~s1."
"""Opens every sealed text: the form's version, then the key's id, then the ciphertext."""


class Erased:
    """Stands where a personal value was, once its key is destroyed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ERASED"

    def __str__(self) -> str:
        return "(erased)"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "ERASED"


ERASED = Erased()
"""What a personal field reads once its key is destroyed."""


@lru_cache(maxsize=4096)
def _cipher(key: bytes) -> AESSIV:
    return AESSIV(key)


class Sealing:
    """Seals and unseals values for one tenant.

    The cipher is AES-SIV: it needs no random number, and the place of a value (tenant, stream, entry, field) is bound
    into the ciphertext, so that one cannot be moved to another place.
    """

    def __init__(self, tenant: str, keyring: Keyring) -> None:
        self.tenant, self.keyring = tenant, keyring
        self._token_key = keyring.token_key()

    def seal(self, subject: str, family: str, place: str, value: Any) -> str:
        """Return the sealed text of a JSON-able value; what is erased stays so."""
        if value is ERASED:
            return _NOTHING
        key_id, key = self.keyring.key_for(subject, family)
        sealed = _cipher(key).encrypt(msgspec.json.encode(value), [self.tenant.encode(), place.encode()])
        return f"{SEALED}{key_id}.{base64.urlsafe_b64encode(sealed).decode()}"

    def unseal(self, place: str, text: str) -> Any:
        """Return the value behind a sealed text, or ``ERASED`` when its key is gone.

        Raises:
            Altered: the text was altered or belongs to another place.
        """
        key_id, _, body = text[len(SEALED) :].partition(".")
        key = self.keyring.key(key_id)
        if key is None:
            return ERASED
        try:
            plain = _cipher(key).decrypt(
                base64.urlsafe_b64decode(body), [self.tenant.encode(), place.encode()]
            )
        except InvalidTag as error:
            raise Altered(
                "sealed_value_altered",
                f"the sealed value at {place} was altered or moved",
                zh=f"{place} 处的加密值已被改动或移动",
                accepts="a look at what guanxi verify says",
            ) from error
        return msgspec.json.decode(plain)

    def token(self, kind: str, value: str) -> str:
        """Return the keyed token of a claim's value: equal values give equal tokens, and no token gives its value."""
        return hmac.digest(self._token_key, f"{self.tenant}\x1f{kind}\x1f{value}".encode(), "sha256").hex()[
            :40
        ]

    def seal_cell(
        self, stream: str, model: str, field: str, family: str, value: Any, *, whose: str | None = None
    ) -> str:
        """Return the sealed text of a personal cell of a read model's row.

        Args:
            stream: the row's stream.
            model: the read model and the row's key.
            field: the cell.
            family: its retention family.
            value: what is sealed.
            whose: the data subject; the stream's own party if not given.
        """
        return self.seal(whose or stream, family, f"{stream}#{model}#{field}", value)

    def unseal_cell(self, stream: str, model: str, field: str, text: str) -> Any:
        """Return the value of a personal cell, or ``ERASED``."""
        return self.unseal(f"{stream}#{model}#{field}", text)


class Unkept:
    """Seals cells of tables that live and die in memory: marked as sealed, with no key to be made or to be lost."""

    def seal_cell(
        self, stream: str, model: str, field: str, family: str, value: Any, *, whose: str | None = None
    ) -> str:
        """Return the marked text of a cell; what is erased stays so."""
        return _NOTHING if value is ERASED else f"{_UNKEPT}{msgspec.json.encode(value).decode()}"

    def unseal_cell(self, stream: str, model: str, field: str, text: str) -> Any:
        """Return the value of a cell, or ``ERASED``."""
        return ERASED if text == _NOTHING else msgspec.json.decode(text[len(_UNKEPT) :])


_UNKEPT = f"{SEALED}unkept."

_NOTHING = f"{SEALED}erased."
"""Sealed with a key that never was: reads as ``ERASED`` for ever."""


def is_sealed(value: object) -> TypeGuard[str]:
    """Return whether a JSON value is a sealed text."""
    return isinstance(value, str) and value.startswith(SEALED)
