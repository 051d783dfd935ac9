"""Addresses of indexes: schemes, and their form in messages, without passwords."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

REDIS_SCHEMES = ("redis", "rediss", "unix")

_CREDENTIALS = re.compile(r"^([\w+.-]+://)([^:@/?#]*):(.*)@", re.DOTALL)
_PARAMETER = re.compile(r"([?&;][^=&#;]*(?:pass|pwd|secret|token|auth|cred|key)[^=&#;]*=)[^&#;]*", re.IGNORECASE)


def scheme_of(where: str) -> str | None:
    """Return the scheme of an address in lower case, None for a path.

    Examples:
        >>> scheme_of("REDIS://localhost"), scheme_of("news.db")
        ('redis', None)
    """
    scheme, separator, _ = where.partition("://")
    return scheme.lower() if separator else None


def without_secrets(where: str) -> str:
    """Return an address with its passwords replaced by an ellipsis.

    A password with an unquoted ``@``, ``/`` or ``?`` ends at the last ``@`` of the address.

    Examples:
        >>> without_secrets("redis://news:walnut@host/0?prefix=a&password=hazel")
        'redis://news:…@host/0?prefix=a&password=…'
    """
    if scheme_of(where) is None:
        return where
    return _PARAMETER.sub(r"\1…", _CREDENTIALS.sub(r"\1\2:…@", where))


def secrets_of(where: str) -> list[str]:
    """Return the passwords of an address, as written and decoded, the longest first."""
    found = [match[3] for match in [_CREDENTIALS.match(where)] if match]
    found += [match[0].partition("=")[2] for match in _PARAMETER.finditer(where)]
    return sorted({text for secret in found for text in (secret, unquote_plus(secret)) if text}, key=len, reverse=True)
