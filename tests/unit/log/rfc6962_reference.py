"""RFC 6962 section 2.1 written down as the RFC defines it: recursive, slow, only for comparison."""

from hashlib import sha256

LEAVES = tuple(
    bytes.fromhex(data)
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
)
"""The leaves of the published certificate-transparency test vectors."""

LEAF_HASHES = tuple(sha256(b"\0" + leaf).digest() for leaf in LEAVES)


def split(n: int) -> int:
    """Return the largest power of two smaller than n."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def mth(hashes: list[bytes]) -> bytes:
    """MTH({}) = SHA-256(); MTH(D[n]) = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n]))."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = split(len(hashes))
    return sha256(b"\1" + mth(hashes[:k]) + mth(hashes[k:])).digest()


def path(m: int, hashes: list[bytes]) -> list[bytes]:
    """PATH(m, D[n])."""
    if len(hashes) == 1:
        return []
    k = split(len(hashes))
    if m < k:
        return [*path(m, hashes[:k]), mth(hashes[k:])]
    return [*path(m - k, hashes[k:]), mth(hashes[:k])]


def proof(m: int, hashes: list[bytes]) -> list[bytes]:
    """PROOF(m, D[n]) = SUBPROOF(m, D[n], true)."""
    return subproof(m, hashes, known=True)


def subproof(m: int, hashes: list[bytes], *, known: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b)."""
    if m == len(hashes):
        return [] if known else [mth(hashes)]
    k = split(len(hashes))
    if m <= k:
        return [*subproof(m, hashes[:k], known=known), mth(hashes[k:])]
    return [*subproof(m - k, hashes[k:], known=False), mth(hashes[:k])]


def numbered_hashes(count: int) -> list[bytes]:
    """Return `count` different leaf hashes."""
    return [sha256(b"\0" + number.to_bytes(4, "big")).digest() for number in range(count)]
