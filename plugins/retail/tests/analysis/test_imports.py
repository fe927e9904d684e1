import subprocess
import sys


def test_the_analytics_need_neither_numpy_nor_scipy():
    code = "import sys; sys.modules.update(numpy=None, scipy=None); import guanxi_retail.analysis.measures"
    subprocess.run([sys.executable, "-c", code], check=True)
