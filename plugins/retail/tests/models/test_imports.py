import subprocess
import sys

import pytest


@pytest.mark.parametrize("absent", ["numpy", "scipy"])
def test_without_the_extra_the_models_say_what_to_install(absent):
    code = f"import sys; sys.modules[{absent!r}] = None; import guanxi_retail.analysis.models"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "ImportError: guanxi_retail.analysis.models needs NumPy and SciPy" in done.stderr
    assert "guanxi-retail[models]" in done.stderr
