"""The Hugging Face Hub: pinning, fetching and what goes wrong. Nothing else asks a network."""

import os

# huggingface_hub, which does all asking, knows a variable of its own; both are read at import.
if os.environ.get("HF_DATASETS_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
