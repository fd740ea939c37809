"""Fetch what an op library is built from, for every TensorFlow this Python can run.

Usage: fetch_tensorflows.py FOLDER. Makes FOLDER/<major.minor>/tensorflow with the headers and the
framework library only, and the package's metadata beside it; TLR_TENSORFLOW_DIRS='FOLDER/*' then
builds one op library for each, into one wheel.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import find_tensorflow

_NEEDED = re.compile(
    r"tensorflow/(include/.*|libtensorflow_framework\.so\.2)|tensorflow[\w]*-[^/]+\.dist-info/METADATA"
)


def fetch(minor: str, folder: Path) -> bool:
    """Downloads TensorFlow `minor` and unpacks what a build needs into `folder`.

    Returns:
      Whether there is such a TensorFlow for this Python.
    """
    with tempfile.TemporaryDirectory() as downloads:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--dest", downloads, f"tensorflow=={minor}.*"]
        if subprocess.run(command, check=False).returncode:
            return False
        (wheel,) = Path(downloads).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(
                folder, [name for name in archive.namelist() if _NEEDED.fullmatch(name)]
            )
    return True


def main() -> int:
    """Fetches every supported minor version; fails if there is none."""
    top = Path(sys.argv[1])
    shutil.rmtree(top, ignore_errors=True)
    oldest, newest = find_tensorflow.OLDEST, find_tensorflow.NEWEST
    minors = [f"{oldest[0]}.{minor}" for minor in range(oldest[1], newest[1] + 1)]
    fetched = [minor for minor in minors if fetch(minor, top / minor)]
    print(f"Fetched TensorFlow {', '.join(fetched) or '(none)'} into {top}")
    return 0 if fetched else 1


if __name__ == "__main__":
    sys.exit(main())
