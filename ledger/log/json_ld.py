"""From a JSON-LD document to the digest of its canonical RDF, for certificates alone.

JSON-LD 1.1 Processing Algorithms and RDF Dataset Canonicalization 1.0, both by PyLD, narrowed to
what a certificate needs:

- only the contexts packaged with the project are known; nothing is ever fetched;
- PyLD has no safe mode: a term that no context defines drops silently out of the RDF. A document
  that loses anything on the way is refused;
- keywords, named blank nodes, nulls and control characters are refused: two processors might read
  them differently;
- size, depth and the work of canonicalisation are bounded: documents come from strangers.
"""

import hashlib
import math
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import orjson
import rfc8785
from pyld import jsonld
from pyld.canon import URDNA2015
from pyld.context_resolver import ContextResolver

from ledger.log.contexts import CONTEXT_FILES, CREDENTIALS_V2, packaged_context
from ledger.log.errors import FormatError

MAX_DOCUMENT_SIZE: Final = 256 * 1024

_MAX_DEPTH: Final = 16
_MAX_VALUES: Final = 4096
_MAX_BLANK_NODES: Final = 256
# Hash N-Degree Quads tries all orders of nodes that it cannot tell apart: 5! = 120 of them.
_MAX_INDISTINGUISHABLE: Final = 5
_MAX_N_DEGREE_CALLS: Final = 512
_MAX_SAFE_INTEGER: Final = 2**53 - 1

