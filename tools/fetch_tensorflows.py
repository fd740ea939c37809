"""Fetch what an op library is built from, for every TensorFlow this Python can run.

Usage: fetch_tensorflows.py FOLDER [MINOR...], where a MINOR is such as 2.18; without one, every
supported minor version. Makes FOLDER/<major.minor>/tensorflow with the headers and the framework
library only, and the package's metadata beside it; TLR_TENSORFLOW_DIRS='FOLDER/*' then builds one
op library for each, into one wheel.
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

# Where pip reaches no index it says the same words with `none` for the versions.
_OTHERS_ONLY = re.compile(r"that satisfies the requirement .* \(from versions: \d")


def fetch(minor: str, folder: Path) -> bool:
    """Downloads TensorFlow `minor` and unpacks what a build needs into `folder`.

    Returns:
      Whether there is such a TensorFlow for this Python.

    Raises:
      RuntimeError: It could not be downloaded. To go on would make a wheel that lacks it.
    """
    with tempfile.TemporaryDirectory() as downloads:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--dest", downloads, f"tensorflow=={minor}.*"]
        pip = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        if pip.returncode:
            if _OTHERS_ONLY.search(pip.stderr):
                return False
            raise RuntimeError(f"pip could not download TensorFlow {minor}:\n{pip.stderr}")
        (wheel,) = Path(downloads).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(
                folder, [name for name in archive.namelist() if _NEEDED.fullmatch(name)]
            )
    return True


def main() -> int:
    """Fetches the minor versions asked for; fails if there is none."""
    top = Path(sys.argv[1])
    shutil.rmtree(top, ignore_errors=True)
    oldest, newest = find_tensorflow.OLDEST, find_tensorflow.NEWEST
    supported = [f"{oldest[0]}.{minor}" for minor in range(oldest[1], newest[1] + 1)]
    minors = sys.argv[2:] or supported
    fetched = [minor for minor in minors if fetch(minor, top / minor)]
    print(f"Fetched TensorFlow {', '.join(fetched) or '(none)'} into {top}")
    return 0 if fetched else 1


if __name__ == "__main__":
    sys.exit(main())
