"""Take over the working week's newest transcript as the expected one: `python -m tests.scenarios.accept_week`.

Read the difference first (`git diff` shows it afterwards): whatever stands in it is what people will see.
"""

import shutil

from tests.scenarios.test_working_week import ACTUAL, GOLDEN

if __name__ == "__main__":
    shutil.copyfile(ACTUAL, GOLDEN)