# RDFC-1.0 escapes these in literals and PyLD does not; no certificate needs them.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Absolute, and without the characters that would end or split an IRI in N-Quads (RFC 3987).
IRI: Final = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|^`\\]*')
# What PyLD raises on input that it was not written for, beside its own error.
_PYLD_ERRORS: Final = (
    jsonld.JsonLdError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
NO_CONTEXTS: Final[Mapping[str, object]] = MappingProxyType({})

# PyLD keeps process-wide caches that are not made for threads.
_PYLD_LOCK: Final = threading.Lock()


def rdf_digest(
    document: Mapping[str, object],
    *,
    extra_contexts: Mapping[str, object] = NO_CONTEXTS,
) -> bytes:
    """SHA-256 of the canonical N-Quads of a document.

    Args:
        document: JSON object with `@context`, a list of URLs that starts with `CREDENTIALS_V2`.
        extra_contexts: further context documents by URL, for published test vectors.

    Raises:
        FormatError: the document is over a limit, names an unknown context, loses something on
            the way to RDF, or is not JSON-LD.
    """
    contexts = _contexts(document, extra_contexts)
    before = _bounded(document)
    with _PYLD_LOCK:
        return _digest(document, before, contexts, _resolver(extra_contexts))


def _contexts(document: Mapping[str, object], extra: Mapping[str, object]) -> Sequence[str]:
    contexts = document.get("@context")
    if not isinstance(contexts, list) or not contexts or contexts[0] != CREDENTIALS_V2:
        raise FormatError(f"@context must be a list that starts with {CREDENTIALS_V2}")
    for place, url in enumerate(contexts):
        if url in contexts[:place]:
            raise FormatError("a context is named twice")
        if not isinstance(url, str) or not (url in CONTEXT_FILES or url in extra):
            raise FormatError(f"unknown context: {str(url)[:200]!r}")
    return contexts


# The contexts of a certificate, processed once: that is most of the work of a proof.
_PACKAGED_CACHE: Final[dict[str, Any]] = {}


def _resolver(extra: Mapping[str, object]) -> Any:  # noqa: ANN401 - PyLD has no types
    def load(url: str, _options: object) -> dict[str, object]:
        document = extra[url] if url in extra else orjson.loads(packaged_context(url))
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "document": document,
            "tag": "static",
        }

    # Contexts given by a caller never enter the cache that certificates are verified with.
    return ContextResolver({} if extra else _PACKAGED_CACHE, load)


def _digest(
    document: Mapping[str, object],
    before: bytes,
    contexts: Sequence[str],
    resolver: Any,  # noqa: ANN401 - PyLD has no types
) -> bytes:
    options = {
        "base": "",
        "contextResolver": resolver,
        "documentLoader": resolver.document_loader,
        "processingMode": "json-ld-1.1",
    }
    try:
        expanded = jsonld.expand(dict(document), options)
        _check_expanded(expanded)
        after = rfc8785.dumps(_plain(jsonld.compact(expanded, contexts, options)))
        if after != before:
            raise FormatError("the document says something that its contexts do not define")
        dataset = jsonld.to_rdf(expanded, options)
        quads = _BoundedCanonicalization().main(dataset, {"format": "application/n-quads"})
    except _PYLD_ERRORS as error:
        raise FormatError("the document is not well-formed JSON-LD") from error
    return hashlib.sha256(quads.encode()).digest()


def _bounded(document: Mapping[str, object]) -> bytes:
    """Refuse what is too large or not plain JSON; the document in the form to compare."""
    whole: Any = dict(document)
    values = 0
    pending: list[tuple[object, int]] = [(whole, 0)]
    while pending:
        value, depth = pending.pop()
        values += 1
        if depth > _MAX_DEPTH or values > _MAX_VALUES:
            raise FormatError("the document is nested too deeply or has too many values")
        match value:
            case dict():
                pending.extend((name, depth + 1) for name in value)
                pending.extend((child, depth + 1) for child in value.values())
                if any(str(name).startswith("@") for name in value if depth or name != "@context"):
                    raise FormatError("JSON-LD keywords may stand in no certificate")
            case []:
                raise FormatError("an empty list says nothing in RDF")
            case list():
                pending.extend((child, depth + 1) for child in value)
            case _:
                _check_scalar(value)
    try:
        size = len(rfc8785.dumps(whole))
        plain = rfc8785.dumps(_plain(whole))
    except ValueError as error:
        raise FormatError("the document is not plain JSON") from error
    if size > MAX_DOCUMENT_SIZE:
        raise FormatError(f"the document is larger than {MAX_DOCUMENT_SIZE} bytes")
    return plain


def _check_scalar(value: object) -> None:
    match value:
        case bool():
            return
        case str():
            if len(value) > MAX_DOCUMENT_SIZE or _CONTROL.search(value):
                raise FormatError("text is too long or holds control characters")
        case int():
            if abs(value) > _MAX_SAFE_INTEGER:
                raise FormatError("an integer is beyond 2^53")
        case float():
            # 48.0 and 48 are one number in JSON and two in RDF, depending on the processor.
            if not math.isfinite(value) or value.is_integer():
                raise FormatError("a number must be finite, and an integer if it has no fraction")
        case _:
            raise FormatError("null and values outside JSON may stand in no certificate")


def _plain(value: object) -> Any:  # noqa: ANN401 - any JSON
    """A JSON value without the freedoms of JSON-LD: `[x]` is x, `{"id": x}` is x."""
    if isinstance(value, list | tuple):
        items = [_plain(item) for item in value]
        return items[0] if len(items) == 1 else items
    if isinstance(value, Mapping):
        if value.keys() == {"id"}:
            return value["id"]
        return {name: _plain(child) for name, child in value.items() if name != "@context"}
    return value


def _check_expanded(expanded: Sequence[Mapping[str, Any]]) -> None:
    if len(expanded) != 1:
        raise FormatError("the document must describe one thing")
    blank_nodes = 0
    for node in _objects(expanded):
        blank_nodes += "@value" not in node and "@id" not in node
        identifiers = [name for name in node if not name.startswith("@")]
        for keyword in ("@id", "@type"):
            found = node.get(keyword, [])
            identifiers.extend(found if isinstance(found, list) else [found])
        for identifier in identifiers:
            # A named blank node could tie a knot; an anonymous one has its place in a tree.
            if not IRI.fullmatch(identifier) or identifier.startswith("_:"):
                raise FormatError(f"not an absolute IRI: {identifier[:200]!r}")
    if blank_nodes > _MAX_BLANK_NODES:
        raise FormatError("the document has too many things without an id")


def _objects(value: object) -> Iterator[dict[str, Any]]:
    """Every object of an expanded document; its depth was bounded before."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from _objects(item)
    elif isinstance(value, dict):
        yield value
        for child in value.values():
            yield from _objects(child)


class _BoundedCanonicalization(URDNA2015):  # type: ignore[misc] # PyLD has no types
    """RDFC-1.0 that refuses poison graphs (RDFC-1.0, section 7.1) instead of working for hours.

    PyLD names the algorithm by its former name, URDNA2015; they differ only in the escaping of
    control characters, which are refused before.
    """

    def __init__(self) -> None:
        super().__init__()
        self._calls = 0

    def hash_n_degree_quads(self, id_: str, issuer: Any) -> Any:  # noqa: ANN401 - PyLD
        self._calls += 1
        if self._calls > _MAX_N_DEGREE_CALLS:
            raise FormatError("the document has too many things that cannot be told apart")
        return super().hash_n_degree_quads(id_, issuer)

    def create_hash_to_related(self, id_: str, issuer: Any) -> Any:  # noqa: ANN401 - PyLD
        related = super().create_hash_to_related(id_, issuer)
        if any(len(nodes) > _MAX_INDISTINGUISHABLE for nodes in related.values()):
            raise FormatError("the document has too many things that cannot be told apart")
        return related
