"""`python -m imtui`: the same as the `imtui` command."""

import sys

from imtui.cli import main

if __name__ == "__main__":
    sys.exit(main())
