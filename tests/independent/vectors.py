"""The committed vectors of tests/vectors/emitter (described in tests/vectors/README.md)."""

import json
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent.parent / "vectors" / "emitter"

VECTORS: Final[dict[str, dict[str, Any]]] = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))
}
LOG: Final = VECTORS["log"]
LOG_ENTRIES: Final[list[bytes]] = [text.encode() for text in LOG["entries"]]
REFUSED: Final = [name for name in VECTORS if name.startswith("refused-")]
ADMITTED: Final = [name for name in VECTORS if name not in (*REFUSED, "log")]
